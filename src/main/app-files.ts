import { extname, join, normalize, sep } from 'node:path';

/** The one origin that the app's pages come from. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'attend';
export const APP_PAGE = `${APP_SCHEME}://${APP_HOST}/index.html`;

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
export interface AppFile {
  path: string;
  contentType: string;
}

/**
 * The file in `root` that an `app://attend/…` address names.
 *
 * @returns undefined for another host, a path that leaves `root`, a type that pages don't use, or no proper address
 */
export function resolveAppFile(root: string, address: string): AppFile | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, pathname } = new URL(address);
  if (protocol !== `${APP_SCHEME}:` || host !== APP_HOST) return undefined;
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
