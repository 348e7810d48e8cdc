import type * as tf from '@tensorflow/tfjs-core';
import { AttendError } from '../contract/attend-error.ts';
import type { CaptionerSteps } from '../engine/models/captioner-decoder.ts';
import type { Captioner } from '../engine/models/captioner.ts';
import {
  posteriorAttention,
  type AttentiveCaptioner,
  type PosteriorOptions,
  type WordSeen,
} from '../engine/models/posterior-attention.ts';
import type { ShowAttendTell } from '../engine/models/show-attend-tell.ts';
import { prepareOperations } from '../native/backend.ts';
import { meanMap } from './found.ts';
import type { CaptionerModel } from './ready-captioner.ts';

/** The captioner whose attention there is a posterior of; nothing of others, which have none or many. */
export function attentiveOf({
  captioner,
  showAttendTell,
}: Pick<CaptionerModel, 'captioner' | 'showAttendTell'>): Captioner | ShowAttendTell | undefined {
  if (captioner) return captioner.config.attention === 'none' ? undefined : captioner;
  return showAttendTell?.captioner;
}

/** @throws AttendError `bad-request` where there is none, see `attentiveOf` */
export function assertPosterior(model: CaptionerModel): Captioner | ShowAttendTell {
  const captioner = attentiveOf(model);
  if (captioner) return captioner;
  throw new AttendError(
    'bad-request',
    `${model.name} cannot tell where it looked once it knows the word: only recurrent captioners with attention can.`,
  );
}

/**
 * See `posteriorAttention`, the fastest way that the backend has.
 * @throws AttendError `bad-request` where there is none
 */
export async function posteriorOf(
  model: CaptionerModel,
  features: tf.Tensor3D,
  captions: readonly (readonly number[])[],
  options?: PosteriorOptions,
): Promise<WordSeen[][]> {
  return posteriorAttention(await fastest(assertPosterior(model), model.steps), features, captions, options);
}

/** @param steps of the captioner */
async function fastest(
  captioner: Captioner | ShowAttendTell,
  steps: CaptionerSteps | undefined,
): Promise<AttentiveCaptioner> {
  const alone = await steps?.alone?.();
  // A graph tells where hard attention looked, and not with which probability.
  const isTold = !('attention' in captioner.config) || captioner.config.attention !== 'hard';
  const whole = alone && isTold ? steps : undefined;
  if (!whole) await prepareOperations();
  return {
    config: captioner.config,
    start: (features) => (whole ?? captioner).start(features),
    step({ meanGates, ...inputs }, probe) {
      // The graph of a step computes them itself.
      return whole ? whole.step(inputs) : captioner.step({ ...inputs, ...(meanGates && { meanGates }) }, probe);
    },
    meanGates: (annotations) => ('meanGates' in captioner ? captioner.meanGates(annotations) : undefined),
    ...(alone && { alone }),
  };
}

/**
 * Where a captioner looked for each word of some captions, given the word. The pieces of a word are words of their own to the
 * captioner, each with a look of its own: the word's map is the mean of their posteriors, as where it looked is the mean of
 * their α. (A product would say that all of them were said from one place.)
 *
 * @param features the encoder's grid of the photo, [1, locations, feature size]
 * @param captions the tokens of each
 * @returns [captions][words][cells]
 */
export async function posteriorMaps(
  model: CaptionerModel,
  features: tf.Tensor3D,
  captions: readonly (readonly number[])[],
  signal?: AbortSignal,
): Promise<number[][][]> {
  const maps: number[][][] = [];
  for (const tokens of captions) {
    const isWanted = (_: number, place: number): boolean => place < tokens.length;
    const [seen = []] = await posteriorOf(model, features, [tokens], { isWanted, signal });
    const groups = model.vocabulary.group(tokens);
    maps.push(
      groups.map(({ count, first }) => meanMap(seen.slice(first, first + count).map(({ posterior }) => posterior))),
    );
  }
  return maps;
}
