import * as tf from '@tensorflow/tfjs-core';
import type { WeightArray } from '../checkpoint/checkpoint.ts';
import { encode, parseEncoderGraph, weightNames, type EncoderGraph } from '../encoder/encoder-graph.ts';
import { assertPixels, type Encoder } from '../encoder/encoder.ts';
import type { ShowAttendTellConfig } from '../models/show-attend-tell.ts';
import type { Parameters } from '../parameters.ts';
import { END, START } from '../text/vocabulary.ts';
import { ConfigReader, MOST } from './config-reader.ts';
import { PublishedWeights, turned } from './published-weights.ts';
import type { PublishedTensor } from './safetensors.ts';

/** A captioner and the network that sees for it. */
export interface ShowAttendTellParts {
  captioner: ShowAttendTellConfig;
  encoder: EncoderGraph;
}

/** Names of the encoder's weights beside the captioner's. */
const ENCODER = 'encoder/';

/**
 * Reads `config.json`, as scripts/convert/show_attend_tell.py writes it:
 *
 *     { "model_type": "show-attend-tell",
 *       "encoder_dim": 2048, "attention_dim": 512, "embed_dim": 512, "decoder_dim": 512, "vocab_size": 9490,
 *       "encoder": a network as `EncoderGraph` has it, whose tap "last" is a grid of 14 x 14 }
 *
 * `model.safetensors` has the tutorial's decoder under its own names behind `decoder.` (`attention.encoder_att.weight`, …,
 * `fc.bias`), and each convolution of the encoder, with the batch normalisation folded in, under the names of its node.
 * `vocab.json` has the words with their numbers.
 *
 * @param words by their numbers
 * @throws Error that names what is missing or of another form
 */
export function showAttendTellConfig(config: unknown, words: readonly string[]): ShowAttendTellParts {
  const read = new ConfigReader(config, 'config.json');
  read.must('model_type', 'show-attend-tell');
  let encoder: EncoderGraph;
  try {
    encoder = parseEncoderGraph(read.get('encoder'));
  } catch (cause) {
    throw new Error(`config.json's encoder: ${(cause as Error).message}`, { cause });
  }
  const last = encoder.nodes.find(({ id }) => id === encoder.taps['last']);
  if (last?.op !== 'grid') throw new Error("config.json's encoder does not end with a grid.");
  const vocabularySize = read.whole('vocab_size', 3, MOST.tokens);
  if (words.length !== vocabularySize) {
    throw new Error(`vocab.json has ${words.length} words; config.json's vocab_size is ${vocabularySize}.`);
  }
  return {
    encoder,
    captioner: {
      grid: [last.rows, last.columns],
      featureSize: read.whole('encoder_dim', 1, MOST.size),
      attentionSize: read.whole('attention_dim', 1, MOST.size),
      embeddingSize: read.whole('embed_dim', 1, MOST.size),
      hiddenSize: read.whole('decoder_dim', 1, MOST.size),
      vocabularySize,
      startToken: numberOf(words, START),
      endToken: numberOf(words, END),
    },
  };
}

function numberOf(words: readonly string[], word: string): number {
  const number = words.indexOf(word);
  if (number < 0) throw new Error(`vocab.json lacks the word ${word}.`);
  return number;
}

/** The weights under the names of `ShowAttendTell`, and the encoder's. @throws Error that names a weight that is missing or of another shape */
export function showAttendTellWeights(
  tensors: ReadonlyMap<string, PublishedTensor>,
  { captioner, encoder }: ShowAttendTellParts,
): Map<string, WeightArray> {
  const { attentionSize, embeddingSize, featureSize, hiddenSize, vocabularySize } = captioner;
  const published = new PublishedWeights(tensors);
  const linear = (own: string, theirs: string, inputs: number, outputs: number): void =>
    published.linear(own, `decoder.${theirs}`, inputs, outputs);
  linear('attention.annotation', 'attention.encoder_att', featureSize, attentionSize);
  linear('attention.state', 'attention.decoder_att', hiddenSize, attentionSize);
  linear('attention.score', 'attention.full_att', attentionSize, 1);
  published.take('words.table', 'decoder.embedding.weight', [vocabularySize, embeddingSize]);
  linear('start.h', 'init_h', featureSize, hiddenSize);
  linear('start.c', 'init_c', featureSize, hiddenSize);
  linear('gate', 'f_beta', hiddenSize, featureSize);
  linear('output', 'fc', hiddenSize, vocabularySize);
  const weights = published.weights;
  for (const [name, array] of lstmWeights(tensors, embeddingSize + featureSize, hiddenSize)) weights.set(name, array);
  for (const [name, array] of encoderWeights(tensors, encoder, featureSize)) weights.set(`${ENCODER}${name}`, array);
  return weights;
}

