import { afterEach, describe, expect, it } from 'vitest';
import { i18n, LANGUAGES } from '../../src/renderer/i18n/i18n.svelte.ts';
import { en } from '../../src/renderer/i18n/en.ts';

/** Every text by its path; functions are called with numbers or words. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String(value('3', '5', '7'))]];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

afterEach(() => i18n.use('en'));

describe.each(Object.keys(LANGUAGES))('the texts in %s', (tag) => {
  const own = texts(LANGUAGES[tag]);

  it('are all there', () => {
    expect(own.map(([path]) => path)).toEqual(texts(en).map(([path]) => path));
    for (const [path, text] of own) expect(text.trim(), path).not.toBe('');
  });

  it('say every number and word that they are given', () => {
    const given = (text: string): string[] => ['3', '5', '7'].filter((value) => text.includes(value));
    const english = new Map(texts(en));
    for (const [path, text] of own) expect(given(text), path).toEqual(given(english.get(path)!));
  });
});

describe('the language in use', () => {
  it.each([
    ['de', ['fr-FR'], 'de'],
    ['system', ['de-AT', 'en'], 'de'],
    ['system', ['xx', 'de'], 'de'],
    ['xx', ['yy'], 'en'],
  ])('%s, where %j are preferred, is %s… ', (language, preferred, tag) => {
    i18n.use(language, preferred);
    expect(i18n.tag).toBe(tag);
  });

  it('says almost certain as such', () => {
    expect([0, 0.004, 0.5, 0.999, 1].map((p) => i18n.percent(p))).toEqual(['0%', '<1%', '50%', '99%', '100%']);
  });
});
