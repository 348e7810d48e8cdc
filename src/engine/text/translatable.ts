/** A stretch of a text, in UTF-16 units: `text.slice(start, end)`. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Pictures, flags and keycaps, with what belongs to each: skin, sex, and what a zero-width joiner joins. ©, ® and ™ are text. */
const EMOJI = String.raw`(?![©®™])(?:\p{Regional_Indicator}{2}|[0-9#*]\ufe0f?\u20e3|\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\u200d\p{Extended_Pictographic}|[\ufe0f\u{e0020}-\u{e007f}])*)`;
/** Stands for something that is no text (code, a picture) in a text that was taken out of a document. */
export const OBJECT = '\ufffc';
const ADDRESS = String.raw`(?:https?:\/\/|www\.)\S*[^\s.,;:!?)\]}"'»”]|[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,64}(?:\.[\p{L}\p{N}-]{1,64})+`;
const KEPT = new RegExp(`${OBJECT}|${EMOJI}|${ADDRESS}`, 'gu');

/**
 * The parts of a sentence that there is something to translate in: what is left between emoji, addresses of pages and
 * mailboxes, and objects, where it has letters, without the white space around it and the marks behind an address. All
 * else stays as it is: "🎉", "12:30".
 */
export function translatableParts(sentence: string): Stretch[] {
  const parts: Stretch[] = [];
  let start = 0;
  const add = (end: number): void => {
    const part = sentence.slice(start, end);
    if (!/\p{L}/u.test(part)) return;
    // Marks that belong to the address before them open no sentence.
    const before = (start === 0 ? /^\s*/ : /^[\s.,;:!?)\]}»”]*/).exec(part)?.[0].length ?? 0;
    parts.push({ start: start + before, end: start + part.trimEnd().length });
  };
  for (const match of sentence.matchAll(KEPT)) {
    add(match.index);
    start = match.index + match[0].length;
  }
  add(sentence.length);
  return parts;
}
