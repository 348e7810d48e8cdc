import type { Keyword, KeywordFinder } from './keyword-finder.ts';

/** How many captions of a photo are searched for keywords. */
export const SEARCHED_CAPTIONS = 3;

/**
 * The keywords of a photo, from its captions: first the things of the best caption, then what is done there, then the
 * things of the others; none twice.
 * @param captions best first; only the first three count
 */
export function photoKeywords(find: KeywordFinder, captions: readonly string[]): string[] {
  const [best = [], ...others] = captions.slice(0, SEARCHED_CAPTIONS).map(find);
  const things = (keywords: readonly Keyword[]): Keyword[] => keywords.filter(({ kind }) => kind === 'thing');
  const ordered = [...things(best), ...best.filter(({ kind }) => kind === 'activity'), ...others.flatMap(things)];
  const keywords = [...new Set(ordered.map(({ keyword }) => keyword))];
  // The "dirt" of another caption's "path of dirt" says nothing beside a "dirt path".
  return keywords.filter((keyword) => !keywords.some((other) => other.startsWith(`${keyword} `)));
}

/** Keywords as somebody typed them: without spaces around, none empty, and none twice, whatever its capitals. */
export function tidyKeywords(keywords: readonly string[]): string[] {
  const tidy = new Map<string, string>();
  for (const keyword of keywords) {
    const text = keyword.replace(/\s+/g, ' ').trim();
    const key = text.toLocaleLowerCase();
    if (text !== '' && !tidy.has(key)) tidy.set(key, text);
  }
  return [...tidy.values()];
}
