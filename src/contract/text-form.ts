/** How a text is written down: what must come back as it came. */
export interface TextForm {
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be';
  /** Whether a byte order mark stands before it. */
  readonly mark: boolean;
}

/** A text, without its byte order mark, and how it was written down. */
export interface FormedText extends TextForm {
  readonly text: string;
}

/**
 * Reads text in UTF-8, or in UTF-16 where a byte order mark says so.
 * @throws RangeError for everything else: Latin-1, pictures
 */
export function decodeText(bytes: Uint8Array): FormedText {
  const [first, second, third] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  const mark = encoding !== 'utf-8' || (first === 0xef && second === 0xbb && third === 0xbf);
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (text.includes('\0')) throw new RangeError('A text has no zero bytes.');
    return { text, encoding, mark };
  } catch {
    throw new RangeError('is no text in UTF-8 or UTF-16. Save it as UTF-8 first.');
  }
}

/** Writes text down in a form. */
export function encodeText(text: string, { encoding, mark }: TextForm): Uint8Array {
  const whole = mark ? `\ufeff${text}` : text;
  if (encoding === 'utf-8') return new TextEncoder().encode(whole);
  const bytes = new Uint8Array(2 * whole.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < whole.length; i++) view.setUint16(2 * i, whole.charCodeAt(i), encoding === 'utf-16le');
  return bytes;
}
