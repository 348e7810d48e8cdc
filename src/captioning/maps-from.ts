import type { MapsFrom } from '../contract/data/captions.ts';
import type { CaptionerModel } from './ready-captioner.ts';

/**
 * Whether the maps that are wanted can be had of a model.
 * @throws RangeError with a sentence; layers and heads are counted from 1 there, as people do
 */
export function assertMapsFrom({ attention, name }: CaptionerModel, wanted: MapsFrom | undefined): void {
  const { head, layer, rollout } = wanted ?? {};
  if (head === undefined && layer === undefined && !rollout) return;
  if (!attention) throw new RangeError(`${name} has one attention: there are no layers and heads to choose from.`);
  for (const [what, index, count] of [
    ['layer', layer, attention.layers],
    ['head', head, attention.heads],
  ] as const) {
    if (index !== undefined && index >= count) {
      throw new RangeError(`There is no ${what} ${index + 1}: ${name} has ${count}.`);
    }
  }
}

/** What of it can be had of a model: what was chosen for one model may be beyond another. */
export function mapsOf({ attention }: Pick<CaptionerModel, 'attention'>, wanted: MapsFrom | undefined): MapsFrom {
  if (!attention || !wanted) return {};
  const { head, layer, rollout } = wanted;
  return {
    ...(layer !== undefined && layer < attention.layers && { layer }),
    ...(head !== undefined && head < attention.heads && { head }),
    ...(rollout && { rollout }),
  };
}
