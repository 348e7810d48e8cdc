/** A word of a caption as it stands there: the model's own, or what careful wording put in its place. */
export function wordSaid({ said, word }: { readonly word: string; readonly said?: string | undefined }): string {
  return said ?? word;
}
