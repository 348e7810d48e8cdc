import { svelte } from '@sveltejs/vite-plugin-svelte';
import { build } from 'vite';
import { buildOnce, builtFolder } from './build-once.ts';

/** A page, built when a test first asks for it. @param root of its sources @returns the folder that it is in */
export async function builtPage(name: string, root: string): Promise<string> {
  await buildOnce(name, (outDir) =>
    build({
      root,
      base: './',
      configFile: false,
      logLevel: 'error',
      plugins: [svelte({ configFile: false })],
      build: { outDir, emptyOutDir: true },
    }),
  );
  return builtFolder(name);
}
