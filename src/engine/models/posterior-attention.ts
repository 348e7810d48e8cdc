import * as tf from '@tensorflow/tfjs-core';
import type { Probe } from '../probe.ts';
import type { CaptionerInputs, CaptionerOutputs, CaptionerStart } from './captioner-decoder.ts';

/** A recurrent captioner with attention. */
export interface AttentiveCaptioner {
  readonly config: { readonly startToken: number; readonly endToken: number; readonly vocabularySize: number };
  start(features: tf.Tensor3D): CaptionerStart;
  /** @param probe sees α as `weights`; who shows it none returns it */
  step(inputs: CaptionerInputs, probe?: Probe): CaptionerOutputs;
  /** The step for photos of one location; left out: `step` takes these as well. */
  alone?(inputs: CaptionerInputs): CaptionerOutputs;
  /** See `Captioner.meanGates`; left out: the mean of a photo is no part of a step. */
  meanGates?(annotations: tf.Tensor3D): tf.Tensor2D | undefined;
}

/** What a captioner's attention has to do with a word that it says. */
export interface WordSeen {
  /** The number of the word in the caption; the end comes last. */
  place: number;
  /** α: where it looks before the word is known. Of hard attention the distribution, not the location that it took. */
  prior: Float32Array;
  /** log p(y_t | y_<t, it looks at location i alone), nats. */
  logLikelihoods: Float32Array;
  /** Where it looked, given the word: see `posterior`. */
  posterior: Float32Array;
}

export interface PosteriorOptions {
  /** Whether a word is asked about (default: all, with the end). */
  isWanted?: (caption: number, place: number) => boolean;
  signal?: AbortSignal | undefined;
}

/** Words at locations that are looked at together: the scores of 512 x 10,000 words are 20 MB. */
const ROWS = 512;

/**
 * Posterior attention (Shankar and Sarawagi 2019, "Posterior Attention Models for Sequence to Sequence Learning", section 3)
 * of captions that are put into a captioner's mouth: the captions are followed with its own attention, and from the state
 * before each word the step is taken again with each location alone. A softmax over one location is 1, so that this is the
 * same step: its query, its gate and what it knows of the photo's mean stay as they were.
 *
 * For hard attention, which takes one location with probability α_i, the posterior is exactly the probability that it was
 * location i. Soft attention mixes contexts and not probabilities: Σ_i α_i p(y | i) is not its p(y), and the posterior is its
 * own answer to which of these places, looked at alone, says this word, weighed by how much it looked there.
 *
 * @param features the encoder's grid, a photo for each caption, [captions, locations, feature size]
 * @param captions word ids, without start and end
 * @returns the wanted words of each caption, in their order
 * @throws Error where the captioner has no attention; the signal's reason when aborted
 */
export async function posteriorAttention(
  captioner: AttentiveCaptioner,
  features: tf.Tensor3D,
  captions: readonly (readonly number[])[],
  { isWanted = () => true, signal }: PosteriorOptions = {},
): Promise<WordSeen[][]> {
  const seen = captions.map((): WordSeen[] => []);
  const followed = followStates(captioner, features, captions);
  try {
    const [, locations] = followed.annotations.shape;
    const words = followed.words.filter(({ caption, place }) => isWanted(caption, place));
    const rows = words.flatMap((word) => Array.from({ length: locations }, (_, location) => ({ ...word, location })));
    const likelihoods = new Float32Array(rows.length);
    for (let from = 0; from < rows.length; from += ROWS) {
      signal?.throwIfAborted();
      likelihoods.set(logLikelihoods(captioner, followed, rows.slice(from, from + ROWS)), from);
      // Lets an abort arrive.
      if (signal) await new Promise((resolve) => setTimeout(resolve));
    }
    for (const [i, { caption, place, prior }] of words.entries()) {
      const own = likelihoods.slice(i * locations, (i + 1) * locations);
      (seen[caption] as WordSeen[]).push({ place, prior, logLikelihoods: own, posterior: posterior(prior, own) });
    }
    return seen;
  } finally {
    tf.dispose([followed.h, followed.c, followed.annotations, followed.keys]);
    followed.meanGates?.dispose();
  }
}

/**
 * Bayes' rule: p(i | y) = α_i p(y | i) / Σ_j α_j p(y | j).
 * @param prior α
 * @param logLikelihoods log p(y | i), nats
 * @returns parts of 1; the prior where no location can say the word
 */
