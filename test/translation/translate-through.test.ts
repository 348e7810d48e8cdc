import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { REQUESTS } from '../../src/contract/requests.ts';
import { chooseThrough, listTranslators, pairsThrough } from '../../src/translation/find-translator.ts';
import { TextTranslator } from '../../src/translation/text-translator.ts';
import { translatePassages, writeDocument } from '../../src/translation/documents/document.ts';
import { parseMarkdown } from '../../src/translation/documents/markdown.ts';
import { through, translateBy } from '../../src/translation/translate-through.ts';
import { translate } from '../../src/translation/translate.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';
import { copyingTranslator, writeTinyTranslator } from '../support/tiny-translator.ts';

useTestBackend();

const TEXT = 'A dog runs.\n\nTwo cats sleep. 🎉';

describe('a translation through English', () => {
  const english = { ...copyingTranslator([], []), name: 'de-en', from: 'de', to: ['en'] };
  const french = { ...copyingTranslator([], []), name: 'en-fr', from: 'en', to: ['fr'] };

  it('says what the second makes of the first, sentence by sentence, with what stands between them', async () => {
    const seen: string[] = [];
    const [result] = await translateBy(through(english, french), [TEXT], {
      to: 'fr',
      onSentence: ({ source }, { of, sentence }) => seen.push(`${sentence + 1}/${of} ${source.text}`),
    });
    expect(result).toMatchObject({
      text: TEXT,
      source: TEXT,
      from: 'de',
      to: 'fr',
      through: 'en',
      model: 'de-en + en-fr',
    });
    expect(seen).toEqual(['1/2 A dog runs.', '2/2 Two cats sleep.']);
  });

  it('aligns words through the English ones', async () => {
    const [result] = await translateBy(through(english, french), ['A dog runs.'], { to: 'fr' });
    const [direct] = await translate(english, ['A dog runs.']);
    const { alignment } = result!.sentences[0]!.translations[0]!;
    const step = direct!.sentences[0]!.translations[0]!.alignment;
    const squared = step.map((row) => row.map((_, j) => row.reduce((sum, part, k) => sum + part * step[k]![j]!, 0)));
    for (const [i, row] of alignment.entries()) {
      for (const [j, part] of row.entries()) expect(part).toBeCloseTo(squared[i]![j]!, 5);
      expect(row.indexOf(Math.max(...row))).toBe(i);
    }
  });

  it('aligns nothing where the second sees other words than the first wrote', async () => {
    const write = (): string => 'a b';
    const other = { ...copyingTranslator([], [], { write }), name: 'de-en', from: 'de', to: ['en'] };
    const odd = { ...french, tokenizer: french.tokenizer };
    const [result] = await translateBy(through(other, odd), ['A dog runs.'], { to: 'fr' });
    expect(result!.text).toContain('a b');
  });

  it('is as sure as both steps together', async () => {
    const [result] = await translateBy(through(english, french), ['A dog runs.'], { to: 'fr' });
    const [one] = await translate(english, ['A dog runs.']);
    const [other] = await translate(french, ['A dog runs.']);
    expect(result!.sentences[0]!.confidence).toBeCloseTo(one!.confidence * other!.confidence, 4);
  });

  it('keeps the mark-up of a document', async () => {
    const document = parseMarkdown('# A dog\n\nTwo *cats* sleep.\n');
    const passages = await translatePassages(through(english, french), document, { to: 'fr' });
    expect(writeDocument(document, passages)).toBe('# A dog\n\nTwo *cats* sleep.\n');
  });
});

describe('two translators, one behind the other', () => {
  let folder: { path: string; remove: () => Promise<void> };
  let translator: TextTranslator;
  beforeAll(async () => {
    folder = await temporaryFolder();
    const write = (name: string, from: string, to: string[]): Promise<string> =>
      writeTinyTranslator(join(folder.path, `translator-${name}`), { to, metadata: { from } });
    await write('de-en', 'de', ['en']);
    await write('cs-fr', 'cs', ['fr']);
    await write('cs-en', 'cs', ['en']);
    await write('en-many', 'en', ['de', 'fr']);
    translator = new TextTranslator({ models: folder.path, useBackend: () => Promise.resolve() });
  });
  afterAll(async () => {
    translator.dispose();
    await folder.remove();
  });

  const quiet = { report: () => undefined, signal: new AbortController().signal };

  it('are found for the pairs that none translates by itself', async () => {
    const listings = await listTranslators(folder.path);
    expect(pairsThrough(listings)).toEqual([
      { from: 'cs', to: 'de' },
      { from: 'de', to: 'fr' },
    ]);
    const names = chooseThrough(listings, { from: 'de', to: 'fr' })?.map(({ name }) => name);
    expect(names).toEqual(['translator-de-en', 'translator-en-many']);
    expect(chooseThrough(listings, { from: 'es', to: 'fr' })).toBeUndefined();
    expect(chooseThrough(listings, { to: 'fr' })).toBeUndefined();
  });

  it('are not gone through and back for a text that is in the language already', async () => {
    const nothing = 'Nothing needs translating: the text is in German and is wanted in German.';
    await expect(translator.translate({ text: TEXT, from: 'de', to: 'DE' }, quiet)).rejects.toThrow(nothing);
    await expect(translator.translate({ text: TEXT, from: 'de', to: 'de-AT' }, quiet)).rejects.toThrow(
      'the text is in German and is wanted in Austrian German.',
    );
  });

  it('translate where nobody named one, and it is said', async () => {
    const listed = await translator.list();
    expect(REQUESTS['translate.models'].output.parse(listed)).toEqual(listed);
    const answer = await translator.translate({ text: TEXT, from: 'de', to: 'fr' }, quiet);
    expect(REQUESTS['translate.run'].output.parse(answer)).toEqual(answer);
    expect(answer).toMatchObject({
      from: 'de',
      to: 'fr',
      through: 'en',
      model: 'translator-de-en + translator-en-many',
    });
    const direct = await translator.translate({ text: 'Pes.', from: 'cs', to: 'fr' }, quiet);
    expect(direct.model).toBe('translator-cs-fr');
    expect(direct).not.toHaveProperty('through');
  });

  it('do not stand in for one that somebody named, nor where there is no way', async () => {
    const named = translator.translate({ text: 'Hund', from: 'de', to: 'fr', model: 'translator-en-many' }, quiet);
    await expect(named).rejects.toThrow('There is no translation from "de"');
    await expect(translator.translate({ text: 'x', from: 'de', to: 'es' }, quiet)).rejects.toThrow('to "es"');
  });

  it('leave no tensor behind', async () => {
    await translator.translate({ text: TEXT, from: 'de', to: 'fr' }, quiet);
    await expectNoLeak(() => translator.translate({ text: 'Ein Hund.', from: 'de', to: 'fr' }, quiet));
  });

  it('come after a model that reads any language, which is asked for one', async () => {
    await writeTinyTranslator(join(folder.path, 'translator-mul-en'), { to: ['en'], metadata: { from: 'mul' } });
    const answer = await translator.translate({ text: 'Un perro.', from: 'es', to: 'en' }, quiet);
    expect(answer.model).toBe('translator-mul-en');
    expect((await translator.translate({ text: 'Hund', from: 'de', to: 'en' }, quiet)).model).toBe('translator-de-en');
  });
});
