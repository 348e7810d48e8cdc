import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/**
 * What computes: its test files share processes, which saves each the loading of tfjs. Those that put something else in the
 * place of a module of Node, or train on plain JavaScript and so change the backend, have a process of their own, as all
 * others have.
 */
const COMPUTING = [
  'test/engine/!(laboratory)/**/!(rows|snail|memory-network|convolutional-sequence).test.ts',
  'test/{api,bench,captioning,contract,maps,model-folders,photos,pictures,service,training,translation}/**/!(directory-store).test.ts',
];

export default defineConfig({
  test: {
    // Processes: tfjs keeps one backend for a process, and native code does not like threads.
    pool: 'forks',
    // Of two cores Vitest would leave one to itself; but tests wait, too: for files, for a browser, for a command line.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // The first use of a backend loads its library; on a busy machine that takes a while.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What a browser does may take a while, too.
    expect: { poll: { timeout: 20_000 } },
    // The gradients of TensorFlow.js' core are in modules that Node by itself takes for CommonJS.
    server: { deps: { inline: [/tfjs-core\/dist\/(?!tf-core)/] } },
    projects: [
      {
        // A process for each file.
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.{ts,mjs}'],
          exclude: ['test/renderer/**', ...COMPUTING],
          globalSetup: ['test/support/build-decoder.ts'],
          setupFiles: ['test/support/use-decoder.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'computing',
          include: COMPUTING,
          // Beside ONNX Runtime another backend is started as it is wanted, and stays.
          isolate: process.env['ATTEND_BACKEND'] === 'onnx',
          globalSetup: ['test/support/build-decoder.ts'],
          setupFiles: ['test/support/use-decoder.ts', 'test/support/leave-backend.ts'],
        },
      },
      {
        // The page's components, in a document that is no browser's.
        extends: true,
        plugins: [svelte({ configFile: false })],
        resolve: { conditions: ['browser'] },
        test: { name: 'renderer', include: ['test/renderer/**/*.test.ts'], environment: 'happy-dom' },
      },
    ],
  },
});
