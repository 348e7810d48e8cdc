/** A token as it is read: without the mark of the space before it; the end is a square. */
export function bareToken(text: string): string {
  return text.replace(/^▁(?=.)/u, '').replace(/^<end>$/, '■');
}
