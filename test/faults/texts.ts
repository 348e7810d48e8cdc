import { randomBytes } from 'node:crypto';
import { memoryOf, type Start } from './attend-process.ts';

/** Texts that no translator was made for. */
export function strangeTexts(): Record<string, string> {
  const base64 = randomBytes(1500).toString('base64');
  return {
    '10,000 letters without a space': 'abcdefghij'.repeat(1000),
    '2,000 characters of base64 in a sentence': `The key is ${base64} and nothing else.`,
    'a megabyte without a space': 'lorem'.repeat(200_000),
    'a megabyte without a full stop': 'the dog runs and '.repeat(60_000),
    '112 kB of "Mr. A.B. e.g."': 'Mr. A.B. e.g. '.repeat(8000),
    '100,000 quotes': '"'.repeat(100_000),
    'zero-width characters in each word': 'A\u200b do\u200bg ru\u00adns thro\u2060ugh the sn\u200dow.',
    'letters with 500 marks above': `A dog ${'a'.padEnd(500, '\u0301')} runs.`,
    'all of Unicode once, every 97th': Array.from({ length: 11_000 }, (_, i) => i * 97)
      .filter((code) => code < 0xd800 || code > 0xdfff)
      .map((code) => String.fromCodePoint(code))
      .join('')
      .replaceAll(/[\n\r]/g, ''),
  };
}

export interface TranslatedStrangely {
  seconds: number;
  /** Characters of what came out. */
  output: number;
  peakBytes: number;
  exitCode: number | null;
  stackTraces: number;
}

/** Translates a text to German on the command line. It is ended after two minutes. */
export async function translateStrange(start: Start, text: string): Promise<TranslatedStrangely> {
  const begin = performance.now();
  const child = start(['translate', '--to', 'de']);
  let [output, peak, said] = [0, 0, ''];
  child.stdout.setEncoding('utf8').on('data', (more: string) => (output += more.length));
  child.stderr.setEncoding('utf8').on('data', (more: string) => (said += more));
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${text}\n`);
  const watch = setInterval(() => void memoryOf(child.pid ?? 0).then((bytes) => (peak = Math.max(peak, bytes))), 100);
  const late = setTimeout(() => child.kill('SIGKILL'), 120_000);
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearInterval(watch);
  clearTimeout(late);
  const stackTraces = said.split('\n').filter((line) => /^\s+at .+:\d+/.test(line)).length;
  return { seconds: (performance.now() - begin) / 1000, output, peakBytes: peak, exitCode, stackTraces };
}
