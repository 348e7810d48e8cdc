import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import { expect, it } from 'vitest';
import { describeNative } from '../support/backend.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

// Starts the backend in a thread, which ends before the process does.
const SCRIPT = `
  import { Worker, isMainThread, parentPort } from 'node:worker_threads';
  import { fileURLToPath } from 'node:url';
  import { useBackend } from './backend.js';
  if (isMainThread) {
    const worker = new Worker(fileURLToPath(import.meta.url));
    const name = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    console.log(name);
  } else {
    const { name } = await useBackend('native');
    parentPort.postMessage(name);
  }
`;

describeNative('the native backend in a thread', () => {
  it('lets the process end in peace after the thread has ended', async () => {
    const folder = await mkdtemp(join(root, 'node_modules', '.cache-attend-'));
    try {
      buildSync({
        absWorkingDir: root,
        entryPoints: { backend: 'src/native/backend.ts' },
        outdir: folder,
        bundle: true,
        format: 'esm',
        platform: 'node',
        packages: 'external',
      });
      await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
      await writeFile(join(folder, 'main.js'), SCRIPT);
      // A signal would reject.
      const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'main.js')]);
      expect(stdout).toBe('native\n');
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }, 60_000);
});
