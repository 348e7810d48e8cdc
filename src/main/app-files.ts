import { resolvePageFile, type PageFile } from '../server/page-files.ts';

/** The one origin that the app's pages come from. */
export const APP_SCHEME = 'app';
const APP_HOST = 'attend';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;
export const APP_PAGE = `${APP_ORIGIN}/index.html`;

/**
 * The path of an `app://attend/…` address.
 * @returns undefined for another scheme or host, or no proper address
 */
export function appPath(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const { protocol, host, pathname } = new URL(address);
  return protocol === `${APP_SCHEME}:` && host === APP_HOST ? pathname : undefined;
}

/**
 * The file in `root` that an `app://attend/…` address names.
 *
 * @returns undefined for another host, a path that leaves `root`, a type that pages don't use, or no proper address
 */
export function resolveAppFile(root: string, address: string): PageFile | undefined {
  const path = appPath(address);
  return path === undefined ? undefined : resolvePageFile(root, path);
}
