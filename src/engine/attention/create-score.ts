import type { Parameters } from '../parameters.ts';
import { AdditiveScore } from './additive.ts';
import { ConcatScore } from './concat.ts';
import { DotScore } from './dot.ts';
import { GeneralScore } from './general.ts';
import { SelfAttentiveScore } from './self-attentive.ts';
import { KeyQueryScore } from './key-query.ts';
import { ScaledDotScore } from './scaled-dot.ts';
import type { Score } from './score.ts';

/** The score functions, by the names that configurations use. */
export type ScoreName = 'self-attentive' | 'additive' | 'dot' | 'scaled-dot' | 'general' | 'concat' | 'key-query';

/**
 * The score function of a configuration.
 * @param size of the hidden layer, or of keys and queries; scores without one ignore it
 * @throws RangeError where a dot score is asked for between vectors of different sizes
 */
export function createScore(
  score: ScoreName,
  parameters: Parameters,
  name: string,
  annotationSize: number,
  querySize: number,
  size: number,
): Score {
  switch (score) {
    case 'self-attentive':
      return new SelfAttentiveScore(parameters, name, annotationSize, size);
    case 'additive':
      return new AdditiveScore(parameters, name, annotationSize, querySize, size);
    case 'general':
      return new GeneralScore(parameters, name, annotationSize, querySize);
    case 'concat':
      return new ConcatScore(parameters, name, annotationSize, querySize, size);
    case 'key-query':
      return new KeyQueryScore(parameters, name, annotationSize, querySize, size);
    case 'dot':
    case 'scaled-dot':
      if (annotationSize !== querySize) {
        throw new RangeError(
          `The ${score} score needs annotations and decoder states of one size; they have ${annotationSize} and ${querySize}.`,
        );
      }
      return score === 'dot' ? new DotScore() : new ScaledDotScore();
  }
}
