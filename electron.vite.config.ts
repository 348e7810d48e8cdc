import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

// A slow machine is told how long plugins took, in an install too: nobody can do anything about it.
const checks = { pluginTimings: false };

// Builds the app into out/: main and preload for Electron, the renderer for its browser window.
export default defineConfig({
  main: {
    build: {
      // Dependencies stay outside by themselves, optional ones do not; this one looks for its program beside itself.
      externalizeDeps: { include: ['exiftool-vendored'] },
      rollupOptions: {
        checks,
        input: { index: resolve('src/main/index.ts') },
        // Beside the entry: modules look for the pages from where they are.
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      // A sandboxed preload can require nothing but electron: one CommonJS file with everything in it.
      externalizeDeps: false,
      rollupOptions: {
        checks,
        input: { index: resolve('src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src/renderer',
    // electron-vite leaves code as it is written; this page is also sent by a server.
    build: { minify: true, rollupOptions: { checks, input: { index: resolve('src/renderer/index.html') } } },
    plugins: [svelte()],
  },
});
