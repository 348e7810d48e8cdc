import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/engine/random.ts';
import { learnMerges } from '../../../src/engine/text/bpe-trainer.ts';
import { Bpe } from '../../../src/engine/text/bpe.ts';
import { chunksOf } from '../../../src/engine/text/chunks.ts';

/** Algorithm 1 of Sennrich et al. as it stands: every pair counted anew for every merge. */
function learnSlowly(counts: ReadonlyMap<string, number>, alphabet: ReadonlySet<string>, most: number): string[] {
  const words = [...counts].map(([word, count]) => ({ symbols: Array.from(word), count }));
  const learned: string[] = [];
  const known = new Set(alphabet);
  while (learned.length < most) {
    const pairs = new Map<string, number>();
    for (const { symbols, count } of words) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        if (!known.has(symbols[i]!) || !known.has(symbols[i + 1]!)) continue;
        const pair = `${symbols[i]}\0${symbols[i + 1]}`;
        pairs.set(pair, (pairs.get(pair) ?? 0) + count);
      }
    }
    const [best] = [...pairs].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
    if (best === undefined || best[1] < 2) break;
    const [left, right] = best[0].split('\0') as [string, string];
    if (!known.has(left + right)) learned.push(left + right);
    known.add(left + right);
    for (const { symbols } of words) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        if (symbols[i] === left && symbols[i + 1] === right) symbols.splice(i, 2, left + right);
      }
    }
  }
  return learned;
}

/** Words over a few letters, so that merges overlap, repeat and compete. */
function invent(words: number, letters: string, random: Random): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i < words; i++) {
    const word = Array.from({ length: 1 + random.integer(9) }, () => letters[random.integer(letters.length)]).join('');
    counts.set(word, 1 + random.integer(20));
  }
  return counts;
}

describe('chunksOf', () => {
  it.each([
    ['A dog runs.', [' A', ' dog', ' runs', '.']],
    ["don't l’eau 'quoted'", [" don't", ' l’eau', " '", 'quoted', "'"]],
    ['in 2016, 3.5', [' in', ' 2', '0', '1', '6', ',', ' 3', '.', '5']],
    ['well-known (x)', [' well', '-', 'known', ' (', 'x', ')']],
    ['', []],
  ])('cuts %j', (text, chunks) => {
    expect(chunksOf(text)).toEqual(chunks);
  });

  it('cuts long runs', () => {
    for (const unit of ['x', '無', '-', '\u0301', "x'"]) {
      const chunks = chunksOf(unit.repeat(1000));
      expect(chunks.join('')).toBe(` ${unit.repeat(1000)}`);
      for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(130);
    }
  });
});

describe('learnMerges', () => {
  it("learns the paper's example", () => {
    const counts = new Map([
      ['low_', 5],
      ['lower_', 2],
      ['newest_', 6],
      ['widest_', 3],
    ]);
    const merges = learnMerges(counts, new Set('lowernstid_'), 4);
    expect(merges).toEqual(['es', 'est', 'est_', 'lo']);
  });

  it.each([1, 2, 3, 4, 5, 6])('learns what counting anew for every merge learns (seed %i)', (seed) => {
    const random = new Random(seed);
    const letters = seed % 2 === 0 ? 'ab' : 'abcde#';
    const counts = invent(60, letters, random);
    const alphabet = new Set('abcde');
    expect(learnMerges(counts, alphabet, 80)).toEqual(learnSlowly(counts, alphabet, 80));
  });

  it('does not depend on the order of the counts', () => {
    const counts = [...invent(80, 'abcd', new Random(9))];
    const alphabet = new Set('abcd');
    expect(learnMerges(new Map(counts.toReversed()), alphabet, 50)).toEqual(learnMerges(new Map(counts), alphabet, 50));
  });

  it('stops when no pair occurs twice, and learns nothing from nothing', () => {
    expect(learnMerges(new Map([['ab', 1]]), new Set('ab'), 10)).toEqual([]);
    expect(learnMerges(new Map([['ab', 2]]), new Set('ab'), 10)).toEqual(['ab']);
    expect(learnMerges(new Map(), new Set('ab'), 10)).toEqual([]);
    expect(learnMerges(new Map([['ab', 2]]), new Set('ab'), 0)).toEqual([]);
  });

  it('never merges across a character outside the alphabet', () => {
    for (const symbol of learnMerges(new Map([['ab#ab', 10]]), new Set('ab'), 10)) expect(symbol).not.toContain('#');
  });
});

describe('Bpe', () => {
  const bpe = new Bpe(['a', 'b', 'c', 'ab', 'bc', 'abc', 'aa']);

  it.each([
    ['abc', ['abc']],
    ['bcab', ['bc', 'ab']],
    ['abbc', ['ab', 'bc']],
    ['aaa', ['aa', 'a']],
    ['a#b', ['a', '#', 'b']],
    ['', []],
  ])('cuts %j by the earliest merges first', (chunk, symbols) => {
    expect(bpe.cut(chunk)).toEqual(symbols);
    expect(bpe.cut(chunk)).toEqual(symbols);
  });

  it('cuts as learning cut: the paper’s example', () => {
    const learned = learnMerges(
      new Map([
        ['low_', 5],
        ['lower_', 2],
        ['newest_', 6],
        ['widest_', 3],
      ]),
      new Set('lowernstid_'),
      10,
    );
    expect(new Bpe([...Array.from('lowernstid_'), ...learned]).cut('lowest_')).toEqual(['low', 'est_']);
  });

  it('leaves out merges by chance, never characters', () => {
    const { next } = new Random(3);
    const cuttings = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const symbols = bpe.cut('abc', { rate: 0.4, random: next });
      expect(symbols.join('')).toBe('abc');
      cuttings.add(symbols.join(' '));
    }
    expect([...cuttings].sort()).toEqual(['a b c', 'a bc', 'ab c', 'abc']);
  });

  it('leaves out about as many merges as it is told', () => {
    const pair = new Bpe(['a', 'b', 'ab']);
    const { next } = new Random(4);
    let merged = 0;
    for (let i = 0; i < 10_000; i++) merged += pair.cut('ab', { rate: 0.1, random: next }).length === 1 ? 1 : 0;
    expect(merged / 10_000).toBeCloseTo(0.9, 1);
    expect(pair.cut('ab', { rate: 0, random: next })).toEqual(['ab']);
  });
});
