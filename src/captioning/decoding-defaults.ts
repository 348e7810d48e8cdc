import { speaksEnglish } from '../engine/text/speaks-english.ts';
import type { CaptionVocabulary } from '../engine/text/caption-vocabulary.ts';

/** How a model's captions are searched for where nobody says otherwise. */
export interface DecodingDefaults {
  /** Beam width; 1 is greedy. */
  beam: number;
  /** α of the beam search. */
  lengthNormalisation: number;
  /** The longest caption, in words. */
  maxLength: number;
  /** No sequence of so many words twice. */
  noRepeat: number;
  /** Words that no caption ends with. */
  neverLast: readonly string[];
  /** The only words that a caption may have more than once; left out: all may. */
  repeatable?: readonly string[];
  /** Whether the photo's mirror image is looked at as well. */
  secondLook: boolean;
  /**
   * What the words that a photo is described with weigh in the choice among the captions that the beam found, beside their
   * scores (see `chooseByEvidence`); 0, or left out: nothing. Of models that have such words.
   */
  describedWeight?: number;
  /** Whether the search is that of published models; see `BeamOptions`. Left out: no. */
  refill?: boolean;
}

/** What a search must know of a model beside its decoder. */
export interface Speaker {
  readonly decoding: DecodingDefaults;
  readonly vocabulary: CaptionVocabulary;
}

/** Articles, conjunctions and the prepositions that are no adverbs: "walks by" is an end, "walks with" is none. */
const BEFORE_OTHERS = (
  'a an the and or of in on with at to for from into onto near beside between against as while is are his their its ' +
  'that who which some'
).split(' ');
const ADJECTIVES = 'young little small large big several many'.split(' ');
const FUNCTION_WORDS = [...BEFORE_OTHERS, ...'her by through over up down one two other another'.split(' ')];

/**
 * The usual way of decoding. In English no caption ends in the middle of a phrase, and what is seen is said once: models
 * like to say "a man is riding a motorcycle on a motorcycle".
 * @param vocabulary the model's words
 */
export function usualDecoding(vocabulary: readonly string[]): DecodingDefaults {
  const english = speaksEnglish(new Set(vocabulary));
  return {
    beam: 3,
    lengthNormalisation: 0.7,
    maxLength: 20,
    noRepeat: 3,
    neverLast: english ? [...BEFORE_OTHERS, ...ADJECTIVES] : [],
    ...(english && { repeatable: FUNCTION_WORDS }),
    secondLook: false,
  };
}
