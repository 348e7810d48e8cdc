import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { trace } from '../../src/engine/graph/trace.ts';
import { freeAtOnce, hold } from '../../src/native/free-at-once.ts';
import { onnxRuntime } from '../../src/native/onnx-runtime.ts';
import { backendUnderTest, expectNoLeak, useTestBackend } from '../support/backend.ts';

useTestBackend();

// Elsewhere it is not plain JavaScript that holds the tensors.
(backendUnderTest === 'onnx' ? describe : describe.skip)('what a search leaves behind', () => {
  // Its port is closed in another turn.
  beforeAll(async () => {
    for (let turn = 0; turn < 3; turn++) await setImmediate();
  });

  test('goes at once, but not before the last tensor that shares it, and who holds it', () => {
    const array = Float32Array.of(1, 2, 3);
    const tensor = tf.tensor1d(array);
    freeAtOnce({ tensor });
    const shared = tf.clone(tensor);
    tensor.dispose();
    expect([...shared.dataSync()]).toEqual([1, 2, 3]);
    const done = hold({ shared });
    shared.dispose();
    expect(array).toHaveLength(3);
    done();
    expect(array).toHaveLength(0);
  });

  test('is there for results that are asked for later, and these are computed then, each as often as it is read', async () => {
    await expectNoLeak(async () => {
      const traced = trace({ x: { dataType: 'float32', shape: ['rows', 2] } }, ({ x }) => ({
        few: tf.sum(x, 1),
        many: tf.mul(x, 2),
      }));
      const graph = await onnxRuntime().loadTraced(traced, 'test');
      for (const rows of [1, 3, 2]) {
        const array = Float32Array.from({ length: 2 * rows }, (_, i) => i);
        const x = tf.tensor2d(array, [rows, 2]);
        freeAtOnce({ x });
        const { few, many } = graph.run({ x }, { many: [rows, 2] });
        x.dispose();
        const doubled = Array.from({ length: 2 * rows }, (_, i) => 2 * i);
        expect(few?.shape).toEqual([rows]);
        expect([...(many as tf.Tensor).dataSync()]).toEqual(doubled);
        expect([...(many as tf.Tensor).dataSync()]).toEqual(doubled);
        expect(array).toHaveLength(2 * rows);
        tf.dispose([few, many]);
        expect(array).toHaveLength(0);
      }
      graph.dispose();
    });
  });
});
