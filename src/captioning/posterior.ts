import type * as tf from '@tensorflow/tfjs-core';
import { AttendError } from '../contract/attend-error.ts';
import {
  posteriorAttention,
  type AttentiveCaptioner,
  type PosteriorOptions,
  type WordSeen,
} from '../engine/models/posterior-attention.ts';
import { prepareOperations } from '../native/backend.ts';
import { meanMap } from './found.ts';
import type { CaptionerModel } from './ready-captioner.ts';

/** The captioner whose attention there is a posterior of; nothing of others, which have none or many. */
export function attentiveOf({ captioner, showAttendTell }: Partial<CaptionerModel>): AttentiveCaptioner | undefined {
  if (captioner) return captioner.config.attention === 'none' ? undefined : captioner;
  return showAttendTell?.captioner;
}

/** @throws AttendError `bad-request` where there is none, see `attentiveOf` */
export function assertPosterior(model: CaptionerModel): AttentiveCaptioner {
  const captioner = attentiveOf(model);
  if (captioner) return captioner;
  throw new AttendError(
    'bad-request',
    `${model.name} cannot tell where it looked once it knows the word: only recurrent captioners with attention can.`,
  );
}

/**
 * See `posteriorAttention`; operation by operation, since whole graphs look at a whole grid.
 * @throws AttendError `bad-request` where there is none
 */
export async function posteriorOf(
  model: CaptionerModel,
  features: tf.Tensor3D,
  captions: readonly (readonly number[])[],
  options?: PosteriorOptions,
): Promise<WordSeen[][]> {
  const captioner = assertPosterior(model);
  await prepareOperations();
  return posteriorAttention(captioner, features, captions, options);
}

/**
 * Where a captioner looked for each word of a caption, given the word. The pieces of a word are words of their own to the
 * captioner, each with a look of its own: the word's map is the mean of their posteriors, as where it looked is the mean of
 * their α. (A product would say that all of them were said from one place.)
 *
 * @param features the encoder's grid of the photo, [1, locations, feature size]
 * @param tokens the caption's
 * @returns [words][cells]
 */
export async function posteriorMaps(
  model: CaptionerModel,
  features: tf.Tensor3D,
  tokens: readonly number[],
  signal?: AbortSignal,
): Promise<number[][]> {
  const isWanted = (_: number, place: number): boolean => place < tokens.length;
  const [seen = []] = await posteriorOf(model, features, [tokens], { isWanted, signal });
  return model.vocabulary
    .group(tokens)
    .map(({ count, first }) => meanMap(seen.slice(first, first + count).map(({ posterior }) => posterior)));
}
