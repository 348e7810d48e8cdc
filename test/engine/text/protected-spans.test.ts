import { describe, expect, it } from 'vitest';
import { protectedSpans, type ProtectedKind } from '../../../src/engine/text/protected-spans.ts';
import { TEXTS } from './scripts.ts';

const found = (text: string, ...kinds: ProtectedKind[]): string[] =>
  protectedSpans(text)
    .filter(({ kind }) => kinds.length === 0 || kinds.includes(kind))
    .map(({ text: own }) => own);

describe('protectedSpans', () => {
  it.each([
    ['plain words', 'A dog runs, e.g. "fast" – don’t and/or won’t it?', []],
    [
      'addresses',
      'See https://a.example/b?c=d, www.b.example or c.example.org/x.',
      ['https://a.example/b?c=d', 'www.b.example', 'c.example.org/x'],
    ],
    ['mailboxes', 'Write to anna.b+c@mail.example.org!', ['anna.b+c@mail.example.org']],
    ['names and tags', '@anna_k liked #winter2024 (and r&b)', ['@anna_k', '#winter2024']],
    ['signs by themselves', '# La la # >> who | what, C# and a>b', ['#', '#', '>>', '|']],
    ['notes, arrows and shapes', '♪ la la ♪ goes → there ■', ['♪', '♪', '→', '■']],
    ['mark-up that is written as text', 'Fish &amp; &lt;b&gt;chips&lt;/b&gt;', ['&amp;', '&lt;b&gt;', '&lt;/b&gt;']],
    ['versions', 'Is it v2.0.1-beta or v3, or 10.4-rc1?', ['v2.0.1-beta', 'v3', '10.4-rc1']],
    ['short codes', 'so glad :tada: at 10:30:', [':tada:', '10:30']],
    [
      'variables with other marks',
      'Dear *|FNAME|*, ##DATE## and {{{site}}} in ~{file} for {n}s',
      ['*|FNAME|*', '##DATE##', '{{{site}}}', '~{file}', '{n}s'],
    ],
    ['variables before a path', 'In %APPDATA%\\Attend or $HOME/notes.', ['%APPDATA%\\Attend', '$HOME/notes']],
    ['tags of forums and of translated programs', '[b]Big[/b], <0>in</0> [sic]', ['[b]', '[/b]', '<0>', '</0>']],
    ['variables behind a colon', ':name has @:common.ok.', [':name', '@:common.ok']],
    ['scripts', '<script>let a = 1;</script> runs', ['<script>let a = 1;</script>']],
    ['variables', 'Hi {name}, {{ n }} of ${max} and %{x}, [[y]]', ['{name}', '{{ n }}', '${max}', '%{x}', '[[y]]']],
    [
      'nested variables',
      'You have {n, plural, one {# dog} other {# dogs}}.',
      ['{n, plural, one {# dog} other {# dogs}}'],
    ],
    ['formats', '%s has %d, %1$s and %.2f of %(total)s; 100% done', ['%s', '%d', '%1$s', '%.2f', '%(total)s', '100%']],
    ['mathematics', 'Let $x^2$ and \\(y\\) cost $5 and $6.', ['$x^2$', '\\(y\\)', '$5', '$6']],
    ['tags, and what is inside code', '<b>Run</b> <kbd>Ctrl</kbd> <br/>', ['<b>', '</b>', '<kbd>Ctrl</kbd>', '<br/>']],
    ['signs of relations, which are no tags', 'if a < b and c >= d, a<b', ['<', '>=']],
    ['sums', 'So 5 + 7 = 12, and 3 × 4 > 10. From 10 - 12 on.', ['5 + 7 = 12', '3 × 4 > 10', '10 - 12']],
    ['tags of templates', 'Your code is <%= code %> or <?= $x ?>.', ['<%= code %>', '<?= $x ?>']],
    ['addresses in capitals', 'At HTTPS://A.EXAMPLE/B, WWW.B.EXAMPLE', ['HTTPS://A.EXAMPLE/B', 'WWW.B.EXAMPLE']],
    ['variables with their currency', 'Pay {x}€, ${{ y }} or £{z}.', ['{x}€', '${{ y }}', '£{z}']],
    ['entities', 'salt &amp; pepper &#8211; AT&T', ['&amp;', '&#8211;', 'AT&T']],
    ['code', 'call `run()` with --no-color and snake_case', ['`run()`', '--no-color', 'snake_case']],
    [
      'paths',
      'C:\\Users\\eva\\a.txt, /usr/bin/env, src/a.ts, ~/x and notes.md.',
      ['C:\\Users\\eva\\a.txt', '/usr/bin/env', 'src/a.ts', '~/x', 'notes.md'],
    ],
    ['emoji', 'Great ☀️ day 🇨🇿👍🏽 ©', ['☀️', '🇨🇿', '👍🏽']],
    ['smileys', 'yes :-) no :( maybe', [':-)', ':(']],
    ['objects of documents', 'See \ufffc and \ufffc.', ['\ufffc', '\ufffc']],
    ['its own placeholders', 'a \ue000 b', ['\ue000']],
  ])('finds %s', (_, text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it.each([
    ['prices', 'It is $1,299.00 or 5 € or £7.', ['$1,299.00', '5 €', '£7']],
    ['times and dates', 'At 9:30 on 17.05.2024, or 2024-05-17.', ['9:30', '17.05.2024', '2024-05-17']],
    ['telephone numbers', 'Call +49 30 1234567 or 555 123 4567.', ['+49 30 1234567', '555 123 4567']],
    ['thousands', '1 000 000 or 1,000,000 people, 2020 and 300', ['1 000 000', '1,000,000', '2020', '300']],
    ['units that are glued', '5km in 10min at -5 °C, the 1990s', ['5km', '10min', '-5 °C', '1990s']],
    ['signs of units', '2 h by train, 1.5 GB, 180 lbs, 3 men, at 7 p.m.', ['2 h', '1.5 GB', '180 lbs', '7 p.m.']],
    ['names with digits', 'A4, COVID-19 and B2B', ['A4', 'COVID-19', 'B2B']],
    ['a share', '50% of 3/4', ['50%', '3/4']],
  ])('finds numbers with what belongs to them: %s', (_, text, expected) => {
    expect(found(text, 'number')).toEqual(expected);
  });

  it('tells single digits and ordinals apart, for which a language may have words', () => {
    expect(found('2 dogs came 1st and 12th of 30', 'digit')).toEqual(['2', '1st', '12th']);
  });

  it('finds names in capitals', () => {
    expect(found('NASA and the BBC on TV, I am OK')).toEqual(['NASA', 'BBC']);
  });

  it('finds words with letters, and signs, that a model does not know', () => {
    const knows = (character: string): boolean => /[\p{Script=Latin},.]/u.test(character);
    const spans = protectedSpans('The word 犬, Москва and ∑.', knows);
    expect(spans.map(({ text, kind }) => `${kind} ${text}`)).toEqual(['letters 犬', 'letters Москва', 'letters ∑']);
  });

  it('takes a fraction that is a sign of its own for a number, whatever a model knows', () => {
    const spans = protectedSpans('½ a cup, 2½ hours, ⅔-full', () => true);
    expect(spans.map(({ text }) => text)).toEqual(['½', '2½', '⅔']);
  });

  it.each(['soft\u00adhyphen', 'zero\u200bwidth', 'word\u2060joiner', 'cafe\u0301', 'mark\ufeff'])(
    'leaves %j to a model that knows its letters',
    (text) => {
      expect(protectedSpans(text, (character) => /[a-zé]/.test(character))).toEqual([]);
    },
  );

  it('gives stretches in order and apart, whatever the text', () => {
    for (const text of TEXTS) {
      let position = 0;
      for (const { start, end, text: own } of protectedSpans(text, (character) => character < '\u0250')) {
        expect(start).toBeGreaterThanOrEqual(position);
        expect(text.slice(start, end)).toBe(own);
        expect(own).not.toBe('');
        position = end;
      }
    }
  });

  it.each([
    ['@'],
    ['a.'],
    ['a@'],
    ['👩‍'],
    ['www.'],
    ['{'],
    ['${'],
    ['%('],
    ['<a '],
    ['$'],
    ['`'],
    ['a_'],
    ['/a'],
    ['C:\\'],
    ['+1 '],
    ['1 '],
    ['1,'],
    ['A.'],
    ['"'],
    ['&'],
    ['\\('],
    [':a'],
    ['a/'],
    ['--a'],
    ['<!--'],
    ['[['],
  ])('copes with a hundred thousand %j', (unit) => {
    const text = unit.repeat(100_000 / unit.length);
    expect(protectedSpans(text).reduce((sum, { start, end }) => sum + end - start, 0)).toBeLessThanOrEqual(text.length);
  });
});
