import { existsSync, statSync } from 'node:fs';
import { dirname, extname } from 'node:path';
import { translatePassages, writeDocument, type Document } from '../../translation/documents/document.ts';
import { parseMarkdown } from '../../translation/documents/markdown.ts';
import { isSubtitles, parseSubtitles } from '../../translation/documents/subtitles.ts';
import { encodeText, type TextForm } from '../../contract/text-form.ts';
import { decodeStream, readTextStream, type TextStream } from '../../translation/documents/text-stream.ts';
import type { TranslateOptions } from '../../translation/translate.ts';
import { withEntropies, withHeads } from '../../translation/spread.ts';
import { translateBy, type AnyTranslator } from '../../translation/translate-through.ts';
import { Doubts } from '../results/doubts.ts';
import type { TranslatedText } from '../../translation/translation-result.ts';
import { isStream, OutputError, reasonFor, replaceFile, writeFileAtomically } from '../../files/write-file.ts';
import type { TranslateCommandOptions } from '../options/translate-options.ts';
import type { TextFormat } from '../options/text-formats.ts';
import { UsageError } from '../exit.ts';
import { refuseToOverwrite } from '../results/output-file.ts';
import { fileSink, standardOutput, type Sink } from '../results/sink.ts';
import { Interruption } from '../terminal/interruption.ts';
import { plural, printable, Progress } from '../terminal/progress.ts';
import { openAnyTranslator } from './open-translator.ts';

/** Lines that are translated together at most. */
const LINES = 256;
/** Characters of a line: none that a person wrote has more. */
const LONGEST_LINE = 2_000_000;
/** A document is in memory as a whole. */
const LONGEST_DOCUMENT = 20_000_000;

/** `attend translate`. */
export async function translate(words: readonly string[], options: TranslateCommandOptions): Promise<void> {
  const input = inputOf(words, options.format);
  if (options.alternatives > 0 && input.format !== 'text' && !options.json) {
    throw new UsageError('--alternatives needs --json here: a document has room for one translation.');
  }
  if (options.heads && !options.json) throw new UsageError('--heads needs --json: other output has no room for it.');
  if (input.kind === 'file') refuseToOverwrite(options.output, [input.path]);
  const interruption = new Interruption('Stopping.');
  let model: AnyTranslator | undefined;
  try {
    model = await openAnyTranslator(options);
    if ('first' in model) {
      if (options.heads) {
        throw new UsageError('--heads needs a translator that goes all the way; name one for each half by --model.');
      }
      process.stderr.write(`No translator goes all the way: through English, by ${model.name}.\n`);
    }
    const how: TranslateOptions = {
      to: options.to,
      alternatives: options.alternatives,
      signal: interruption.signal,
      ...(options.beam === undefined ? {} : { beam: options.beam }),
      ...(options.lengthNormalisation === undefined ? {} : { lengthNormalisation: options.lengthNormalisation }),
    };
    const doubts =
      input.format === 'text'
        ? await translateLines(model, input, how, options)
        : await translateDocument(model, input, how, options);
    for (const line of doubts.lines()) process.stderr.write(`${line}\n`);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    process.exitCode = interruption.exitCode;
  } finally {
    for (const one of model ? ('first' in model ? [model.first, model.second] : [model]) : []) one.dispose();
    interruption.dispose();
    // Nothing more is read: a pipe that is still open must not keep the process alive.
    if (input.kind === 'stdin') process.stdin.destroy();
  }
}

type Input = { format: TextFormat } & (
  { kind: 'text'; text: string } | { kind: 'file'; path: string } | { kind: 'stdin' }
);

const FORMATS: Readonly<Record<string, TextFormat>> = {
  '.txt': 'text',
  '.md': 'markdown',
  '.markdown': 'markdown',
  '.srt': 'srt',
};

/** As plain text their times, styles and names would be translated, too. */
const OTHER_SUBTITLES: ReadonlySet<string> = new Set(['.vtt', '.ass', '.ssa', '.sbv', '.sub', '.ttml', '.dfxp']);

