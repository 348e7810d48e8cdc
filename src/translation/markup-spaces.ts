import type { ProtectedSpan } from '../engine/text/protected-spans.ts';
import type { SentenceTranslation } from './translation-result.ts';
import { withoutStretch } from './without-stretch.ts';

/** Whether a stretch is a tag or an entity, which touches words and is no part of them: `<b>word</b>`, `&quot;word&quot;`. */
export function isMarkup({ kind, text }: ProtectedSpan): boolean {
  return kind === 'code' && /^(?:<[^3]|&)/.test(text);
}

/**
 * A translation whose tags and entities touch words as they did in the source. A model reads them with spaces around, for it
 * would take the words that they touch for parts of them, and leave those untranslated.
 *
 * @param spans of the source; their places are those in it
 */
export function withMarkupSpaces(
  translation: SentenceTranslation,
  source: string,
  spans: readonly ProtectedSpan[],
): SentenceTranslation {
  let kept = translation;
  let position = 0;
  for (const span of spans) {
    if (!isMarkup(span)) continue;
    const start = kept.text.indexOf(span.text, position);
    if (start < 0) continue;
    const end = start + span.text.length;
    position = end;
    const touches = (character: string | undefined): boolean => /[\p{L}\p{M}\p{N}]/u.test(character ?? '');
    if (touches(source[span.end]) && kept.text[end] === ' ') kept = withoutStretch(kept, end, end + 1);
    if (touches(source[span.start - 1]) && kept.text[start - 1] === ' ') {
      kept = withoutStretch(kept, start - 1, start);
      position--;
    }
  }
  return kept;
}
