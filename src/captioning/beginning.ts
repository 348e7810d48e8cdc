import { AttendError } from '../contract/attend-error.ts';
import type { CaptionOptions } from '../contract/data/captions.ts';
import { captionWords } from '../engine/text/caption-words.ts';
import type { Speaker } from './decoding-defaults.ts';

/**
 * How captions must begin, as tokens: `prefix` where it is given, else the words of `start`.
 * @throws AttendError `unknown-words` as `tokensOf`; `too-long` where no caption is so long
 */
export function beginningOf(
  speaker: Speaker,
  { prefix, start = '' }: Pick<CaptionOptions, 'prefix' | 'start'>,
): number[] {
  const words = prefix ?? captionWords(start);
  const tokens = tokensOf(speaker, words, prefix ? undefined : start);
  const { maxLength } = speaker.decoding;
  if (tokens.length >= maxLength) {
    throw new AttendError(
      'too-long',
      `The beginning has ${tokens.length} words; this model's captions have at most ${maxLength}.`,
    );
  }
  return tokens;
}

/**
 * Words of a caption as tokens.
 * @param text the words as somebody wrote them
 * @throws AttendError `unknown-words` that names the words that the model does not know; its marks (`<unk>`) are none
 */
export function tokensOf(
  { vocabulary }: Pick<Speaker, 'vocabulary'>,
  words: readonly string[],
  text = words.join(' '),
): number[] {
  const unknown = [...new Set(words.filter((word) => !vocabulary.has(word) || word.startsWith('<')))];
  if (unknown.length > 0) {
    const list = unknown.map((word) => `"${word}"`).join(', ');
    throw new AttendError(
      'unknown-words',
      `The model does not know the word${unknown.length > 1 ? 's' : ''} ${list}, so no caption can begin with "${text}".`,
    );
  }
  return vocabulary.encode(words);
}