export function posterior(prior: ArrayLike<number>, logLikelihoods: ArrayLike<number>): Float32Array {
  const joint = Array.from(prior, (weight, i) => Math.log(weight) + (logLikelihoods[i] as number));
  const highest = Math.max(...joint);
  if (highest === -Infinity) return Float32Array.from(prior);
  const shares = joint.map((one) => Math.exp(one - highest));
  const sum = shares.reduce((a, b) => a + b, 0);
  return Float32Array.from(shares, (share) => share / sum);
}

/** A word of a caption and what comes before it. */
interface Followed {
  caption: number;
  place: number;
  token: number;
  /** The word before. */
  fed: number;
  /** The row of the state before it. */
  row: number;
  prior: Float32Array;
}

interface FollowedStates {
  words: Followed[];
  /** Before each word: [steps x captions, state size]. */
  h: tf.Tensor2D;
  c: tf.Tensor2D;
  annotations: tf.Tensor3D;
  keys: tf.Tensor3D;
  meanGates?: tf.Tensor2D | undefined;
}

function followStates(
  captioner: AttentiveCaptioner,
  features: tf.Tensor3D,
  captions: readonly (readonly number[])[],
): FollowedStates {
  const { endToken, startToken } = captioner.config;
  const steps = Math.max(...captions.map(({ length }) => length)) + 1;
  const words: Followed[] = [];
  // Not handed through the tidy, which would look for tensors number by number.
  const tensors = tf.tidy(() => {
    const { annotations, keys, ...first } = captioner.start(features);
    if (!keys) throw new Error('A captioner without attention looks nowhere in particular.');
    const meanGates = captioner.meanGates?.(annotations);
    const states = [first];
    for (let step = 0; step < steps; step++) {
      const state = states[step] as typeof first;
      // A caption that has come to its end goes on with the end, which nobody reads.
      const fed = captions.map((ids) => (step === 0 ? startToken : (ids[step - 1] ?? endToken)));
      const tokens = tf.tensor1d(fed, 'int32');
      let prior = new Float32Array(0);
      const next = captioner.step(
        { ...state, annotations, keys, tokens, ...(meanGates && { meanGates }) },
        (name, x) => {
          if (name === 'weights') prior = Float32Array.from(x.dataSync());
          return x;
        },
      );
      if (prior.length === 0) prior = Float32Array.from((next.weights as tf.Tensor2D).dataSync());
      const locations = prior.length / captions.length;
      for (const [caption, ids] of captions.entries()) {
        if (step > ids.length) continue;
        words.push({
          caption,
          place: step,
          token: ids[step] ?? endToken,
          fed: fed[caption] as number,
          row: step * captions.length + caption,
          prior: prior.slice(caption * locations, (caption + 1) * locations),
        });
      }
      states.push({ h: next.h, c: next.c });
    }
    const before = states.slice(0, steps);
    return {
      h: tf.concat(before.map(({ h }) => h)),
      c: tf.concat(before.map(({ c }) => c)),
      annotations,
      keys,
      ...(meanGates && { meanGates }),
    };
  });
  return { ...tensors, words };
}

/** log p of each row's word where its location is all that is looked at. */
function logLikelihoods(
  captioner: AttentiveCaptioner,
  { annotations, c, h, keys, meanGates }: FollowedStates,
  rows: readonly (Followed & { location: number })[],
): Float32Array {
  const { vocabularySize } = captioner.config;
  const [captions, locations] = annotations.shape;
  const integers = (of: (row: (typeof rows)[number], i: number) => number): tf.Tensor1D =>
    tf.tensor1d(rows.map(of), 'int32');
  const found = tf.tidy(() => {
    const places = integers(({ caption, location }) => caption * locations + location);
    const at = (x: tf.Tensor3D): tf.Tensor3D => tf.gather(tf.reshape(x, [captions * locations, 1, x.shape[2]]), places);
    const inputs = {
      h,
      c,
      rows: integers(({ row }) => row),
      tokens: integers(({ fed }) => fed),
      annotations: at(annotations),
      keys: at(keys),
      ...(meanGates && {
        meanGates: tf.gather(
          meanGates,
          integers(({ caption }) => caption),
        ),
      }),
    };
    const { logProbabilities } = captioner.alone?.(inputs) ?? captioner.step(inputs);
    const said = integers(({ token }, i) => i * vocabularySize + token);
    return tf.gather(tf.reshape(logProbabilities, [rows.length * vocabularySize]), said);
  });
  try {
    return Float32Array.from(found.dataSync());
  } finally {
    found.dispose();
  }
}
