import { speaksEnglish } from '../engine/text/speaks-english.ts';
import { loadTagger, type Term } from './tagger.ts';

/** A keyword of a caption. */
export interface Keyword {
  /** In the singular, in lower case: "dog", "teddy bear", "running". */
  keyword: string;
  /** Where it stands in the caption, in UTF-16 units: from the first up to the second. */
  place: [number, number];
  kind: 'thing' | 'activity';
}

/** Finds what a caption speaks of. */
export type KeywordFinder = (caption: string) => Keyword[];

/** Words that stand for others ("a group of people") or for no thing that one would look for. */
const EMPTY = new Set(
  (
    'group bunch couple pair number lot variety piece part kind type set row line side top bottom front back end middle ' +
    'center centre edge background foreground area place way thing something someone somebody anything nothing other ' +
    'others one each left right photo picture image shot view day time distance air ' +
    'black white red blue green yellow brown pink purple gray grey tan blond blonde'
  ).split(' '),
);
/** Activities that almost every caption has. */
const PALE = new Set(
  (
    'being having wearing looking standing sitting holding doing getting going making taking using trying posing ' +
    'walking showing facing appearing watching coming putting giving filled covered carrying laying lying leaning'
  ).split(' '),
);
/** Things whose names end like activities. */
const THINGS_IN_ING = new Set(
  (
    'building ceiling clothing string ring king wing swing thing spring railing painting wedding morning evening ' +
    'netting sibling duckling icing sling'
  ).split(' '),
);
/** What is one thing as it stands. */
const WITHOUT_SINGULAR = new Set(
  'glasses sunglasses goggles binoculars fries people stairs headphones lens rapids suds overalls leggings'.split(' '),
);
/** What the tagger makes another word of in the singular: of canoes "cano", of veggies "veggy". */
const SINGULARS: ReadonlyMap<string, string> = new Map(
  'canoe horseshoe toe veggie floatie brownie hoodie selfie smoothie collie taxi axe'
    .split(' ')
    .map((word) => [`${word}s`, word]),
);
let loading: Promise<KeywordFinder> | undefined;

/** Loads the finder with its tagger, once. It knows English. */
export function loadKeywordFinder(): Promise<KeywordFinder> {
  return (loading ??= load());
}

/** What finds keywords in a model's captions; nothing where it does not write English. */
export async function keywordFinderFor({
  vocabulary,
}: {
  vocabulary: { has(word: string): boolean };
}): Promise<KeywordFinder | undefined> {
  return speaksEnglish(vocabulary) ? loadKeywordFinder() : undefined;
}

async function load(): Promise<KeywordFinder> {
  const nlp = await loadTagger();
  const singulars = new Map(SINGULARS);
  const singular = (noun: string): string => {
    if (WITHOUT_SINGULAR.has(noun)) return noun;
    const known = singulars.get(noun);
    if (known !== undefined) return known;
    // With an article: by itself a plural may be taken for a verb.
    const found = nlp(`the ${noun}`).nouns().toSingular().text('normal').split(' ').at(-1);
    const thing = found === undefined || found === '' || found === 'the' ? noun : found;
    singulars.set(noun, thing);
    return thing;
  };

  return (caption) => {
    const keywords: Keyword[] = [];
    let compound: Word[] = [];
    const close = (): void => {
      const words = compound;
      compound = [];
      const head = words.at(-1);
      if (!head) return;
      const last = singular(head.text);
      if (EMPTY.has(last)) return;
      const keyword = [...words.slice(0, -1).map(({ text }) => text), last].join(' ');
      keywords.push({ keyword, place: [words[0]!.start, head.end], kind: 'thing' });
    };
    const words = wordsOf(nlp(caption).termList(), caption);
    for (const [i, word] of words.entries()) {
      // "A woman riding a horse" has no noun "woman riding", but a "parking meter" is one.
      const isDoing =
        /...ing$/.test(word.text) &&
        !THINGS_IN_ING.has(word.text) &&
        (compound.length > 0 || !word.isNoun || word.isLast || words[i + 1]?.isNoun !== true);
      if (word.isNoun && !isDoing && !EMPTY.has(singular(word.text))) {
        compound.push(word);
        if (!word.isLast) continue;
      }
      close();
      if (isDoing && !PALE.has(word.text)) {
        keywords.push({ keyword: word.text, place: [word.start, word.end], kind: 'activity' });
      }
    }
    close();
    return keywords;
  };
}

interface Word {
  text: string;
  start: number;
  end: number;
  /** Pronouns and owners ("man's") apart. */
  isNoun: boolean;
  /** Whether a mark of punctuation follows. */
  isLast: boolean;
}

function wordsOf(terms: readonly Term[], caption: string): Word[] {
  let from = 0;
  return terms.flatMap(({ normal, post, tags = new Set(), text }) => {
    // What is left out in a contraction ("dog's" as "dog is") stands nowhere.
    if (text === '') return [];
    const start = caption.indexOf(text, from);
    if (start < 0) return [];
    from = start + text.length;
    // A mark of punctuation between spaces is a term, too, and taken for a noun.
    const isWord = /\p{L}{2}/u.test(text);
    const isNoun = isWord && tags.has('Noun') && !tags.has('Pronoun') && !tags.has('Possessive');
    return [{ text: normal.toLowerCase(), start, end: from, isNoun, isLast: /\S/.test(post) }];
  });
}

/** The same for whoever was asked for keywords. @throws Error where the model writes another language than English */
export async function neededKeywordFinder(
  model: Parameters<typeof keywordFinderFor>[0] & { readonly name: string },
): Promise<KeywordFinder> {
  const finder = await keywordFinderFor(model);
  if (!finder) throw new Error(`Keywords are found in English only, and ${model.name} writes another language.`);
  return finder;
}
