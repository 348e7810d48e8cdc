import { cutName } from './cut-name.ts';

// Windows: what no name may have, and devices, also with an ending after them. Direction marks make names look like others.
const FORBIDDEN = /[<>:"/\\|?*\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu;
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])[ ]*(?=\.|$)/i;

/**
 * A name that every system takes, as like the wanted one as can be: "a: b?" → "a- b-", "con.2024" → "con_.2024".
 * @param bytes the greatest length in UTF-8
 */
export function safeName(name: string, bytes: number): string {
  const safe = name.replace(FORBIDDEN, (marks) => (/^[\p{Cf}]+$/u.test(marks) ? '' : '-')).replace(DEVICE, '$1_');
  return cutName(safe, bytes).replace(/[. ]+$/, '') || '_';
}
