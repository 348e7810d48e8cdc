// Windows-1252, which ExifTool calls Latin, from 0x80 on: the rest is as in Unicode.
const LATIN = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';
const BYTES = new Map(Array.from(LATIN, (letter, i) => [letter, 0x80 + i]));

/**
 * Whether texts that were read as Latin, since IPTC says nothing of its encoding, are UTF-8: many programs write it
 * without saying so. Latin text that happens to be valid UTF-8 is next to unknown.
 */
export function isUtf8ReadAsLatin(texts: readonly string[]): boolean {
  const bytes = Array.from(texts.join('\n'), (letter) => BYTES.get(letter) ?? letter.charCodeAt(0));
  if (bytes.some((byte) => byte > 0xff) || bytes.every((byte) => byte < 0x80)) return false;
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(bytes));
    return true;
  } catch {
    return false;
  }
}
