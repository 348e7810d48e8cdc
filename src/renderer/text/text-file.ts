import { hasPhotoEnding } from '../../photos/photo-endings.ts';
import { i18n } from '../i18n/i18n.svelte.ts';
import { decodeText, encodeText, type TextForm } from '../../contract/text-form.ts';

/** A text of a file: what comes back of it is such a file again. */
export interface TextFile {
  readonly text: string;
  readonly name: string;
  readonly format: 'text' | 'markdown' | 'srt';
  readonly form: TextForm;
}

const ENDINGS = ['txt', 'text', 'md', 'markdown', 'srt'];

/** What a dialog for texts offers. */
export const TEXT_ACCEPT = [...ENDINGS.map((ending) => `.${ending}`), 'text/plain'].join();

/** What a file is, by its name and type: a text of a form that can be kept, another text, or none. */
export function textKind({ name, type }: Pick<File, 'name' | 'type'>): 'known' | 'other' | 'none' {
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase();
  if (ending !== undefined && ENDINGS.includes(ending)) return 'known';
  if (ending === undefined && type === 'text/plain') return 'known';
  // Subtitles of another kind, tables and pages would lose their times and tags.
  return type.startsWith('text/') || /^(vtt|csv|tsv|html?|json|xml|tex|rst|log|sub|ass)$/.test(ending ?? '')
    ? 'other'
    : 'none';
}

/** @throws Error for a person: a photo, a kind of text that would not come back as it was, or no text in UTF-8 or UTF-16 */
export async function readTextFile(file: File): Promise<TextFile> {
  const { isPhoto, notText, otherText } = i18n.t.translate;
  if (file.type.startsWith('image/') || hasPhotoEnding(file.name)) throw new Error(isPhoto(file.name));
  if (textKind(file) === 'other') throw new Error(otherText(file.name));
  const bytes = new Uint8Array(await file.arrayBuffer());
  try {
    const { text, ...form } = decodeText(bytes);
    return { text, name: file.name, format: formatOf(file.name), form };
  } catch (error) {
    throw new Error(notText(file.name), { cause: error });
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
