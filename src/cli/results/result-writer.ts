import { isFailed } from '../../captioning/result.ts';
import { printable } from '../terminal/progress.ts';
import { csvLine } from '../../files/csv.ts';
import { troubleBeside, type WrittenResult } from './beside.ts';
import type { Sink } from './sink.ts';

export type ResultFormat = 'text' | 'json' | 'jsonl' | 'csv';

/** Writes results one by one in some format. */
export interface ResultWriter {
  write(result: WrittenResult): Promise<void>;
  /** Writes what belongs after the last result; also when there were none. */
  end(): Promise<void>;
}

/** What was asked for beside the captions: the table has columns for it. */
export interface AskedFor {
  /** How many. */
  alternatives: number;
  keywords?: boolean;
  /** Whether a table begins with one. */
  byteOrderMark?: boolean;
}

export function resultWriter(format: ResultFormat, sink: Sink, asked: AskedFor): ResultWriter {
  switch (format) {
    case 'text':
      return { write: (result) => sink.write(textLines(result)), end: () => Promise.resolve() };
    case 'jsonl':
      return { write: (result) => sink.write(`${JSON.stringify(result)}\n`), end: () => Promise.resolve() };
    case 'json':
      return jsonArray(sink);
    case 'csv':
      return table(sink, asked);
  }
}

/** A line a photo, and one more for each alternative and for the keywords. Failures go to stderr. */
function textLines(result: WrittenResult): string {
  if (isFailed(result)) return '';
  const alternatives = result.alternatives.map(({ caption }) => `    or: ${caption}\n`);
  const keywords = result.keywords ? [`    keywords: ${result.keywords.join(', ')}\n`] : [];
  const doubt = result.notSure ? [`    not sure: confidence ${result.confidence?.toFixed(2)}\n`] : [];
  return `${printable(result.file)}: ${result.caption}\n${[...doubt, ...alternatives, ...keywords].join('')}`;
}

/** One array that is written as it grows: thousands of results need not fit into memory. */
function jsonArray(sink: Sink): ResultWriter {
  let count = 0;
  return {
    write: (result) => sink.write(`${count++ === 0 ? '[\n' : ',\n'}${JSON.stringify(result)}`),
    end: () => sink.write(count === 0 ? '[]\n' : '\n]\n'),
  };
}

function table(sink: Sink, { alternatives, byteOrderMark, keywords }: AskedFor): ResultWriter {
  const filed = keywords ? ['keywords'] : [];
  const numbered = Array.from({ length: alternatives }, (_, i) => `alternative ${i + 1}`);
  let hasHeader = false;
  const begin = async (): Promise<void> => {
    if (hasHeader) return;
    hasHeader = true;
    const header = csvLine([
      'file',
      'width',
      'height',
      'caption',
      'score',
      'error',
      'confidence',
      'not sure',
      ...filed,
      ...numbered,
    ]);
    await sink.write(byteOrderMark ? `\uFEFF${header}` : header);
  };
  return {
    async write(result) {
      await begin();
      // A file name that a spreadsheet would take for a formula: "./=name" is the same file.
      const file = /^[=+\-@]/.test(result.file) ? `./${result.file}` : result.file;
      await sink.write(
        isFailed(result)
          ? csvLine([file, '', '', '', '', result.error, '', '', ...filed.map(() => ''), ...numbered.map(() => '')])
          : csvLine([
              file,
              result.width,
              result.height,
              result.caption,
              result.score,
              troubleBeside(result.beside).join(' '),
              result.confidence ?? '',
              result.notSure ? 'yes' : '',
              ...filed.map(() => (result.keywords ?? []).join('; ')),
              ...numbered.map((_, i) => result.alternatives[i]?.caption ?? ''),
            ]),
      );
    },
    end: begin,
  };
}
