import { describe, expect, it } from 'vitest';
import {
  listModels,
  openTranslator,
  scoreCaptions,
  scoreTranslations,
  UnknownLanguageError,
} from '../../src/api/index.ts';
import { backendUnderTest, useTestBackend } from '../support/backend.ts';

useTestBackend();

describe('openTranslator', () => {
  it('translates with an installed model, as often as it is asked', async () => {
    const translator = await openTranslator({ from: 'en', to: 'de', domain: 'captions', backend: backendUnderTest });
    try {
      expect(translator.name).toBe('translator-everyday');
      expect(translator.languages).toEqual({ from: 'en', to: ['de', 'fr', 'es', 'cs'] });
      const one = await translator.translate('A dog runs through the snow.', { alternatives: 1 });
      expect(one.text).toMatch(/Hund.*Schnee/);
      expect(one.alternatives).toHaveLength(1);
      expect(one.confidence).toBeGreaterThan(0);
      const told: number[] = [];
      const two = await translator.translateAll(['A dog runs through the snow.', ''], {
        onResult: (_, index) => void told.push(index),
      });
      expect(two.map(({ text }) => text)).toEqual([one.text, '']);
      expect(told).toEqual([0, 1]);
      await expect(translator.translateAll('A dog.' as never)).rejects.toThrow('are texts, and not A dog.');
      await expect(translator.translate(5 as never)).rejects.toThrow('is a text, and not 5.');
      await expect(translator.translate('A dog.', { beam: 0 })).rejects.toThrow('cannot be used: beam: ');
      translator.dispose();
      await expect(translator.translate('A dog.')).rejects.toThrow('This translator was disposed of');
    } finally {
      translator.dispose();
    }
  });

  it('says which languages there are where one is asked for that is none', async () => {
    await expect(openTranslator({ from: 'en', to: 'tlh' })).rejects.toThrow(UnknownLanguageError);
  });
});

describe('listModels', () => {
  it('lists captioners and translators by the names that open them', () => {
    const names = listModels().map(({ kind, name }) => `${kind} ${name}`);
    expect(names).toContain('captioner captioner-flickr8k-coco');
    expect(names).toContain('translator translator-everyday');
  });
});

describe('the metrics', () => {
  it('score captions and translations', () => {
    const hypotheses = new Map([
      ['a', 'a dog runs'],
      ['b', 'two children play football'],
    ]);
    const references = new Map([
      ['a', ['a dog runs']],
      ['b', ['two children play football']],
    ]);
    expect(scoreCaptions(hypotheses, references).bleu[0]).toBeCloseTo(1);
    const sentence = 'Ein Hund läuft durch den Schnee.';
    expect(scoreTranslations([sentence], [[sentence]], 'de').bleu.score).toBeCloseTo(100);
    expect(() => scoreCaptions({ a: 'a dog' } as never, references)).toThrow('takes two Maps by photo');
    expect(() => scoreTranslations([sentence], [sentence] as never, 'de')).toThrow('a list of references');
  });
});
