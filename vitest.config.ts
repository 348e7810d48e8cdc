import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A process for each file: tfjs keeps one backend for a process, and native code does not like threads.
    pool: 'forks',
    // The first use of a backend loads its library; on a busy machine that takes a while.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
