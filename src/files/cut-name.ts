/** The beginning of a name that is at most so long: file systems count bytes, in UTF-8, and no character is cut in two. */
export function cutName(name: string, bytes: number): string {
  let length = 0;
  let cut = '';
  for (const character of name) {
    length += Buffer.byteLength(character);
    if (length > bytes) break;
    cut += character;
  }
  return cut;
}