/** @throws UsageError where it cannot be told what is to be translated */
function inputOf(words: readonly string[], format: TextFormat | undefined): Input {
  const [only] = words;
  if (only === undefined || (only === '-' && words.length === 1)) {
    if (only === undefined && process.stdin.isTTY) {
      throw new UsageError('There is nothing to translate. Give a text, a file, or - to type it line by line.');
    }
    return { kind: 'stdin', format: format ?? 'text' };
  }
  const text = words.join(' ');
  const ending = extname(only).toLowerCase();
  if (words.length > 1 && words.every((word) => FORMATS[extname(word).toLowerCase()] && existsSync(word))) {
    throw new UsageError('Files are translated one at a time. Give one of them, or quote what is a text.');
  }
  if (words.length === 1 && existsSync(only)) {
    if (statSync(only).isDirectory()) throw new UsageError(`${only} is a folder; name the files in it one by one.`);
    if (format === undefined && OTHER_SUBTITLES.has(ending)) {
      throw new UsageError(
        `${only}: of subtitles only SubRip (.srt) keeps its times and marks. Save it as .srt, or say --format text.`,
      );
    }
    return { kind: 'file', path: only, format: format ?? FORMATS[ending] ?? 'text' };
  }
  if (words.length === 1 && !/\s/.test(only) && (ending in FORMATS || OTHER_SUBTITLES.has(ending))) {
    throw new Error(`There is no file ${only}.`);
  }
  return { kind: 'text', text, format: format ?? 'text' };
}

/**
 * Each line by itself, with its line end and in the encoding that it came in; to standard output as soon as it is done, to a
 * file once all are.
 */
async function translateLines(
  model: AnyTranslator,
  input: Input,
  how: TranslateOptions,
  options: TranslateCommandOptions,
): Promise<Doubts> {
  const stream = await streamOf(input);
  const { output } = options;
  if (output === undefined) return translateTo(standardOutput, model, stream, how, options);
  const into = async (path: string): Promise<Doubts> => {
    const sink = await fileSink(path, false, output);
    try {
      return await translateTo(sink, model, stream, how, options);
    } finally {
      await sink.close();
    }
  };
  if (isStream(output)) return into(output);
  // A folder that is spelt wrong is none to be made.
  if (!existsSync(dirname(output))) throw new OutputError(output, reasonFor({ code: 'ENOENT' }));
  // The file is whole, or as it was: a text may turn out to be none in its last line.
  let doubts: Doubts | undefined;
  await replaceFile(output, async (beside) => {
    doubts = await into(beside);
  });
  return doubts!;
}

async function translateTo(
  plain: Sink,
  model: AnyTranslator,
  { form, parts }: TextStream,
  how: TranslateOptions,
  options: TranslateCommandOptions,
): Promise<Doubts> {
  const sink = options.json === true ? plain : formedSink(plain, form);
  const progress = new Progress();
  let done = 0;
  const doubts = new Doubts();
  try {
    for await (const lines of linesOf(parts, options.output !== undefined)) {
      const texts = lines.map(({ text }) => text);
      await translateBy(model, texts, {
        ...how,
        onResult: async (result, index) => {
          progress.clear();
          if (options.json) await sink.write(await jsonLine(model, result, how, options));
          else await writeLine(sink, result, lines[index]!.end);
          done++;
          doubts.add(result, `line ${done}`);
          if (options.output !== undefined) progress.show(plural(done, 'line'));
        },
      });
    }
  } finally {
    progress.clear();
  }
  return doubts;
}

/** What `--json` writes of a text, with what is said beside it. */
async function jsonLine(
  model: AnyTranslator,
  text: TranslatedText,
  { beam, lengthNormalisation, signal }: TranslateOptions,
  { heads }: TranslateCommandOptions,
  beside: object = {},
): Promise<string> {
  const search = {
    ...(beam !== undefined && { beam }),
    ...(lengthNormalisation !== undefined && { lengthNormalisation }),
    ...(signal && { signal }),
  };
  const told = heads && !('first' in model) ? await withHeads(model, text, search) : text;
  const sentences = told.sentences.map((one) => ({ ...one, translations: one.translations.map(withEntropies) }));
  return `${JSON.stringify({ ...told, sentences, ...beside })}\n`;
}

