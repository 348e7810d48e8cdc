import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BackendName } from '../../src/contract/constants/backends.ts';
import { parseBackendName, useBackend } from '../../src/native/backend.ts';

/** The backend that this run of the suite uses: ATTEND_BACKEND, or WASM, which every machine has. */
export const backendUnderTest: BackendName = parseBackendName(process.env['ATTEND_BACKEND']) ?? 'wasm';

/** Starts the backend under test before the tests of the file. */
export function useTestBackend(): void {
  beforeAll(async () => {
    await useBackend(backendUnderTest);
  }, 60_000);
}

/** `describe` for what only the native backend can do (some gradients); elsewhere it is skipped, and its name says so. */
export function describeNative(name: string, body: () => void): void {
  if (backendUnderTest === 'native') describe(name, body);
  else describe.skip(`${name} (needs ATTEND_BACKEND=native)`, body);
}

/** `it` for the same, inside a `describe` whose other tests run everywhere. */
export const itNative = backendUnderTest === 'native' ? it : it.skip;

/** Runs `action` and expects as many tensors after it as before; what it returns must hold none. */
export async function expectNoLeak<T>(action: () => T | Promise<T>): Promise<T> {
  const before = tf.memory().numTensors;
  const result = await action();
  expect(tf.memory().numTensors, 'tensors after, as before').toBe(before);
  return result;
}
