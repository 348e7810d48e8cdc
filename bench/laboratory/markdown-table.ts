/** A table as Markdown has it; all columns but the first few are numbers. @param texts how many columns are texts */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly (string | number)[])[],
  texts = 1,
): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, i) => (i < texts ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** What the tables are the mean of. */
export const SEEDS = [1, 2, 3];

export const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** Mean of seeds, and the least and the most of them: .80 (.79 to .81). */
export function spread(values: readonly number[]): string {
  const [least, most] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
  return `${share(mean(values))} (${share(least)} to ${share(most)})`;
}

/** A share as the tables of docs/laboratory have it: .96, 1.00. */
export const share = (value: number): string => value.toFixed(2).replace(/^0\./, '.');
