import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // A process for each file: tfjs keeps one backend for a process, and native code does not like threads.
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
        extends: true,
        test: {
          name: 'node',
          include: ['test/**/*.test.{ts,mjs}'],
          exclude: ['test/renderer/**'],
          globalSetup: ['test/support/build-decoder.ts'],
          setupFiles: ['test/support/use-decoder.ts'],
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
