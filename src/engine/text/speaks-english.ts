/** What only English has all of. */
const ENGLISH = ['a', 'the', 'and', 'of', 'with', 'on', 'is'];

/** Whether a model's words are English ones. @param vocabulary in lower case, as captions have them */
export function speaksEnglish(vocabulary: { has(word: string): boolean }): boolean {
  return ENGLISH.every((word) => vocabulary.has(word));
}
