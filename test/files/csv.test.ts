import { describe, expect, it } from 'vitest';
import { csvLine } from '../../src/files/csv.ts';

describe('a line of a table', () => {
  it.each<[string, (string | number)[], string]>([
    ['plain fields as they are', ['a.jpg', 3, 'A dog runs.'], 'a.jpg,3,A dog runs.\n'],
    ['commas in quotes', ['a, b'], '"a, b"\n'],
    ['quotes doubled', ['the "dog"'], '"the ""dog"""\n'],
    ['line breaks in quotes', ['a\r\nb'], '"a\r\nb"\n'],
    ['spaces at the ends in quotes', [' a'], '" a"\n'],
    ['empty fields empty', ['', ''], ',\n'],
    ['negative numbers as numbers', [-0.5], '-0.5\n'],
    ['formulas with an apostrophe', ['=1+1', '+1', '-1', '@a', '\ta'], `'=1+1,'+1,'-1,'@a,'\ta\n`],
    ['formulas behind spaces or in wide signs, too', [' =1+1', '＝1+1', '\n@a'], `' =1+1,'＝1+1,"'\n@a"\n`],
  ])('has %s', (_, fields, line) => {
    expect(csvLine(fields)).toBe(line);
  });
});
