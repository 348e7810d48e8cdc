import { escapeXml } from '../../files/xml.ts';
import { saveFile, svgToPng } from '../text/matrix-files.ts';
import { indexed, type Part } from './stages.ts';

const MARGIN = 24;
const TITLE = 30;
const LINE = 34;
/** Pixels of a photo in a file, at most. */
const PHOTO = 1000;

/** What of an element's look a file must say by itself. */
const LOOKS = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-size',
  'font-weight',
  'font-style',
  'font-family',
  'opacity',
] as const;

/** A drawing of the page; or what makes one, on white, as an SVG document. */
export type Drawing = SVGSVGElement | (() => string);

/** What of a panel is saved. */
export interface SavedPanel {
  readonly drawing: Drawing;
  /** Of its file, without an ending. */
  readonly name: string;
  readonly title: string;
  readonly equations?: readonly (readonly Part[])[] | undefined;
}

/** A drawing that stands by itself, and what it stood on. */
interface Drawn {
  readonly markup: string;
  readonly width: number;
  readonly height: number;
  readonly ground: string;
  readonly ink: string;
  readonly font: string;
}

/** A drawing as a file of its own: below its title and its equations, on the ground that it had. */
export async function standAlone({ drawing, equations = [], title }: SavedPanel): Promise<string> {
  const { font, ground, height, ink, markup, width } =
    typeof drawing === 'function' ? made(drawing()) : await copied(drawing);
  const top = MARGIN + TITLE + equations.length * LINE;
  const w = width + 2 * MARGIN;
  const h = top + height + MARGIN;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">`,
    `<rect width="${w}" height="${h}" fill="${ground}"/>`,
    `<text x="${MARGIN}" y="${MARGIN + 12}" font-size="16" font-weight="600" fill="${ink}" font-family="${font}">${escapeXml(title)}</text>`,
    ...equations.map(
      (parts, i) =>
        `<text x="${MARGIN}" y="${MARGIN + TITLE + (i + 0.6) * LINE}" font-size="20" xml:space="preserve" fill="${ink}" font-family="STIX Two Text, Cambria, Times New Roman, serif">${equationMarkup(parts)}</text>`,
    ),
    `<g transform="translate(${MARGIN} ${top})">${markup}</g>`,
    '</svg>',
  ].join('');
}

/** Of a document, which lies in the file as it is. */
function made(svg: string): Drawn {
  const sizeOf = (name: string): number => Number(new RegExp(` ${name}="([\\d.]+)"`).exec(svg)?.[1]);
  return {
    markup: svg,
    width: sizeOf('width'),
    height: sizeOf('height'),
    ground: '#ffffff',
    ink: '#000000',
    font: 'sans-serif',
  };
}

/** Of what the page shows: with its colours written out, and its photos in it. */
async function copied(drawing: SVGSVGElement): Promise<Drawn> {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [...drawing.querySelectorAll('*')];
  for (const [i, element] of [...copy.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(originals[i] as Element);
    for (const look of LOOKS) {
      const value = style.getPropertyValue(look);
      if (value !== '') element.setAttribute(look, value);
    }
    element.removeAttribute('class');
    const href = element.tagName === 'image' ? (element.getAttribute('href') ?? '') : '';
    if (href.startsWith('data:')) element.setAttribute('image-rendering', 'pixelated');
    else if (href !== '') element.setAttribute('href', await photoInside(href));
  }
  const { backgroundColor, color, fontFamily } = getComputedStyle(drawing.closest('section') ?? document.body);
  const isClear = backgroundColor === '' || backgroundColor === 'rgba(0, 0, 0, 0)';
  return {
    markup: new XMLSerializer().serializeToString(copy).replace(/^<svg[^>]*>|<\/svg>$|<!--.*?-->/g, ''),
    width: Number(drawing.getAttribute('width')),
    height: Number(drawing.getAttribute('height')),
    ground: escapeXml((isClear ? getComputedStyle(document.body).backgroundColor : backgroundColor) || '#ffffff'),
    ink: escapeXml(color || '#000000'),
    font: escapeXml(fontFamily || 'sans-serif').replace(/"/g, '&quot;'),
  };
}

/** A photo as an address that holds it: a file has to show it wherever it is opened. */
async function photoInside(address: string): Promise<string> {
  const photo = await createImageBitmap(await (await fetch(address)).blob());
  const scale = Math.min(1, PHOTO / Math.max(photo.width, photo.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(photo.width * scale);
  canvas.height = Math.round(photo.height * scale);
  canvas.getContext('2d')?.drawImage(photo, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/jpeg', 0.9);
}

function equationMarkup(parts: readonly Part[]): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return indexedMarkup(part);
      const sub = part.below === undefined ? '' : shifted(part.below, 5);
      return `<tspan font-style="italic">${indexedMarkup(part.base)}${sub}</tspan>`;
    })
    .join('');
}

function indexedMarkup(text: string): string {
  return indexed(text)
    .map(({ place, text: own }) => (place === 'line' ? escapeXml(own) : shifted(own, place === 'below' ? 5 : -7)))
    .join('');
}

/** Small letters below the line, or above; a character of no width leads back. */
function shifted(text: string, by: number): string {
  return `<tspan dy="${by}" font-size="13">${escapeXml(text)}</tspan><tspan dy="${-by}">\u200b</tspan>`;
}

export async function savePanel(format: 'svg' | 'png', panel: SavedPanel): Promise<void> {
  const svg = await standAlone(panel);
  const file = format === 'svg' ? new Blob([svg], { type: 'image/svg+xml' }) : await svgToPng(svg);
  saveFile(file, `${panel.name}.${format}`);
}
