/** A text that cannot go on, with why: the end of a sentence. */
export class ForeignTextError extends Error {}

type Encoding = 'utf8' | 'utf16le' | 'utf16be' | 'ascii';

/**
 * What a text file says after a text was added, in the file's own encoding and with its line ends: every byte of what is
 * there stays. What begins with a byte order mark is as it says, what is valid UTF-8 is UTF-8; to anything else only
 * ASCII can be added, which all others share.
 * @param added lines with "\n"
 * @returns nothing where the file says it already
 * @throws ForeignTextError
 */
export function withTextAdded(before: Uint8Array, added: (said: string) => string): Uint8Array | undefined {
  const encoding = encodingOf(before);
  const said = decode(before, encoding);
  const text = added(said);
  if (text.trim() === '' || isIn(said, text)) return undefined;
  if (encoding === 'ascii' && /\P{ASCII}/u.test(text)) {
    throw new ForeignTextError('it is neither UTF-8 nor UTF-16, and what is added has letters that depend on it.');
  }
  const end = said.includes('\r\n') ? '\r\n' : '\n';
  const start = said === '' || said.endsWith('\n') ? '' : end;
  return Buffer.concat([before, encode(start + text.replaceAll('\n', end), encoding)]);
}

function isIn(said: string, text: string): boolean {
  return `\n${said.replaceAll('\r\n', '\n').trim()}\n`.includes(`\n${text.trim()}\n`);
}

function encodingOf(bytes: Uint8Array): Encoding {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'utf16le';
  if (first === 0xfe && second === 0xff) return 'utf16be';
  if (bytes.includes(0)) throw new ForeignTextError('it is no text, or UTF-16 without a byte order mark.');
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return 'utf8';
  } catch {
    return 'ascii';
  }
}

function decode(bytes: Uint8Array, encoding: Encoding): string {
  const name = { utf8: 'utf-8', utf16le: 'utf-16le', utf16be: 'utf-16be', ascii: 'latin1' }[encoding];
  return new TextDecoder(name).decode(bytes);
}

function encode(text: string, encoding: Encoding): Uint8Array {
  if (encoding !== 'utf16be') return Buffer.from(text, encoding === 'ascii' ? 'utf8' : encoding);
  return Buffer.from(text, 'utf16le').swap16();
}
