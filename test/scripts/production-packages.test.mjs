import { describe, expect, it } from 'vitest';
import { packagesOnlyOf } from '../../scripts/production-packages.mjs';

describe('what the app is packed without', () => {
  it('is TensorFlow and what only it needs, and nothing that something else needs as well', () => {
    const left = packagesOnlyOf('@tensorflow/tfjs-node');
    expect(left).toContain('node_modules/@tensorflow/tfjs-node');
    expect(left).toContain('node_modules/google-protobuf');
    for (const kept of [
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-backend-wasm',
      'onnxruntime-node',
      'node-fetch',
      'sharp',
    ])
      expect(left).not.toContain(`node_modules/${kept}`);
  });
});
