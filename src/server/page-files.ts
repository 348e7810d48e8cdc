import { extname, join, normalize, sep } from 'node:path';

/** What the pages may load and do: their own files, and nothing from anywhere else. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What pages may ask the browser for: to copy a caption or a picture, to be as large as the screen, and nothing else. */
export const PERMISSIONS_POLICY = [
  ...['camera', 'microphone', 'geolocation', 'display-capture', 'usb', 'serial', 'hid', 'bluetooth', 'midi', 'payment'],
  ...['accelerometer', 'gyroscope', 'magnetometer', 'idle-detection', 'local-fonts', 'screen-wake-lock'],
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/** On an exported file: a page among them is data, not one of ours. */
export const DOWNLOAD_POLICY = "default-src 'none'; sandbox";

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** A file that a page may have. */
export interface PageFile {
  path: string;
  contentType: string;
}

/**
 * The file in `root` that the path of an address names.
 *
 * @param pathname as in the address, percent signs and all
 * @returns undefined for a path that leaves `root`, or a type that pages don't use
 */
export function resolvePageFile(root: string, pathname: string): PageFile | undefined {
  let name: string;
  try {
    name = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  // Backslashes and NUL mean something to a file system, and nothing in an address.
  if (name.includes('\\') || name.includes('\0')) return undefined;
  const folder = normalize(root);
  const path = join(folder, name);
  if (!path.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return undefined;
  const contentType = TYPES[extname(path).toLowerCase()];
  return contentType === undefined ? undefined : { path, contentType };
}

/** `/photos/ID/thumbnail` and the like, taken apart; undefined for any other path. */
export function parsePicturePath(pathname: string): { id: string; kind: 'thumbnail' | 'picture' } | undefined {
  const [, id, kind] = /^\/photos\/([a-z0-9]{1,32})\/(thumbnail|picture)$/.exec(pathname) ?? [];
  return id !== undefined && (kind === 'thumbnail' || kind === 'picture') ? { id, kind } : undefined;
}

/**
 * `/photos/ID/maps/CAPTION/WORD.png`, taken apart: a picture that is drawn as it is asked for, of a word of one of the
 * photo's captions, or `sheet.png` (word null); undefined for any other path.
 */
export function parseMapPath(pathname: string): { photoId: string; caption: number; word: number | null } | undefined {
  const [, photoId, caption, word] =
    /^\/photos\/([a-z0-9]{1,32})\/maps\/(\d{1,2})\/(\d{1,3}|sheet)\.png$/.exec(pathname) ?? [];
  if (photoId === undefined) return undefined;
  return { photoId, caption: Number(caption), word: word === 'sheet' ? null : Number(word) };
}

/** The id in `/downloads/ID`; undefined for any other path. */
export function parseDownloadPath(pathname: string): string | undefined {
  return /^\/downloads\/([a-z0-9]{1,64})$/.exec(pathname)?.[1];
}
