import { expect, it } from 'vitest';
import { PieceVocabulary } from '../../../src/engine/text/piece-vocabulary.ts';
import { fixture } from '../published/published-vectors.ts';

/** GPT-2's pieces, as the small model has them, and the ids of pieces by how they are printed. */
function gpt2(): { vocabulary: PieceVocabulary; vocab: Record<string, number> } {
  const { json } = fixture('vit-gpt2');
  const description = json('tokenizer.json') as { model: { vocab: Record<string, number> } };
  const { vocab } = description.model;
  const size = Math.max(...Object.values(vocab)) + 1;
  const special = { start: size - 1, end: size - 1 };
  return {
    vocab,
    vocabulary: new PieceVocabulary(description, json('tokenizer_config.json') as object, size, special),
  };
}

it('writes no control characters, which bytes may be', () => {
  const { vocab, vocabulary } = gpt2();
  // GPT-2 prints byte 27 (escape) and byte 7 (bell) as these.
  const [escape, bell, letter] = [vocab['\u011b'], vocab['\u0107'], vocab['H']];
  expect([escape, bell, letter].every((id) => id !== undefined)).toBe(true);
  expect(vocabulary.decode([letter!, escape!, bell!, letter!]).join('')).toBe('HH');
});

it('begins a word with a space that is a piece by itself, and with none that stands before a mark', () => {
  const { vocab, vocabulary } = gpt2();
  const words = ['P', 'H', 'and', '猫'];
  const ids = vocabulary.encode(words);
  expect(ids).toContain(vocab['\u0120']);
  expect(vocabulary.decode(ids)).toEqual(words);
  expect(vocabulary.group(ids).reduce((sum, { count }) => sum + count, 0)).toBe(ids.length);
  expect(vocabulary.decode([vocab['P']!, vocab['\u0120']!, vocab['.']!])).toEqual(['P']);
});
