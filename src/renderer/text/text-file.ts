import { decodeText, encodeText, type TextForm } from '../../contract/text-form.ts';

/** A text of a file: what comes back of it is such a file again. */
export interface TextFile {
  readonly text: string;
  readonly name: string;
  readonly format: 'text' | 'markdown' | 'srt';
  readonly form: TextForm;
}

/** @throws Error that names a file which is no text in UTF-8 or UTF-16 */
export async function readTextFile(file: File): Promise<TextFile> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    const { text, ...form } = decodeText(bytes);
    return { text, name: file.name, format: formatOf(file.name), form };
  } catch (error) {
    throw new Error(`${file.name} ${(error as Error).message}`, { cause: error });
  }
}

function formatOf(name: string): TextFile['format'] {
  if (/\.(md|markdown)$/i.test(name)) return 'markdown';
  return /\.srt$/i.test(name) ? 'srt' : 'text';
}

/** The translation of a file as a file: `film.srt` becomes `film.de.srt`. */
export function translatedFile({ form, name }: TextFile, text: string, language: string): { blob: Blob; name: string } {
  const dot = name.lastIndexOf('.');
  const place = dot > 0 ? dot : name.length;
  const blob = new Blob([encodeText(text, form) as Uint8Array<ArrayBuffer>], { type: 'text/plain' });
  return { blob, name: `${name.slice(0, place)}.${language}${name.slice(place)}` };
}
