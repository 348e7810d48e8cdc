/** Nats that a word must owe to where the model looked before that is worth a word: a twentieth of its probability. */
const LEAST = 0.05;

/**
 * Whether it mattered for a word where the model looked.
 * @param probability p(word) with the model's own attention
 * @param unlooked p(word) had it looked everywhere alike
 */
export function didLook(probability: number, unlooked: number): boolean {
  return Math.abs(Math.log(probability / unlooked)) >= LEAST;
}
