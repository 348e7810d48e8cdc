import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';

/** Bytes that a drawing may have once it is unpacked; what is longer is not looked through. */
const MOST_TEXT = 100_000_000;
/** Pixels of a picture inside a drawing. */
const MOST_PIXELS = 100_000_000;
/** Milliseconds that may go into drawing it again and again. */
const PATIENCE = 2000;
/** How often a pattern is enlarged, and how much, to see whether it holds anything. */
const ENLARGED = [10, 1000, 100_000] as const;

/** What follows the name in a tag. */
const ATTRIBUTES = `((?:[^<>"']|"[^"]*"|'[^']*')*)`;
const TAGS = new RegExp(`<(/?)((?:[\\w.-]+:)?)([a-zA-Z]+)(?=[\\s/>])${ATTRIBUTES}>`, 'g');
const PATTERNS = new RegExp(`<((?:[\\w.-]+:)?)pattern(?=[\\s/>])${ATTRIBUTES}>`, 'g');
const ID = /(\sid\s*=\s*)("[^"]*"|'[^']*')/;
const HREF = /\s(?:xlink:)?href\s*=\s*(?:"([^"]*)"|'([^']*)')/;
const DATA = /^data:([^;,]*)((?:;[^;,]*)*),/i;
/** The pictures that librsvg draws inside a drawing. */
const DRAWABLE = new Set(['png', 'jpeg', 'gif', 'webp', 'svg']);

/** Draws a file: RGBA of one size. */
type Draw = (bytes: Uint8Array) => Promise<Uint8Array>;

/**
 * What a drawing shows elsewhere and the decoder leaves out without a word, which is why its pixels alone are not to be
 * believed: pictures that lie outside of the file or cannot be read, text in HTML, and patterns whose tile is smaller than
 * a pixel. What goes over the decoder's own limits (depth, references, layers) it tells itself.
 *
 * @param drawn the pixels as `draw` gave them
 * @returns what is missing, as "it PREDICATE"; nothing where all seems to be there
 */
export async function missingOf(bytes: Uint8Array, drawn: Uint8Array, draw: Draw): Promise<string | undefined> {
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  return (await missingParts(text)) ?? ((await missesPattern(text, drawn, draw)) ? FINE : undefined);
}

const FINE = 'has a pattern that is too fine to be drawn.';

/** Its characters, each a byte: only what is ASCII is looked at. Nothing where it cannot be unpacked. */
function textOf(bytes: Uint8Array): string | undefined {
  let plain = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (plain[0] === 0x1f && plain[1] === 0x8b) plain = gunzipSync(plain, { maxOutputLength: MOST_TEXT });
  } catch {
    return undefined;
  }
  // What is only noted is not drawn.
  return plain.toString('latin1').replace(/<!--[^]*?-->/g, '');
}

async function missingParts(text: string): Promise<string | undefined> {
  const open: string[] = [];
  for (const [, end, , name = '', attributes = ''] of text.matchAll(TAGS)) {
    if (end) {
      open.splice(Math.max(0, open.lastIndexOf(name)));
      continue;
    }
    const parent = open.at(-1);
    if (!attributes.endsWith('/')) open.push(name);
    // Whoever wraps it in a switch has something for those who draw no HTML.
    if (name === 'foreignObject' && parent !== 'switch' && !attributes.endsWith('/'))
      return 'holds text in HTML, which is not drawn.';
    if (name !== 'image') continue;
    const missing = await missingPicture(attributes);
    if (missing !== undefined) return missing;
  }
  return undefined;
}

async function missingPicture(attributes: string): Promise<string | undefined> {
  const [, double, single] = HREF.exec(attributes) ?? [];
  const href = (double ?? single ?? '').trim();
  if (href === '' || href.startsWith('#')) return undefined;
  const [head, , parameters = ''] = DATA.exec(href) ?? [];
  if (head === undefined) {
    const name = Buffer.from(href.slice(0, 60), 'latin1').toString('utf8');
    return `shows a picture that lies outside of it (${name}).`;
  }
  const data = href.slice(head.length);
  const picture = /;base64$/i.test(parameters) ? Buffer.from(data, 'base64') : Buffer.from(unescaped(data), 'latin1');
  try {
    const { format } = await sharp(picture, { limitInputPixels: MOST_PIXELS }).metadata();
    if (!DRAWABLE.has(format)) return `holds a picture in ${format.toUpperCase()}, which is not drawn.`;
    await sharp(picture, { failOn: 'truncated', limitInputPixels: MOST_PIXELS }).resize(8, 8).toBuffer();
    return undefined;
  } catch {
    return 'holds a picture that is damaged.';
  }
}

/** What %-signs stand for, and characters of XML; anything else as it is. */
function unescaped(data: string): string {
  const entities: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return data
    .replace(/&(amp|lt|gt|quot|apos);/g, (_, name: string) => entities[name] ?? '')
    .replace(/%([0-9a-f]{2})/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
}

/**
 * Whether a pattern has left no trace where a colour in its place would have, although there is something in it. librsvg
 * leaves patterns with a tile of less than a pixel out.
 */
async function missesPattern(text: string, drawn: Uint8Array, draw: Draw): Promise<boolean> {
  const named = [...text.matchAll(PATTERNS)].filter(([, , attributes = '']) => ID.test(attributes));
  if (named.length === 0) return false;
  const end = performance.now() + PATIENCE;
  const all = named.map(({ index }) => index);
  // Of very many, or where drawing takes its time, all are looked at together.
  const groups = named.length <= 16 ? all.map((index) => [index]) : [all];
  for (const group of groups) {
    const without = await tryDraw(text, group, 0, draw);
    if (!without || performance.now() > end) return false;
    if (!without.every((value, i) => value === drawn[i])) continue;
    const painted = await tryDraw(text, group, 1, draw);
    // Nothing is filled with it.
    if (!painted || painted.every((value, i) => value === without[i])) continue;
    for (const factor of ENLARGED) {
      const enlarged = await tryDraw(text, group, factor, draw);
      if (enlarged && !enlarged.every((value, i) => value === without[i])) return true;
    }
  }
  return false;
}

/** Draws it with some patterns replaced: by nothing (0), by a colour (1), by themselves enlarged. Nothing where that fails. */
async function tryDraw(
  text: string,
  places: readonly number[],
  how: number,
  draw: Draw,
): Promise<Uint8Array | undefined> {
  const chosen = new Set(places);
  const edited = text.replace(PATTERNS, (tag: string, prefix: string, attributes: string, at: number) => {
    if (!chosen.has(at)) return tag;
    if (how > 1) return `<${prefix}pattern${enlarged(attributes, how)}>`;
    const [, , id = '""'] = ID.exec(attributes) ?? [];
    const stop = `<${prefix}stop stop-color="#f0f" stop-opacity="${how}"/>`;
    const nameless = attributes.replace(ID, '');
    return `<${prefix}linearGradient id=${id}>${stop}</${prefix}linearGradient><${prefix}pattern${nameless}>`;
  });
  return draw(Buffer.from(edited, 'latin1')).catch(() => undefined);
}

function enlarged(attributes: string, factor: number): string {
  const transform = /(\spatternTransform\s*=\s*["'])/;
  if (transform.test(attributes)) return attributes.replace(transform, `$1scale(${factor}) `);
  return ` patternTransform="scale(${factor})"${attributes}`;
}
