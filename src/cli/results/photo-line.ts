/** A photo that a line of standard input names. */
export interface PhotoLine {
  file: string;
  /** Comes back with the answer as it was given. */
  id?: string | number;
  /** Why the line names no photo. */
  error?: string;
}

/** Reads a line of `attend caption - --lines`: a path, or `{ "file", "id"? }`. It always gives a photo, perhaps a failed one. */
export function parsePhotoLine(line: string): PhotoLine {
  if (!line.trimStart().startsWith('{')) {
    return line.trim() === '' ? { file: '', error: 'an empty line names no photo.' } : { file: line };
  }
  let value: { file?: unknown; id?: unknown };
  try {
    value = JSON.parse(line) as typeof value;
  } catch {
    // A path may begin with a brace.
    return { file: line };
  }
  const id = typeof value.id === 'string' || typeof value.id === 'number' ? { id: value.id } : {};
  if (typeof value.file !== 'string' || value.file === '') {
    return { file: '', ...id, error: 'the line has no "file", the path of a photo.' };
  }
  return { file: value.file, ...id };
}
