import { OBJECT } from '../../engine/text/protected-spans.ts';
import type { Document, Passage } from './document.ts';
import type { Mark } from './marked-text.ts';

/** "00:01:02,500 --> 00:01:04,000", perhaps with a place on the screen behind it; some write a full stop, or whole seconds. */
const TIMES = /^\s*\d{1,3}:\d{1,2}:\d{1,2}(?:[,.:]\d{1,3})?\s*-->\s*\d{1,3}:\d{1,2}:\d{1,2}(?:[,.:]\d{1,3})?(?!\d).*$/;
/** `<i>`, `</font>`, `{\an8}`, and the line break `\N`. */
const TAG = /<(\/?)([a-z]+)(?:\s[^<>]*)?>|\{\\[^{}]*\}|\\[Nn]/giu;
/** A line of dialogue, perhaps behind tags: "- Hello." */
const SPEAKER = /^(?:\s*(?:<[^<>]*>|\{\\[^{}]*\}))*\s*[-–—‐]\s*(?=\S)/u;
/** A line that stands for itself: it is sung, or says what is heard. */
const ALONE = /^(?:\s*(?:<[^<>]*>|\{\\[^{}]*\}))*\s*(?:[♪♫#]|[[(].*[\])]\s*(?:<[^<>]*>)*\s*$)/u;

/**
 * Takes subtitles (SubRip, .srt) apart: numbers and times stay, each subtitle's text is a passage, or each line of it
 * where its lines are those of different speakers, sung, or in brackets. Tags that open and close (`<i>`) are marks, others objects. A
 * translation gets as many lines as its source, of about equal length.
 */
export function parseSubtitles(source: string): Document {
  const passages: Passage[] = [];
  const lineCounts = new Map<Passage, number>();
  const add = (start: number, end: number): void => {
    const text = source.slice(start, end);
    if (text.trim() === '') return;
    const passage = passageOf(text, start);
    passages.push(passage);
    lineCounts.set(passage, text.split(/\r?\n|\r/).length);
  };
  for (const { start, end } of cues(source)) {
    const lines = linesOf(source, start, end);
    const isOwn = (line: Stretch): boolean => {
      const text = source.slice(line.start, line.end);
      return SPEAKER.test(text) || ALONE.test(text);
    };
    if (!lines.some(isOwn)) {
      add(start, end);
      continue;
    }
    for (const line of lines) {
      const dash = SPEAKER.exec(source.slice(line.start, line.end))?.[0].length ?? 0;
      add(line.start + dash, line.end);
    }
  }
  const newLine = /\r?\n|\r/.exec(source)?.[0] ?? '\n';
  return {
    source,
    passages,
    escape: (plain) => plain,
    finish: (written, passage) =>
      wrap(written.replace(/ ?(\\[Nn]) ?/g, '$1'), lineCounts.get(passage) ?? 1).join(newLine),
  };
}

/** Whether a text is made of subtitles: its first line with anything is a number, and times follow. */
export function isSubtitles(source: string): boolean {
  const [number = '', times = ''] = source.trimStart().split(/\r?\n|\r/, 2);
  return /^\ufeff?\d+\s*$/.test(number) && TIMES.test(times);
}

interface Stretch {
  start: number;
  end: number;
}

/** The texts of the subtitles: what follows a line of times, up to a blank line or the next subtitle's number. */
function cues(source: string): Stretch[] {
  const lines = linesOf(source, 0, source.length);
  const textOf = ({ start, end }: Stretch): string => source.slice(start, end);
  const found: Stretch[] = [];
  for (let i = 0; i < lines.length; i++) {
    if (!TIMES.test(textOf(lines[i]!))) continue;
    let last = i;
    while (last + 1 < lines.length && textOf(lines[last + 1]!).trim() !== '') {
      const isNumber = /^\s*\d+\s*$/.test(textOf(lines[last + 1]!));
      if (isNumber && last + 2 < lines.length && TIMES.test(textOf(lines[last + 2]!))) break;
      last++;
    }
    if (last > i) found.push({ start: lines[i + 1]!.start, end: lines[last]!.end });
    i = last;
  }
  return found;
}

/** Lines without their ends. */
function linesOf(source: string, start: number, end: number): Stretch[] {
  const lines: Stretch[] = [];
  let position = start;
  for (const match of source.slice(start, end).matchAll(/\r?\n|\r/g)) {
    lines.push({ start: position, end: start + match.index });
    position = start + match.index + match[0].length;
  }
  lines.push({ start: position, end });
  return lines;
}

function passageOf(source: string, start: number): Passage {
  const tags = [...source.matchAll(TAG)];
  const partners = pair(tags);
  let text = '';
  const marks: Mark[] = [];
  const objects: string[] = [];
  const opened = new Map<RegExpMatchArray, number>();
  let position = 0;
  const plain = (end: number): void => {
    text += source
      .slice(position, end)
      .replaceAll(OBJECT, '\ufffd')
      .replace(/\s*[\r\n]+\s*/g, ' ');
  };
  for (const tag of tags) {
    plain(tag.index);
    position = tag.index + tag[0].length;
    const opening = partners.get(tag);
    if (/^\\[Nn]$/.test(tag[0])) {
      // Sentences are told apart by the space between them; it goes again with the break.
      text += ` ${OBJECT} `;
      objects.push(tag[0]);
    } else if (opening === undefined) {
      text += OBJECT;
      objects.push(tag[0]);
    } else if (opening === tag) {
      opened.set(tag, marks.length);
      marks.push({ start: text.length, end: text.length, open: tag[0], close: '' });
    } else {
      const mark = opened.get(opening) as number;
      marks[mark] = { ...(marks[mark] as Mark), end: text.length, close: tag[0] };
    }
  }
  plain(source.length);
  return { start, end: start + source.length, text, marks, objects };
}

/** For each tag that has a partner the one that opens the pair (for an opening tag: itself). */
function pair(tags: readonly RegExpMatchArray[]): Map<RegExpMatchArray, RegExpMatchArray> {
  const partners = new Map<RegExpMatchArray, RegExpMatchArray>();
  const open: RegExpMatchArray[] = [];
  for (const tag of tags) {
    const [, slash, name] = tag;
    if (name === undefined) continue;
    if (slash === '') {
      open.push(tag);
      continue;
    }
    const place = open.findLastIndex((one) => one[2]?.toLowerCase() === name.toLowerCase());
    if (place < 0) continue;
    const opening = open[place] as RegExpMatchArray;
    partners.set(opening, opening).set(tag, opening);
    // What was opened inside and not closed stays without a partner.
    open.length = place;
  }
  return partners;
}

/** Cuts text into a number of lines of about equal length; fewer where there are fewer words. */
function wrap(text: string, count: number): string[] {
  const words = text.split(' ');
  const lines: string[] = [];
  let line = '';
  let left = text.length;
  for (const word of words) {
    const aim = left / (count - lines.length);
    const longer = line === '' ? word : `${line} ${word}`;
    // The word goes where it makes the smaller difference.
    if (line !== '' && lines.length < count - 1 && longer.length - aim > aim - line.length) {
      lines.push(line);
      left -= line.length + 1;
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
