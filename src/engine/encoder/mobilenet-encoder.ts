import * as mobilenet from '@tensorflow-models/mobilenet';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { assertPixels } from './encoder.ts';
import type { Encoder } from './encoder.ts';
import type { EncoderMetadata } from './encoder-graph-model.ts';

/**
 * An encoder through @tensorflow-models/mobilenet, on whichever backend runs.
 *
 * The package is given our own graph model (the addresses that it knows answer 403, tfjs issue 8595).
 * Its `infer` has only the pooled vector, so the grid is fetched from the graph model inside it.
 *
 * @param model a graph model made by `encoderGraphModel`, or a handler that loads one
 * @throws Error where the model is not such a one
 */
export async function loadEncoder(model: tf.io.ModelArtifacts | tf.io.IOHandler): Promise<Encoder> {
  const handler = isHandler(model) ? model : { load: () => Promise.resolve(model) };
  const network = await mobilenet.load({ version: 2, alpha: 1, modelUrl: handler, inputRange: [-1, 1] });
  const graphModel = (network as unknown as { model: GraphModel }).model;
  const metadata = (graphModel.metadata as { encoder?: EncoderMetadata } | undefined)?.encoder;
  if (!metadata) {
    graphModel.dispose();
    throw new Error('The graph model is not an encoder: it does not say which node holds the grid.');
  }
  const { name, gridNode, inputSize, rows, columns, channels } = metadata;
  return {
    name,
    inputSize,
    grid: [rows, columns],
    channels,
    encode(pixels) {
      assertPixels(pixels, inputSize);
      return tf.tidy(() => {
        const images = tf.sub(tf.div(tf.cast(pixels, 'float32'), 127.5), 1);
        const grid = graphModel.execute(images, gridNode) as tf.Tensor4D;
        return tf.reshape(grid, [-1, rows * columns, channels]);
      });
    },
    dispose: () => graphModel.dispose(),
  };
}

const isHandler = (model: tf.io.ModelArtifacts | tf.io.IOHandler): model is tf.io.IOHandler =>
  typeof (model as tf.io.IOHandler).load === 'function';
