/** A name as Windows and macOS compare it: without letter case, and with accents composed. */
export function caseless(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
