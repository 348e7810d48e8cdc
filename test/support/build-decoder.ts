import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';
// @ts-expect-error A script without types.
import { forNode } from '../../scripts/bundle.mjs';

declare module 'vitest' {
  interface ProvidedContext {
    /** The script of the process that decodes photos. */
    decoder: string;
  }
}

/** Builds the decoder of photos, which is a process of its own, for all tests; it goes afterwards, as all that they share. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const outdir = `.cache/tests-${randomBytes(4).toString('hex')}`;
  await build(forNode({ photos: 'src/workers/photos.ts' }, outdir));
  project.provide('decoder', join(root, outdir, 'photos.js'));
  project.provide('builds', join(root, outdir, 'builds'));
  return () => rm(join(root, outdir), { recursive: true, force: true, maxRetries: 3 });
}
