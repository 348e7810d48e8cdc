import { describe, expect, it } from 'vitest';
import { bar, duration, printable, Progress } from '../../src/cli/terminal/progress.ts';

function terminal(isTTY: boolean): { stream: NodeJS.WriteStream; written: string[] } {
  const written: string[] = [];
  const stream = { isTTY, columns: 20, write: (text: string) => written.push(text) };
  return { stream: stream as unknown as NodeJS.WriteStream, written };
}

describe('progress', () => {
  it('is not shown where stderr is no terminal', () => {
    const { stream, written } = terminal(false);
    const progress = new Progress(stream);
    progress.show('1 of 2');
    progress.clear();
    expect(written).toEqual([]);
  });

  it('is one line, no wider than the terminal, that goes away', () => {
    const { stream, written } = terminal(true);
    const progress = new Progress(stream);
    progress.show('1 of 2: a very long name.jpg');
    progress.clear();
    progress.clear();
    expect(written).toEqual(['\r\u001b[2K1 of 2: a very lon…', '\r\u001b[2K']);
  });

  it('shows what a file name would do to a terminal instead of doing it', () => {
    expect(printable('a\u001b[31m\nb\u202egpj')).toBe('a\\u001b[31m\\u000ab\\u202egpj');
    expect(printable('Zürich 犬.jpg')).toBe('Zürich 犬.jpg');
  });

  it.each([
    [0, '░'.repeat(20)],
    [0.5, `${'█'.repeat(10)}${'░'.repeat(10)}`],
    [1.2, '█'.repeat(20)],
  ])('draws a bar of %s', (share, drawn) => expect(bar(share)).toBe(drawn));

  it.each([
    [0.4, '0 s'],
    [59, '59 s'],
    [61, '1 min'],
    [7260, '2 h 1 min'],
  ])('calls %s seconds "%s"', (seconds, text) => expect(duration(seconds)).toBe(text));
});
