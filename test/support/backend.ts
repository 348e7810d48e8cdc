import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { BackendName } from '../../src/contract/constants/backends.ts';
import { graphRunner, parseBackendName, useBackend } from '../../src/native/backend.ts';
import type { GraphRunner } from '../../src/native/whole-graph.ts';

// Graphs that tests write for TensorFlow are nobody's business at home.
process.env['ATTEND_CACHE'] ??= join(tmpdir(), 'attend-test-cache');

/** The backend that this run of the suite uses: ATTEND_BACKEND, or WASM, which every machine has. */
export const backendUnderTest: BackendName = parseBackendName(process.env['ATTEND_BACKEND']) ?? 'wasm';

/** What tfjs calls the backend under test: ONNX Runtime's tensors are held by plain JavaScript. */
export const TFJS_BACKEND = ({ onnx: 'cpu', native: 'tensorflow', wasm: 'wasm' } as const)[backendUnderTest];

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

/** `describe` for whole graphs, which the WASM backend does not run; there it is skipped, and its name says so. */
export function describeGraphs(name: string, body: () => void): void {
  if (backendUnderTest !== 'wasm') describe(name, body);
  else describe.skip(`${name} (needs ATTEND_BACKEND=onnx or native)`, body);
}

/** `it` for the same, inside a `describe` whose other tests run everywhere. */
export const itGraphs = backendUnderTest === 'wasm' ? it.skip : it;

/** `describe` for what needs ONNX Runtime, whichever backend is under test; skipped where the package is not installed. */
export const describeOnnx = isInstalled('onnxruntime-node') ? describe : describe.skip;

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

/** What runs whole graphs on the backend under test. */
export function runnerUnderTest(): GraphRunner {
  const runner = graphRunner();
  if (!runner) throw new Error(`The ${backendUnderTest} backend does not run whole graphs.`);
  return runner;
}

/** `it` for what `describeNative` describes, inside a `describe` whose other tests run everywhere. */
export const itNative = backendUnderTest === 'native' ? it : it.skip;

/** Runs `action` and expects as many tensors after it as before; what it returns must hold none. */
export async function expectNoLeak<T>(action: () => T | Promise<T>): Promise<T> {
  const before = tf.memory().numTensors;
  const result = await action();
  expect(tf.memory().numTensors, 'tensors after, as before').toBe(before);
  return result;
}
