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
