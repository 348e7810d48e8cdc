import * as tf from '@tensorflow/tfjs-core';
import { assertPixels } from '../engine/encoder/encoder.ts';
import type { Encoder } from '../engine/encoder/encoder.ts';
import { IMAGES_NODE } from '../engine/encoder/encoder-graph-model.ts';
import type { EncoderMetadata } from '../engine/encoder/encoder-graph-model.ts';
import { binary, exactFloats, placeholder, prune } from '../engine/graph/graph-def.ts';
import type { GraphDef, NodeDef } from '../engine/graph/graph-def.ts';
import { fromGraphModel } from '../engine/graph/tfjs-graph-model.ts';
import type { GraphOrigin, GraphRunner } from './whole-graph.ts';

const PIXELS_NODE = 'pixels';

/**
 * The same encoder as `loadEncoder`, run as one graph instead of operation by operation.
 *
 * @param artifacts a graph model made by `encoderGraphModel`
 */
export async function loadNativeEncoder(
  artifacts: tf.io.ModelArtifacts,
  runner: GraphRunner,
  origin?: GraphOrigin,
): Promise<Encoder> {
  const { name, inputSize, rows, columns, channels } = metadataOf(artifacts);
  const graph = await runner.load(() => encoderGraphOf(artifacts), 'encoder', origin);
  return {
    name,
    inputSize,
    grid: [rows, columns],
    channels,
    encode(pixels) {
      assertPixels(pixels, inputSize);
      return tf.tidy(() => {
        const { grid } = graph.run({ pixels: tf.cast(pixels, 'float32') });
        return tf.reshape(grid as tf.Tensor4D, [-1, rows * columns, channels]);
      });
    },
    dispose: () => graph.dispose(),
  };
}

function metadataOf(artifacts: tf.io.ModelArtifacts): EncoderMetadata {
  const metadata = (artifacts.userDefinedMetadata as { encoder?: EncoderMetadata } | undefined)?.encoder;
  if (!metadata) throw new Error('The graph model is not an encoder: it does not say which node holds the grid.');
  return metadata;
}

/**
 * An encoder's graph from `pixels` in 0..255, [photos, size, size, 3], to the `grid`, [photos, rows, columns, channels].
 * @param artifacts a graph model made by `encoderGraphModel`
 */
export function encoderGraphOf(artifacts: tf.io.ModelArtifacts): GraphDef {
  const { gridNode, inputSize, rows, columns, channels } = metadataOf(artifacts);
  const graph = fromGraphModel(artifacts);
  const shape = [-1, inputSize, inputSize, 3];
  // What was fed in -1..1 is now computed: x = pixel / 127.5 - 1.
  const images: NodeDef[] = [
    placeholder(PIXELS_NODE, 'float32', shape),
    exactFloats(`${IMAGES_NODE}/factor`, [1 / 127.5]),
    exactFloats(`${IMAGES_NODE}/one`, [1]),
    binary(`${IMAGES_NODE}/Mul`, 'Mul', PIXELS_NODE, `${IMAGES_NODE}/factor`),
    binary(IMAGES_NODE, 'Sub', `${IMAGES_NODE}/Mul`, `${IMAGES_NODE}/one`),
  ];
  return prune({
    nodes: [...images, ...graph.nodes.filter((node) => node.name !== IMAGES_NODE)],
    inputs: { pixels: { node: PIXELS_NODE, dataType: 'float32', shape, sizes: ['photos', ...shape.slice(1)] } },
    outputs: {
      grid: {
        node: gridNode,
        dataType: 'float32',
        shape: [-1, rows, columns, channels],
        sizes: ['photos', rows, columns, channels],
      },
    },
  });
}
