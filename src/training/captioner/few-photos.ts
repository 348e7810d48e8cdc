import type { CaptionerRunConfig } from './captioner-config.ts';

/** Fewer photos than this teach a captioner that starts anew hardly a sentence. */
const FEW_FOR_A_NEW_ONE = 2000;
/** With fewer than this a captioner that goes on learns their words, and little else. */
const FEW_TO_GO_ON = 300;

/** A warning where a training has fewer photos than can do it good; nothing otherwise. */
export function fewPhotos(photos: number, { captioner }: Pick<CaptionerRunConfig, 'captioner'>): string | undefined {
  if (captioner === undefined) {
    if (photos >= FEW_FOR_A_NEW_ONE) return undefined;
    return (
      `${photos} photos are few for a captioner that starts anew: it will hardly come to a sentence. ` +
      'Go on with one that is there instead: "captioner" in place of "encoder", as in configs/captioner-own-photos.json.'
    );
  }
  if (photos >= FEW_TO_GO_ON) return undefined;
  return (
    `${photos} photos are few: the captioner will learn how their captions are put, and little of what is new in them. ` +
    'A few hundred teach more.'
  );
}
