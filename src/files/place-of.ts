import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** Linux follows so many links and no more. */
const MOST_LINKS = 40;

/**
 * Where a name stands: its folder without links, and its last part as it is. Two names of one place are equal; a link and
 * what it leads to are two places.
 */
export function placeOf(path: string): string {
  const full = resolve(path);
  const folder = dirname(full);
  return folder === full ? full : join(realFolder(folder), basename(full));
}

/**
 * The file that is meant by a name: where links lead, if need be to something that is not there yet.
 * @throws Error `ELOOP` where they lead back
 */
export function endOfLinks(path: string): string {
  let place = path;
  for (let count = 0; isLink(place); count++) {
    if (count === MOST_LINKS) throw Object.assign(new Error('Too many links.'), { code: 'ELOOP' });
    place = resolve(realFolder(dirname(place)), readlinkSync(place));
  }
  return place;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** A folder with links resolved as far as it exists. */
function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return placeOf(folder);
  }
}
