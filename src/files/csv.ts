/**
 * A line of a table after RFC 4180 (but with a bare line feed): fields with commas, quotes or line breaks in
 * quotes, quotes doubled. A text that a spreadsheet would run as a formula gets an apostrophe before it;
 * numbers stay numbers, also negative ones.
 */
export function csvLine(fields: readonly (string | number)[]): string {
  return `${fields.map((field) => (typeof field === 'number' ? String(field) : csvText(field))).join(',')}\n`;
}

function csvText(text: string): string {
  // Some programs drop the spaces before, and take wide signs for narrow ones.
  const safe = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe !== safe.trim() ? `"${safe.replaceAll('"', '""')}"` : safe;
}
