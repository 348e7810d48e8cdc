import * as tf from '@tensorflow/tfjs-core';

/** What follows a convolution. ReLU6 is min(max(x, 0), 6). */
export type Activation = 'linear' | 'relu' | 'relu6';

export interface ConvolutionOptions {
  stride: number;
  /** "same" is TensorFlow's SAME: an odd pixel of padding goes to the bottom and to the right. */
  pad: 'same' | 'valid';
  activation: Activation;
  /** One filter a channel; the kernel is then [height, width, channels, 1]. */
  depthwise: boolean;
}

interface KernelNames {
  forward: string;
  inputGradient: string;
  kernelGradient: string;
}

const DENSE: KernelNames = {
  forward: tf.FusedConv2D,
  inputGradient: tf.Conv2DBackpropInput,
  kernelGradient: tf.Conv2DBackpropFilter,
};

const DEPTHWISE: KernelNames = {
  forward: tf.FusedDepthwiseConv2D,
  inputGradient: tf.DepthwiseConv2dNativeBackpropInput,
  kernelGradient: tf.DepthwiseConv2dNativeBackpropFilter,
};

/**
 * activation(convolve(x, kernel) + bias) as one operation, in training too.
 *
 * tf.fused.conv2d falls apart into convolution, addition and activation as soon as a gradient is asked
 * for, and keeps all three results for the way back. All that the way back needs of them is the last
 * one: both activations show in their output where they let the gradient through.
 *
 * @param x [batch, height, width, channels]
 * @param kernel [height, width, channels in, channels out], or [height, width, channels, 1] if depthwise
 * @param bias [channels out]
 * @returns [batch, height out, width out, channels out]
 */
export function convolution(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor1D,
  { stride, pad, activation, depthwise }: ConvolutionOptions,
): tf.Tensor4D {
  const names = depthwise ? DEPTHWISE : DENSE;
  const placing = { strides: [stride, stride], pad, dataFormat: 'NHWC', dilations: [1, 1] };
  const run = (name: string, inputs: tf.NamedTensorMap, attributes: object): tf.Tensor =>
    tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap);

  const operation = tf.customGrad((...given) => {
    const [input, filter, offset, save] = given as unknown as [tf.Tensor, tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    const value = run(names.forward, { x: input, filter, bias: offset }, { ...placing, activation });
    save([input, filter, value]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] => {
      const [input, filter, value] = saved as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      const d = tf.mul(dy, passes(value, activation));
      const dInput = run(names.inputGradient, { dy: d, filter }, { ...placing, inputShape: input.shape });
      const dFilter = run(names.kernelGradient, { x: input, dy: d }, { ...placing, filterShape: filter.shape });
      return [dInput, dFilter, tf.sum(d, [0, 1, 2])];
    };
    return { value, gradFunc };
  });
  return operation(x, kernel, bias) as tf.Tensor4D;
}

/** 1 where the activation with this output lets the gradient through, else 0. */
function passes(output: tf.Tensor, activation: Activation): tf.Tensor {
  switch (activation) {
    case 'linear':
      return tf.scalar(1);
    case 'relu':
      return tf.step(output);
    case 'relu6':
      return tf.cast(tf.logicalAnd(tf.greater(output, 0), tf.less(output, 6)), 'float32');
  }
}
