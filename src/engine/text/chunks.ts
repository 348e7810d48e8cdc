/**
 * Chunks are what byte pair encoding merges within: a run of letters (with apostrophes inside: "don't", "l'eau"), one
 * digit, or a run of signs. So "dog." and "dog" share a token, and any number is told by its digits. A space belongs to
 * the chunk behind it, which is how tokens know where words begin; it is printed as ▁, after SentencePiece (Kudo and
 * Richardson 2018, arXiv 1808.06226).
 *
 * Runs are cut at lengths that no word has, so that the work for a text without spaces stays linear in its length.
 */
const CHUNK = / ?[\p{L}\p{M}]{1,64}(?:['’][\p{L}\p{M}]{1,64})?| ?\p{N}| ?[^\p{L}\p{M}\p{N} ][^\p{L}\p{N} ]{0,15}|[^]/gu;

/** Cuts normalised text; the chunks joined are the text with a space in front. No chunks for empty text. */
export function chunksOf(normalised: string): string[] {
  return normalised === '' ? [] : (` ${normalised}`.match(CHUNK) ?? []);
}
