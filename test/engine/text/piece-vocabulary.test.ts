import { expect, it } from 'vitest';
import { PieceVocabulary } from '../../../src/engine/text/piece-vocabulary.ts';
import { fixture } from '../published/published-vectors.ts';

it('writes no control characters, which bytes may be', () => {
  const { json } = fixture('vit-gpt2');
  const description = json('tokenizer.json') as { model: { vocab: Record<string, number> } };
  const { vocab } = description.model;
  const size = Math.max(...Object.values(vocab)) + 1;
  const vocabulary = new PieceVocabulary(description, json('tokenizer_config.json') as object, size, {
    start: size - 1,
    end: size - 1,
  });
  // GPT-2 prints byte 27 (escape) and byte 7 (bell) as these.
  const [escape, bell, letter] = [vocab['\u011b'], vocab['\u0107'], vocab['H']];
  expect([escape, bell, letter].every((id) => id !== undefined)).toBe(true);
  expect(vocabulary.decode([letter!, escape!, bell!, letter!]).join('')).toBe('HH');
});
