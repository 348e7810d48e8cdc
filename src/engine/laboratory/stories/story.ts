/** Of what stories are told. */
export const PEOPLE = ['Anna', 'Ben', 'Clara', 'David'] as const;
export const PLACES = ['kitchen', 'garden', 'office', 'attic', 'cellar'] as const;
export const THINGS = ['apple', 'book', 'key'] as const;
export type Person = (typeof PEOPLE)[number];
export type Place = (typeof PLACES)[number];
export type Thing = (typeof THINGS)[number];

/** A sentence of a story. */
export type Fact =
  | { readonly kind: 'went'; readonly person: Person; readonly place: Place }
  | { readonly kind: 'took' | 'left'; readonly person: Person; readonly thing: Thing };

/** What is asked, and how many facts tell the answer: `person` one, `thing` two, `before` three. */
export type Question =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'thing'; readonly thing: Thing }
  | { readonly kind: 'before'; readonly thing: Thing; readonly place: Place }
  | { readonly kind: 'whether'; readonly person: Person; readonly place: Place }
  | { readonly kind: 'list'; readonly person: Person };

export const QUESTION_KINDS = ['person', 'thing', 'before', 'whether', 'list'] as const;
export type QuestionKind = (typeof QUESTION_KINDS)[number];

/** What somebody may carry, as one answer. */
const LISTS = ['nothing', 'apple', 'book', 'key', 'apple, book', 'apple, key', 'book, key', 'apple, book, key'];

/** Everything that can be answered. */
export const ANSWERS: readonly string[] = [...PLACES, 'yes', 'no', 'unknown', ...LISTS];

/** All words; a token is a place in this list. Answers are words, and a list of things is one. */
export const STORY_WORDS: readonly string[] = [
  ...new Set([
    ...['went', 'to', 'the', 'took', 'left', 'where', 'is', 'was', 'before', 'in', 'what', 'does', 'carry'],
    ...PEOPLE,
    ...PLACES,
    ...THINGS,
    ...ANSWERS,
  ]),
];

/** The words of a fact. */
export function factWords(fact: Fact): string[] {
  if (fact.kind === 'went') return [fact.person, 'went', 'to', 'the', fact.place];
  return [fact.person, fact.kind, 'the', fact.thing];
}

/** The words of a question. */
export function questionWords(question: Question): string[] {
  switch (question.kind) {
    case 'person':
      return ['where', 'is', question.person];
    case 'thing':
      return ['where', 'is', 'the', question.thing];
    case 'before':
      return ['where', 'was', 'the', question.thing, 'before', 'the', question.place];
    case 'whether':
      return ['is', question.person, 'in', 'the', question.place];
    case 'list':
      return ['what', 'does', question.person, 'carry'];
  }
}

/** Tokens of words. @throws RangeError for a word that stories do not have */
export function storyTokens(words: readonly string[]): number[] {
  return words.map((word) => {
    const token = STORY_WORDS.indexOf(word);
    if (token < 0) throw new RangeError(`Stories have no word “${word}”.`);
    return token;
  });
}