function writeLine(sink: Sink, result: TranslatedText, end: string): Promise<void> {
  const lines = [result.text, ...result.alternatives.map((text) => `    or: ${text}`)];
  return sink.write(`${lines.join(end || '\n')}${end}`);
}

/** A line, and what it ended with. */
interface Line {
  readonly text: string;
  readonly end: '\n' | '\r\n' | '';
}

/**
 * Lines, so many at a time as have come in.
 * @param isExact whether a last line without an end gets none, as in a file; a terminal wants one
 * @throws Error for a line that no text has
 */
async function* linesOf(parts: AsyncIterable<string>, isExact: boolean): AsyncGenerator<Line[]> {
  let rest: string[] = [];
  let restLength = 0;
  let count = 0;
  let last: '\n' | '\r\n' = '\n';
  const lineOf = (line: string): Line => {
    count++;
    last = line.endsWith('\r') ? '\r\n' : '\n';
    return { text: line.replace(/\r$/, ''), end: last };
  };
  for await (const part of parts) {
    const [first = '', ...others] = part.split('\n');
    rest.push(first);
    restLength += first.length;
    if (restLength > LONGEST_LINE) {
      throw new Error(
        `Line ${count + 1} is longer than ${LONGEST_LINE.toLocaleString('en')} characters. Is this text? Put line breaks into it.`,
      );
    }
    if (others.length === 0) continue;
    const lines = [rest.join(''), ...others.slice(0, -1)];
    rest = [others.at(-1)!];
    restLength = rest[0]!.length;
    for (let start = 0; start < lines.length; start += LINES) yield lines.slice(start, start + LINES).map(lineOf);
  }
  if (restLength > 0) yield [{ text: rest.join(''), end: isExact ? '' : last }];
}

function streamOf(input: Input): Promise<TextStream> | TextStream {
  if (input.kind === 'stdin') return decodeStream(process.stdin, 'Standard input');
  if (input.kind === 'file') return readTextStream(input.path);
  const { text } = input;
  return {
    form: { encoding: 'utf-8', mark: false },
    parts: (async function* () {
      yield await Promise.resolve(text);
    })(),
  };
}

/** A sink that writes text as it came. */
function formedSink(sink: Sink, form: TextForm): Sink {
  if (form.encoding === 'utf-8' && !form.mark) return sink;
  let isFirst = true;
  return {
    write: (text) => {
      const bytes = encodeText(text as string, { ...form, mark: form.mark && isFirst });
      isFirst = false;
      return sink.write(bytes);
    },
    close: () => sink.close(),
  };
}

/** A whole document: its mark-up stays, and how it is written down. */
async function translateDocument(
  model: AnyTranslator,
  input: Input,
  how: TranslateOptions,
  options: TranslateCommandOptions,
): Promise<Doubts> {
  const { form, parts } = await streamOf(input);
  const document = parse(await joined(parts), input);
  const progress = new Progress();
  let done = 0;
  const onSentence = (): void => {
    done++;
    progress.show(plural(done, 'sentence'));
  };
  const passages = await translatePassages(model, document, { ...how, onSentence });
  progress.clear();
  const lines: string[] = [];
  for (const { translated, written } of options.json ? passages : []) {
    lines.push(await jsonLine(model, translated, how, options, { written }));
  }
  const written = options.json ? lines.join('') : encodeText(writeDocument(document, passages), form);
  if (options.output === undefined) await standardOutput.write(written);
  else await writeFileAtomically(options.output, written);
  const doubts = new Doubts();
  for (const { translated } of passages) doubts.add(translated);
  return doubts;
}

function parse(source: string, { format, ...input }: Input): Document {
  if (format === 'markdown') return parseMarkdown(source);
  if (!isSubtitles(source) && source.trim() !== '') {
    const name = input.kind === 'file' ? printable(input.path) : 'The text';
    throw new Error(`${name} holds no subtitles: they begin with a number and a line of times.`);
  }
  return parseSubtitles(source);
}

async function joined(parts: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const part of parts) {
    text += part;
    if (text.length > LONGEST_DOCUMENT) {
      throw new Error(
        `The document has more than ${LONGEST_DOCUMENT.toLocaleString('en')} characters. Cut it into parts.`,
      );
    }
  }
  return text;
}
