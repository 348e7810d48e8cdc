import type { Nodes, PhrasingContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { OBJECT } from '../../engine/text/protected-spans.ts';
import type { Document, Passage } from './document.ts';
import type { Mark } from './marked-text.ts';

/**
 * Takes a Markdown document (CommonMark with GitHub's tables, footnotes and strikethrough) apart. Paragraphs, headings
 * and cells of tables are passages, and a hard line break behind a sentence ends one; in them emphasis and links are marks, and
 * code, pictures, HTML, bare addresses, hard line breaks and footnote numbers are objects. Code blocks, HTML blocks, definitions of links, mathematics between `$$`
 * and front matter are no passages, so they stay as they are. A paragraph's wrapped lines become one.
 */
export function parseMarkdown(source: string): Document {
  if (isBomb(source)) return plainLines(source);
  const front = frontMatter(source);
  // Blanks of the same length, so that places stay.
  const body = front.replace(/[^\r\n]/g, ' ') + source.slice(front.length);
  const passages: Passage[] = [];
  const cells = new Set<Passage>();
  const visit = (node: Nodes): void => {
    if (node.type === 'paragraph' || node.type === 'heading' || node.type === 'tableCell') {
      for (const line of hardLines(body, node.children)) {
        const passage = passageOf(body, line);
        if (!passage || passage.text.startsWith('$$')) continue;
        passages.push(passage);
        if (node.type === 'tableCell') cells.add(passage);
      }
    } else if ('children' in node) {
      for (const child of node.children) visit(child);
    }
  };
  visit(fromMarkdown(body, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }));
  return {
    source,
    passages,
    escape: (plain, position, passage) => escapeMarkdown(plain, position === 0, cells.has(passage)),
  };
}

/** Signs that open something (links, lists, quotations) in one paragraph, beyond which no reader of Markdown is quick. */
const MOST_OPENINGS = 2000;
/** Marks of lists and quotations inside each other. */
const DEEPEST = /^(?:[^\S\n]*(?:[-*+>]|\d{1,9}[.)])(?:[^\S\n]+|(?=>))){40}/m;

