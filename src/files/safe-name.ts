import { createHash } from 'node:crypto';
import { cutName } from './cut-name.ts';

// Windows: what no name may have, and devices, also with an ending after them. Direction marks make names look like others.
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ ]*(?=\.|$)/i;

/**
 * A name that every system takes, as like the wanted one as can be: "a: b?" → "a- b-", "con.2024" → "con_.2024". One that
 * is cut ends in a checksum of the whole, so that two that begin alike stay two, whenever they are asked for.
 * @param bytes the greatest length in UTF-8, 20 or more
 */
export function safeName(name: string, bytes: number): string {
  const safe = name.replace(FORBIDDEN, (marks) => (/^[\p{Cf}]+$/u.test(marks) ? '' : '-')).replace(DEVICE, '$1_');
  if (Buffer.byteLength(safe) > bytes) {
    const mark = checksum(name);
    return `${withoutEnd(cutName(safe, bytes - mark.length))}${mark}`;
  }
  return withoutEnd(safe) || '_';
}

/** Tells names apart that became alike: "-5f2c19ab". */
export function checksum(name: string): string {
  return `-${createHash('sha256').update(name.normalize('NFC')).digest('hex').slice(0, 8)}`;
}

/** Windows takes these away. */
function withoutEnd(name: string): string {
  return name.replace(/[. ]+$/, '');
}
