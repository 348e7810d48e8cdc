import * as tf from '@tensorflow/tfjs-core';

/** What plain JavaScript's backend keeps of tensors. */
interface Holder {
  makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
  data: { get(dataId: object): object };
}

/** Whether plain JavaScript holds the tensors, as beside ONNX Runtime. */
export function isPlain(): boolean {
  return tf.getBackend() === 'cpu';
}

/**
 * A tensor whose numbers come when somebody asks for them. Needs plain JavaScript to hold the tensors.
 * @param read called each time that they are asked for
 */
export function lateTensor(shape: readonly number[], read: () => Float32Array): tf.Tensor {
  const holder = tf.backend() as unknown as Holder;
  const info = holder.makeTensorInfo([...shape], 'float32', new Float32Array(0));
  Object.defineProperty(holder.data.get(info.dataId), 'values', { get: read });
  return tf.engine().makeTensorFromTensorInfo(info);
}