/** Whether a text is made to be slow to read, or no Markdown at all. */
function isBomb(source: string): boolean {
  if (DEEPEST.test(source)) return true;
  return source.split(/\n[^\S\n]*\n/).some((paragraph) => (paragraph.match(/[[*_<>|]/g)?.length ?? 0) > MOST_OPENINGS);
}

/** A text whose lines are passages: what stays as it is stays, but no mark goes with its words. */
function plainLines(source: string): Document {
  const passages: Passage[] = [];
  for (const { 0: line, index } of source.matchAll(/[^\r\n]+/g)) {
    const text = line.replaceAll(OBJECT, '\ufffd');
    passages.push({ start: index, end: index + line.length, text, marks: [], objects: [] });
  }
  return { source, passages, escape: (plain) => plain };
}

/** YAML or TOML between lines of `---` or `+++` at the very beginning; empty where there is none. */
function frontMatter(source: string): string {
  return /^\ufeff?(---|\+\+\+)[^\S\n]*\n(?:[^\n]*\n)*?\1[^\S\n]*(?:\n|$)/.exec(source)?.[0] ?? '';
}

/** The lines of a paragraph, where a hard break stands between two sentences; inside of one it is an object. */
function hardLines(source: string, children: readonly PhrasingContent[]): PhrasingContent[][] {
  const lines: PhrasingContent[][] = [[]];
  for (const [i, child] of children.entries()) {
    const before = children[i - 1];
    const after = children[i + 1];
    const isEnd =
      child.type === 'break' &&
      before !== undefined &&
      after !== undefined &&
      (/[.!?…:;]["'”’)\]*_]*$/u.test(source.slice(startOf(before), endOf(before))) ||
        /^["'“‘([*_]*[\p{Lu}\p{N}]/u.test(source.slice(startOf(after), endOf(after))));
    if (isEnd) lines.push([]);
    else lines.at(-1)!.push(child);
  }
  return lines;
}

/** Nothing where there is nothing in it. */
function passageOf(source: string, children: readonly PhrasingContent[]): Passage | undefined {
  const first = children[0];
  const last = children.at(-1);
  if (!first || !last) return undefined;
  let text = '';
  const marks: Mark[] = [];
  const objects: string[] = [];
  const read = (nodes: readonly PhrasingContent[]): void => {
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      const closing = closingOf(nodes, i);
      if (closing !== undefined) {
        text += OBJECT;
        objects.push(source.slice(startOf(node), endOf(nodes[closing]!)));
        i = closing;
      } else if (node.type === 'text') {
        // An object replacement character of the text itself would be taken for an object.
        text += node.value.replaceAll(OBJECT, '\ufffd').replace(/\s*[\r\n]\s*/g, ' ');
      } else if ('children' in node && node.children.length > 0 && !isBareAddress(node) && !isNamed(node)) {
        const [inner, end] = [node.children[0] as PhrasingContent, node.children.at(-1) as PhrasingContent];
        const mark = marks.length;
        const start = text.length;
        marks.push({ start, end: start, open: source.slice(startOf(node), startOf(inner)), close: '' });
        read(node.children);
        const label = labelOf(node);
        const close = label === undefined ? source.slice(endOf(end), endOf(node)) : `][${label}]`;
        marks[mark] = { ...(marks[mark] as Mark), end: text.length, close };
      } else {
        text += OBJECT;
        const following = nodes[i + 1];
        // A hard break goes on to where the text does: behind the next line's indentation or quotation mark.
        const end = node.type === 'break' && following ? startOf(following) : endOf(node);
        objects.push(source.slice(startOf(node), end));
      }
    }
  };
  read(children);
  return { start: startOf(first), end: endOf(last), text, marks, objects };
}

/** Where code that is written as HTML ends (`<kbd>Ctrl</kbd>`), which is no prose; nothing where none begins. */
function closingOf(nodes: readonly PhrasingContent[], place: number): number | undefined {
  const node = nodes[place];
  const name = node?.type === 'html' ? /^<(kbd|code|samp|var|tt)\b/i.exec(node.value)?.[1] : undefined;
  if (name === undefined) return undefined;
  const found = nodes.findIndex(
    (one, i) => i > place && one.type === 'html' && new RegExp(`^</${name}\\s*>`, 'i').test(one.value),
  );
  return found < 0 ? undefined : found;
}

/**
 * The label of a link that is called by its text alone, as in `[the rules]` and `[the rules][]`: translated, it is called by
 * nothing.
 */
function labelOf(node: PhrasingContent): string | undefined {
  return node.type === 'linkReference' && node.referenceType !== 'full' ? (node.label ?? undefined) : undefined;
}

/** Whether such a link is a name or a number (`[RFC 2119]`, `[1.0.0]`), which stays. */
function isNamed(node: PhrasingContent): boolean {
  const label = labelOf(node);
  return label !== undefined && !/\p{Ll}{2}/u.test(label);
}

/** `<https://…>` and `https://…` as it is: a link whose text is its address. */
function isBareAddress(node: PhrasingContent): boolean {
  if (node.type !== 'link') return false;
  const [only] = node.children;
  return node.children.length === 1 && only?.type === 'text' && node.url.endsWith(only.value);
}

/**
 * Puts a backslash before what would be mark-up: what Markdown takes for it anywhere, and at the beginning of a
 * paragraph what would make a list, a heading or a quotation of it.
 */
function escapeMarkdown(plain: string, first: boolean, inCell: boolean): string {
  let escaped = plain
    .replace(/[\\`*[\]<]|~(?=~)|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/&(?=#?\w+;)/g, '\\&');
  if (inCell) escaped = escaped.replaceAll('|', '\\|');
  if (first) {
    escaped = escaped.replace(/^(\s*)([-+](?=\s)|#{1,6}(?=\s)|>|=+$|-+$)/, '$1\\$2');
    escaped = escaped.replace(/^(\s*\d{1,9})([.)])(?=\s)/, '$1\\$2');
  }
  return escaped;
}

function startOf({ position }: Nodes): number {
  return position?.start.offset ?? 0;
}

function endOf({ position }: Nodes): number {
  return position?.end.offset ?? 0;
}
