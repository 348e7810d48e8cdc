import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  phrasePairs,
  readPhrasebook,
  type Phrasebook,
} from '../../../../src/training/translator/phrasebook/phrasebook.ts';
import { PairFilter } from '../../../../src/engine/text/pair-filter.ts';

let folder: string;

beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'attend-phrasebook-'))));
afterAll(() => rm(folder, { recursive: true }));

const table = (...rows: readonly string[]): string => rows.map((row) => `${row.replaceAll(' | ', '\t')}\n`).join('');

const THINGS = table(
  'kind | en | de',
  'animal | zebra/zebras | n Zebra/Zebras',
  'animal toy | fox/foxes | -',
  'food | egg | n Ei',
);
const ADJECTIVES = table('kinds | en | de', 'animal | white | weiß', 'animal | black | schwarz');
const SENTENCES = table(
  'kinds | en | de',
  'animal food | {a} is here. | Hier ist {a}.',
  'animal | {two} run. | {two} rennen.',
  ' | A man in a tie. | Ein Mann mit Krawatte.',
);

async function write(files: Partial<Record<'things' | 'adjectives' | 'sentences', string>>): Promise<Phrasebook> {
  const all = { things: THINGS, adjectives: ADJECTIVES, sentences: SENTENCES, ...files };
  for (const [name, text] of Object.entries(all)) await writeFile(join(folder, `${name}.tsv`), text);
  return readPhrasebook(folder);
}

describe('a phrasebook', () => {
  beforeEach(() => write({}));

  it('puts things into sentences of their kinds, as they are and with an adjective', async () => {
    expect(phrasePairs(await readPhrasebook(folder), 'en', 'de')).toEqual([
      { source: 'A zebra is here.', target: 'Hier ist ein Zebra.' },
      { source: 'A white zebra is here.', target: 'Hier ist ein weißes Zebra.' },
      { source: 'An egg is here.', target: 'Hier ist ein Ei.' },
      { source: 'Two zebras run.', target: 'Zwei Zebras rennen.' },
      { source: 'A man in a tie.', target: 'Ein Mann mit Krawatte.' },
    ]);
  });

  it('is read in both directions, and says nothing in a language that it does not have', async () => {
    const book = await readPhrasebook(folder);
    expect(phrasePairs(book, 'de', 'en').map(({ target }) => target)).toContain('A white zebra is here.');
    expect(phrasePairs(book, 'en', 'fr')).toEqual([]);
  });

  it.each([
    ['things', table('kind | en | de', 'animal | zebra'), 'things.tsv, line 2: it has 2 columns, not 3'],
    ['sentences', table('kinds | en | de', 'animal | {the} runs. | {a} rennt.'), 'line 2: unknown slot {the}'],
    ['things', table('kind | en | xx', 'animal | zebra | zebra'), 'an unknown one: "xx"'],
    ['adjectives', '', 'no languages in its first line'],
  ] as const)('says what is wrong with its %s', async (name, text, message) => {
    await expect(write({ [name]: text })).rejects.toThrow(message);
  });
});

describe('a phrasebook of sentences with values', () => {
  const from = async (sentences: string, values: string): Promise<Phrasebook> => {
    const own = await mkdtemp(join(folder, 'values-'));
    await writeFile(join(own, 'sentences.tsv'), sentences);
    await writeFile(join(own, 'values.tsv'), values);
    return readPhrasebook(own);
  };
  const VALUES = 'slot\tvalues\ntime\t8:15 | 10:30\nname\tEva\n';

  it('has each sentence as often as there are values, the same on both sides', async () => {
    const sentences = table(
      'kinds | en | de',
      ' | From {time} to {time}. | Von {time} bis {time}.',
      ' | I am {name}. | Ich bin {name}.',
      ' | Good night. | Gute Nacht.',
    );
    expect(phrasePairs(await from(sentences, VALUES), 'en', 'de')).toEqual([
      { source: 'From 8:15 to 10:30.', target: 'Von 8:15 bis 10:30.' },
      { source: 'From 10:30 to 8:15.', target: 'Von 10:30 bis 8:15.' },
      { source: 'I am Eva.', target: 'Ich bin Eva.' },
      { source: 'I am Eva.', target: 'Ich bin Eva.' },
      { source: 'Good night.', target: 'Gute Nacht.' },
      { source: 'Good night.', target: 'Gute Nacht.' },
    ]);
  });

  it.each([
    [table('kinds | en | de', ' | On {date}. | Am {date}.'), VALUES, 'sentences.tsv, line 2: unknown slot {date}'],
    [table('kinds | en | de'), 'slot\tvalues\ntime\n', 'values.tsv, line 2: it is no slot with its values'],
  ])('says what is wrong with it', async (sentences, values, message) => {
    await expect(from(sentences, values)).rejects.toThrow(message);
  });

  it.each(['de', 'fr', 'es', 'cs'])(
    'is there in the project, in English and %s, with every number on both sides',
    async (to) => {
      const pairs = phrasePairs(await readPhrasebook('configs/talk'), 'en', to);
      expect(pairs.length).toBeGreaterThan(1_000);
      for (const { source, target } of pairs) {
        expect(`${source}${target}`).not.toMatch(/undefined|[{}]| {2}/);
        expect(target.match(/\d+/g), `${source} | ${target}`).toEqual(source.match(/\d+/g));
      }
    },
  );
});

describe('the phrasebook of the project', () => {
  it.each(['de', 'fr', 'es', 'cs'])('has whole sentences in English and %s', async (to) => {
    const pairs = phrasePairs(await readPhrasebook('configs/phrasebook'), 'en', to);
    expect(pairs.length).toBeGreaterThan(1_500);
    expect(new Set(pairs.map(({ source, target }) => `${source}\t${target}`)).size).toBe(pairs.length);
    const filter = new PairFilter();
    for (const { source, target } of pairs) {
      // "double decker" and "double-decker" are the same to it.
      expect([undefined, 'duplicate'], `${source} | ${target}`).toContain(filter.fault(source, target));
      for (const text of [source, target]) expect(text).toMatch(/^\p{Lu}[\p{L}\p{N}' ,-]+\.$/u);
      expect(`${source}${target}`).not.toMatch(/undefined| {2}/);
    }
  });
});