/** Gates come in the order i, f, g, o, [4 size, inputs] and [4 size, size]; ours are i, f, o, g in one kernel. */
function lstmWeights(
  tensors: ReadonlyMap<string, PublishedTensor>,
  inputs: number,
  size: number,
): [string, WeightArray][] {
  const read = (part: string, shape: number[]): Float32Array => {
    const published = new PublishedWeights(tensors);
    published.take('one', `decoder.decode_step.${part}`, shape);
    return published.weights.get('one')!.data;
  };
  const order = (rows: Float32Array): Float32Array => {
    const part = rows.length / 4;
    const own = rows.slice();
    own.set(rows.subarray(3 * part), 2 * part);
    own.set(rows.subarray(2 * part, 3 * part), 3 * part);
    return own;
  };
  const kernel = new Float32Array((inputs + size) * 4 * size);
  kernel.set(turned(order(read('weight_ih', [4 * size, inputs])), 4 * size, inputs));
  kernel.set(turned(order(read('weight_hh', [4 * size, size])), 4 * size, size), inputs * 4 * size);
  const [one, other] = [read('bias_ih', [4 * size]), read('bias_hh', [4 * size])];
  const bias = order(one.map((number, i) => number + (other[i] as number)));
  return [
    ['lstm.kernel', { shape: [inputs + size, 4 * size], data: kernel }],
    ['lstm.bias', { shape: [4 * size], data: bias }],
  ];
}

/** Kernels [out, in, height, width] as [height, width, in, out], each as wide as what goes in. */
function encoderWeights(
  tensors: ReadonlyMap<string, PublishedTensor>,
  { nodes, taps }: EncoderGraph,
  featureSize: number,
): Map<string, WeightArray> {
  const weights = new Map<string, WeightArray>();
  const channels = new Map<string, number>([['input', 3]]);
  const find = (name: string): PublishedTensor => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`The file of weights lacks ${name}.`);
    return tensor;
  };
  for (const node of nodes) {
    const before = channels.get(node.in[0]) as number;
    if (node.op !== 'conv') {
      const more = node.op === 'concat' ? (channels.get(node.in[1]) as number) : 0;
      if (node.op === 'add' && channels.get(node.in[1]) !== before) {
        throw new Error(`config.json's encoder adds ${node.in.join(' and ')}, which are not of one width.`);
      }
      channels.set(node.id, before + more);
      continue;
    }
    const { data, shape } = find(node.w);
    const [out = 0, inputs, height = 0, width = 0] = shape;
    if (shape.length !== 4 || inputs !== before || (node.groups ?? 1) !== 1) {
      throw new Error(`The weight ${node.w} has the shape [${shape.join(', ')}]; its layer takes ${before} channels.`);
    }
    const own = new Float32Array(data.length);
    for (let o = 0, from = 0; o < out; o++) {
      for (let i = 0; i < before; i++) {
        for (let place = 0; place < height * width; place++)
          own[(place * before + i) * out + o] = data[from++] as number;
      }
    }
    weights.set(node.w, { shape: [height, width, before, out], data: own });
    const bias = find(node.b);
    if (bias.data.length !== out) throw new Error(`The weight ${node.b} has not ${out} numbers.`);
    weights.set(node.b, { shape: [out], data: bias.data });
    channels.set(node.id, out);
  }
  if (channels.get(taps['last'] as string) !== featureSize) {
    throw new Error(`config.json's encoder_dim is ${featureSize}; its encoder ends with another width.`);
  }
  return weights;
}

/** The network that sees. @param shapes of its weights, by their names in the checkpoint */
export function showAttendTellEncoder(
  { captioner, encoder: graph }: ShowAttendTellParts,
  parameters: Parameters,
  shapes: ReadonlyMap<string, { readonly shape: readonly number[] }>,
): Encoder {
  const weights = new Map(
    weightNames(graph.nodes).map((name) => {
      const shape = shapes.get(`${ENCODER}${name}`)?.shape;
      if (!shape) throw new Error(`The encoder's weight ${name} is missing.`);
      return [name, parameters.get(`${ENCODER}${name}`, [...shape])] as const;
    }),
  );
  const { featureSize, grid } = captioner;
  return {
    name: graph.name,
    inputSize: graph.input.size,
    grid,
    channels: featureSize,
    encode(pixels) {
      assertPixels(pixels, graph.input.size);
      return tf.tidy(() => tf.reshape(encode(graph, weights, pixels), [-1, grid[0] * grid[1], featureSize]));
    },
    // The weights are the parameters', which go with them.
    dispose: () => undefined,
  };
}
