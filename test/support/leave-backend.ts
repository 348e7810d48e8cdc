import * as tf from '@tensorflow/tfjs-core';
import { afterAll, expect } from 'vitest';
import { backendUnderTest, TFJS_BACKEND } from './backend.ts';

// The next test file may run in this process.
afterAll(() => {
  if (backendUnderTest === 'onnx') return;
  expect([TFJS_BACKEND, undefined, null, ''], 'the backend that is left to the next test file').toContain(
    tf.getBackend(),
  );
});
