import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { i18n, LANGUAGES } from '../../../src/renderer/i18n/i18n.svelte.ts';
import { AttendError } from '../../../src/contract/attend-error.ts';
import { en } from '../../../src/renderer/i18n/en.ts';
import { LEARN_TEXTS } from '../../../src/renderer/learn/texts.ts';
import { messageOf } from '../../../src/renderer/state/failure.ts';

/** Every text by its path; functions are called with numbers or words. */
function texts(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, String(value('3', '5', '7'))]];
  return Object.entries(value as Record<string, unknown>).flatMap(([key, inner]) => texts(inner, `${path}.${key}`));
}

afterEach(() => i18n.use('en'));

it.each([
  ['en', '1 of 10 heads is redundant here.', '2 of 10 heads are redundant here.'],
  ['de', '1 von 10 Köpfen ist hier überflüssig.', '2 von 10 Köpfen sind hier überflüssig.'],
] as const)('counts redundant heads in %s: one is, more are', (tag, one, two) => {
  const { count } = LEARN_TEXTS[tag]!.heads;
  expect([count('1', '10'), count('2', '10')]).toEqual([one, two]);
});

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

describe.each(Object.keys(LANGUAGES))('the texts of Learn in %s', (tag) => {
  it('are all there, and say what they are given', () => {
    const own = texts(LEARN_TEXTS[tag]);
    const english = new Map(texts(LEARN_TEXTS['en']));
    expect(own.map(([path]) => path)).toEqual([...english.keys()]);
    const given = (text: string): string[] => ['3', '5', '7'].filter((value) => text.includes(value));
    for (const [path, text] of own) expect(given(text), path).toEqual(given(english.get(path)!));
  });
});

describe('the texts', () => {
  it('are all used', async () => {
    const folder = join(import.meta.dirname, '../../../src/renderer');
    const files = (await readdir(folder, { recursive: true })).filter((name) => /\.(svelte|ts)$/.test(name));
    const sources = await Promise.all(
      files.filter((name) => !/^i18n.(en|de)\.ts$/.test(name)).map((name) => readFile(join(folder, name), 'utf8')),
    );
    const source = sources.join('\n');
    // Looked up by a value: the state or the backend of the model.
    const byValue = new Set(['missing', 'native', 'onnx', 'wasm']);
    for (const [group, inner] of Object.entries(en)) {
      for (const key of typeof inner === 'object' ? Object.keys(inner) : []) {
        if (!byValue.has(key)) expect(source, `${group}.${key}`).toMatch(new RegExp(`[.{ ]${key}\\b`));
      }
    }
  });
});

describe('what the service says', () => {
  it('is said in the language in use, else as it came', () => {
    const failure = { code: 'truncated', message: 'The file is cut short.' } as const;
    expect(i18n.failure(failure)).toBe('The file is cut short.');
    i18n.use('de');
    expect(i18n.failure(failure)).toContain('abgeschnitten');
    expect(i18n.failure({ code: 'internal', message: 'The disk is on fire.' })).toBe('The disk is on fire.');
    expect(messageOf(new AttendError('empty', 'The file is empty.'))).toContain('leer');
    expect(messageOf(new Error('No.'))).toBe('No.');
    expect(messageOf('?')).toBe('Das hat nicht geklappt.');
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
