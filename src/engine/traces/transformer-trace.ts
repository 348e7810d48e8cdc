import * as tf from '@tensorflow/tfjs-core';
import { padBy, padTokens } from '../batches/padded-tokens.ts';
import { assertBelow } from '../models/looks.ts';
import type { Transformer } from '../models/transformer.ts';
import type { Probe } from '../probe.ts';
import { likeliestOf } from './likeliest.ts';
import { numbersOf, Recording } from './recording.ts';
import { changedScores, type LookTrace, type ScoreChange, type StepTrace } from './step-trace.ts';

/** One head of a Transformer, and which of its queries. */
export interface HeadPlace {
  /** `source`: target at source; `decoder`: target at the target so far; `encoder`: source at source. */
  kind: 'source' | 'decoder' | 'encoder';
  /** From 0, as are the others. */
  layer: number;
  head: number;
  /** Of the encoder: the token of the source that asks. Elsewhere the last one that is fed asks. */
  query?: number | undefined;
}

/** What a Transformer adds to the trace of a step. */
export interface HeadTrace extends StepTrace {
  look: LookTrace;
  /** The place of the asking token in its sequence, and PE of it, [size]. */
  place: number;
  position: Float32Array;
  /** The frame of the sub-layer: x, what all heads together give for it, and the sum, normalised where the model does so behind it; [size]. */
  residual: { before: Float32Array; added: Float32Array; after: Float32Array };
  /** α of every query, [queries][locations]; 0 where a mask hides a location. */
  allWeights: Float32Array[];
  /** PE of all places of that sequence, [places][size]. */
  positions: Float32Array[];
  mask: MaskTrace;
}

/** A mask at work in a head: what the softmax is given and what it gives, of every query. */
export interface MaskTrace {
  /**
   * `causal`: no token of the target sees those behind it; `padding`: nobody sees what only fills a batch, here as beside
   * a sentence that is two tokens longer.
   */
  kind: 'causal' | 'padding';
  /** −∞ where it hides a location, [queries][locations]. */
  scores: Float32Array[];
  /** [queries][locations]. */
  weights: Float32Array[];
}

/** Tokens of padding that a mask is shown with. */
const PADDING = 2;

/**
 * How one head of a Transformer looks, and what comes of it, while the model writes the token after some tokens.
 *
 * Keys and queries are compared as q kᵀ, where q is divided by √d_k already.
 *
 * @param source tokens of the sentence, as the encoder reads them
 * @param written tokens of the translation before
 * @param options see `traceCaptioner`
 * @param change of the scores of this head's one query
 * @throws RangeError where there is no such head or query, or a change does not fit
 */
export function traceTransformer(
  model: Transformer,
  source: readonly number[],
  written: readonly number[],
  { head, kind, layer, query = 0 }: HeadPlace,
  options: { count: number; never?: readonly number[] },
  change: ScoreChange = {},
): HeadTrace {
  const { config } = model;
  assertBelow('layer', layer, kind === 'encoder' ? config.encoderLayers : config.decoderLayers);
  assertBelow('head', head, config.heads);
  const place = kind === 'encoder' ? query : written.length;
  if (kind === 'encoder') assertBelow('token', place, source.length);
  const side = kind === 'encoder' ? 'encoder' : 'decoder';
  const part = { source: `decoder/${layer}/source`, decoder: `decoder/${layer}/self`, encoder: `encoder/${layer}` }[
    kind
  ];
  let own!: Float32Array;
  const put: Probe = (name, x) => {
    if (name !== `${part}/energies`) return x;
    const all = numbersOf(x);
    const [, , queries = 0, locations = 0] = x.shape;
    const from = (head * queries + place) * locations;
    own = all.slice(from, from + locations);
    all.set(changedScores(own, change), from);
    return tf.tensor(all, x.shape) as typeof x;
  };
  const record = new Recording(put);
  const logProbabilities = model.probed(padTokens([source]), written, record.probe);
  try {
    const perHead = (name: string): Float32Array[] => {
      const vectors = record.vectors(`${part}/${name}`);
      const count = vectors.length / config.heads;
      return vectors.slice(head * count, (head + 1) * count);
    };
    const ofPlace = (name: string): Float32Array => record.vectors(name)[place] as Float32Array;
    const last = written.length;
    const output = record.vectors('output')[last] as Float32Array;
    const all = numbersOf(logProbabilities);
    const tokens = all.length / (last + 1);
    return {
      look: {
        form: 'product',
        asking: ofPlace(`${part}/asks`),
        query: perHead('queries')[place] as Float32Array,
        keys: perHead('keys'),
        values: perHead('values'),
        scores: own,
        seen: perHead('energies')[place] as Float32Array,
        weights: perHead('weights')[place] as Float32Array,
        context: perHead('heads')[place] as Float32Array,
      },
      word: ofPlace(`${side}/words`),
      place,
      position: ofPlace(`${side}/positions`),
      residual: {
        before: ofPlace(`${part}/x`),
        added: ofPlace(`${part}/sublayer`),
        after: ofPlace(`${part}/sum`),
      },
      allWeights: perHead('weights'),
      positions: record.vectors(`${side}/positions`),
      mask: maskOf(model, source, written, part, head),
      output,
      ...likeliestOf(output, model.outputLayer, all.slice(last * tokens), options.count, options.never),
    };
  } finally {
    logProbabilities.dispose();
  }
}

/** The mask of a head at work: its own where the target looks at itself, elsewhere that of a padded batch. */
function maskOf(
  model: Transformer,
  source: readonly number[],
  written: readonly number[],
  part: string,
  head: number,
): MaskTrace {
  const record = new Recording();
  model.probed(padBy(source, PADDING), written, record.probe).dispose();
  const perHead = (name: string): Float32Array[] => {
    const vectors = record.vectors(`${part}/${name}`);
    const count = vectors.length / model.config.heads;
    return vectors.slice(head * count, (head + 1) * count);
  };
  return {
    kind: part.endsWith('/self') ? 'causal' : 'padding',
    // One query alone sees everything.
    scores: perHead(record.has(`${part}/masked`) ? 'masked' : 'energies'),
    weights: perHead('weights'),
  };
}
