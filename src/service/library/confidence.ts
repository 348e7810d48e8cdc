import { isNotSure } from '../../contract/constants/not-sure-below.ts';
import type { Caption } from '../../contract/data/captions.ts';

/** Words that say little of what is seen: the model is sure of them where it is wrong, too. */
const SAYS_LITTLE = new Set(
  (
    'a an the this that these those some other another one two three and or but as of in on at to by for from with ' +
    'without into onto over under through near next beside behind between around up down out off is are was were be ' +
    'being been has have having it its his her their he she they there while who which'
  ).split(' '),
);

/** What the library keeps of how sure the model is of a caption; null where it has none. */
export function surenessOf(caption: Caption | undefined): { confidence: number | null; notSure: boolean } {
  return { confidence: caption ? confidenceOf(caption) : null, notSure: isNotSure(caption?.confidence) };
}

/**
 * How sure the model is of a caption, 0 to 1: as it was fitted; else the probability of its least likely word that says what is seen; of any
 * word where none does. Null where it has no words.
 */
export function confidenceOf({ confidence, words }: Pick<Caption, 'words' | 'confidence'>): number | null {
  if (confidence !== undefined) return confidence;
  const telling = words.filter(({ word }) => !SAYS_LITTLE.has(word));
  const counted = telling.length > 0 ? telling : words;
  return counted.length === 0 ? null : Math.min(...counted.map(({ probability }) => probability));
}
