import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { withNewWords, withRowsFor } from '../../../src/training/captioner/beginning.ts';
import { useTestBackend } from '../../support/backend.ts';

useTestBackend();

it('puts new words behind the known ones, each once', () => {
  const known = ['<start>', '<end>', '<unk>', 'a', 'dog'];
  expect(withNewWords(known, ['<start>', '<end>', '<unk>', 'dog', 'zebra', 'a', 'yak'])).toEqual([
    ...known,
    'zebra',
    'yak',
  ]);
});

it('gives new words vectors as loud as the known ones and the least bias, and leaves other weights alone', () => {
  const known = Array.from({ length: 400 }, (_, i) => (i % 2 === 0 ? 0.3 : -0.3));
  const weights = new Map<string, tf.Tensor>([
    ['words.table', tf.tensor2d(known, [100, 4])],
    ['output.bias', tf.tensor1d(Array.from({ length: 100 }, (_, i) => i - 7))],
    ['lstm.bias', tf.tensor1d([1, 2])],
  ]);
  const draws = Array.from({ length: 800 }, (_, i) => (i + 0.5) / 800);
  const grown = withRowsFor(300, weights, () => draws.pop() as number);
  const table = grown.get('words.table')!;
  expect(table.shape).toEqual([300, 4]);
  const values = [...table.dataSync()];
  for (const [i, value] of known.entries()) expect(values[i]).toBeCloseTo(value, 6);
  const fresh = values.slice(400);
  expect(Math.sqrt(fresh.reduce((sum, value) => sum + value * value, 0) / 800)).toBeCloseTo(0.3, 4);
  expect([...grown.get('output.bias')!.dataSync()].slice(99)).toEqual([92, ...Array.from({ length: 200 }, () => -7)]);
  expect([...grown.get('lstm.bias')!.dataSync()]).toEqual([1, 2]);
  tf.dispose([...weights.values(), ...grown.values()]);
});
