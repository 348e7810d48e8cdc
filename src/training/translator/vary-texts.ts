import type { Random } from '../../engine/random.ts';
import { digitsOf, protectedSpans, type ProtectedSpan } from '../../engine/text/protected-spans.ts';
import { placeholderCharacter } from '../../engine/text/subword-tokenizer.ts';
import type { SentencePair } from './sentence-pair.ts';
import type { ReadText } from './translation-examples.ts';
import type { Variation } from './translator-config.ts';

/**
 * Training pairs as texts are in the world, and not only as collections have them: with placeholders, two sentences at
 * once, small letters, long sentences more often. One text comes out for each that goes in; joined pairs stand at its end.
 *
 * @param placeholders of the vocabulary
 */
export function varyTexts(
  texts: readonly ReadText[],
  variation: Variation,
  placeholders: number,
  random: Random,
): ReadText[] {
  return texts.map(({ text, pairs, weights }) => {
    const all = [...pairs];
    const times = Array.from(weights);
    for (let i = 0; i + 1 < pairs.length; i++) {
      const [first, second] = [pairs[i]!, pairs[i + 1]!];
      if (random.next() >= variation.joined || !canJoin(first, second, variation.joinedWords)) continue;
      all.push({ source: `${first.source} ${second.source}`, target: `${first.target} ${second.target}` });
      times.push(Math.min(weights[i]!, weights[i + 1]!));
    }
    const { long } = variation;
    const varied = all.map((pair, i) => {
      if (long && wordsIn(pair.source) >= long.words) times[i]! *= long.weight;
      const held = random.next() < variation.placeholders ? hold(pair, placeholders, variation.names, random) : pair;
      return random.next() < variation.letterCase ? { ...held, source: otherCase(held.source, random) } : held;
    });
    return { text, pairs: varied, weights: Float32Array.from(times) };
  });
}

/** Two whole sentences that are short. */
function canJoin(first: SentencePair, second: SentencePair, most: number): boolean {
  const ends = (side: string): boolean => /[.!?]["“”'»]?$/u.test(side);
  return ends(first.source) && ends(first.target) && [first, second].every(({ source }) => wordsIn(source) <= most);
}

function wordsIn(text: string): number {
  return text.split(' ').length;
}

function otherCase(source: string, random: Random): string {
  if (random.next() < 0.7) return source.toLowerCase();
  const words = source.split(' ');
  const place = random.integer(words.length);
  return words.map((word, i) => (i === place ? word.toUpperCase() : word)).join(' ');
}

/**
 * A pair in which placeholders stand for what both sides have: numbers by their digits, all else by its letters. The
 * first of them is any, the others follow it, so that a model learns to copy and not to count.
 */
export function hold(pair: SentencePair, placeholders: number, names: number, random: Random): SentencePair {
  if (placeholders === 0) return pair;
  const chosen = (span: ProtectedSpan): boolean =>
    span.kind === 'digit' || span.kind === 'letters' ? random.next() < names : true;
  const sources = [
    ...protectedSpans(pair.source).filter(chosen),
    ...namesOf(pair.source).filter(() => random.next() < names),
  ].sort((a, b) => a.start - b.start);
  if (sources.length === 0) return pair;
  const targets = [...protectedSpans(pair.target), ...namesOf(pair.target)];
  const first = random.integer(placeholders);
  const found: { source: ProtectedSpan; target: ProtectedSpan; character: string }[] = [];
  for (const source of sources) {
    const matches = targets.filter((target) => keyOf(target) === keyOf(source));
    const only = sources.filter((other) => keyOf(other) === keyOf(source)).length === 1;
    if (matches.length !== 1 || !only || found.length === placeholders) continue;
    if (found.some((one) => overlap(one.source, source) || overlap(one.target, matches[0]!))) continue;
    const character = placeholderCharacter((first + found.length) % placeholders);
    found.push({ source, target: matches[0]!, character });
  }
  return {
    source: replaced(
      pair.source,
      found.map(({ source, character }) => ({ ...source, character })),
    ),
    target: replaced(
      pair.target,
      found.map(({ target, character }) => ({ ...target, character })),
    ),
  };
}

const NAME = /(?<=[\p{L},;] )\p{Lu}\p{Ll}+(?![\p{L}\p{M}'’-])/gu;

/** Capitalised words that begin no sentence. */
function namesOf(text: string): ProtectedSpan[] {
  return Array.from(text.matchAll(NAME), ({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
    kind: 'letters' as const,
    text: found,
  }));
}

/** What has to be the same on both sides: "$1,299.00" and "1.299,00 $" are the same number. */
function keyOf({ kind, text }: ProtectedSpan): string {
  return kind === 'number' || kind === 'digit' ? `number ${digitsOf(text).join('')}` : text;
}

function overlap(a: ProtectedSpan, b: ProtectedSpan): boolean {
  return a.start < b.end && b.start < a.end;
}

function replaced(text: string, spans: readonly (ProtectedSpan & { character: string })[]): string {
  let result = '';
  let position = 0;
  for (const { start, end, character } of spans.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(position, start) + character;
    position = end;
  }
  return result + text.slice(position);
}
