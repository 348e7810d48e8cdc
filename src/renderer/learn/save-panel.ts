import { escapeXml } from '../../files/xml.ts';
import { saveFile, svgToPng } from '../text/matrix-files.ts';
import { indexed, type Part } from './stages.ts';

const MARGIN = 24;
const TITLE = 30;
const LINE = 34;

/** What of an element's look a file must say by itself. */
const LOOKS = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'font-size',
  'font-weight',
  'font-family',
  'opacity',
] as const;

/**
 * A drawing of the page as a file of its own: with its colours written out, on the ground that it had, below its title
 * and its equations.
 */
export function standAlone(
  drawing: SVGSVGElement,
  title: string,
  equations: readonly (readonly Part[])[] = [],
): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [...drawing.querySelectorAll('*')];
  for (const [i, element] of [...copy.querySelectorAll('*')].entries()) {
    const style = getComputedStyle(originals[i] as Element);
    for (const look of LOOKS) {
      const value = style.getPropertyValue(look);
      if (value !== '') element.setAttribute(look, value);
    }
    if (element.tagName === 'image') element.setAttribute('style', 'image-rendering: pixelated');
    element.removeAttribute('class');
  }
  const width = Number(drawing.getAttribute('width'));
  const height = Number(drawing.getAttribute('height'));
  const { backgroundColor, color, fontFamily } = getComputedStyle(drawing.closest('section') ?? document.body);
  const ground =
    backgroundColor === '' || backgroundColor === 'rgba(0, 0, 0, 0)'
      ? getComputedStyle(document.body).backgroundColor
      : backgroundColor;
  const top = MARGIN + TITLE + equations.length * LINE;
  const w = width + 2 * MARGIN;
  const h = top + height + MARGIN;
  const text = `fill="${escapeXml(color || '#000000')}" font-family="${escapeXml(fontFamily || 'sans-serif').replace(/"/g, '&quot;')}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}">`,
    `<rect width="${w}" height="${h}" fill="${escapeXml(ground || '#ffffff')}"/>`,
    `<text x="${MARGIN}" y="${MARGIN + 12}" font-size="16" font-weight="600" ${text}>${escapeXml(title)}</text>`,
    ...equations.map(
      (parts, i) =>
        `<text x="${MARGIN}" y="${MARGIN + TITLE + (i + 0.6) * LINE}" font-size="20" xml:space="preserve" fill="${escapeXml(color || '#000000')}" font-family="STIX Two Text, Cambria, Times New Roman, serif">${equationMarkup(parts)}</text>`,
    ),
    `<g transform="translate(${MARGIN} ${top})">${new XMLSerializer().serializeToString(copy).replace(/^<svg[^>]*>|<\/svg>$|<!--.*?-->/g, '')}</g>`,
    '</svg>',
  ].join('');
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

/** What of a panel is saved. */
export interface SavedPanel {
  readonly drawing: SVGSVGElement;
  /** Of its file, without an ending. */
  readonly name: string;
  readonly title: string;
  readonly equations?: readonly (readonly Part[])[] | undefined;
}

export async function savePanel(format: 'svg' | 'png', { drawing, equations, name, title }: SavedPanel): Promise<void> {
  const svg = standAlone(drawing, title, equations);
  const file = format === 'svg' ? new Blob([svg], { type: 'image/svg+xml' }) : await svgToPng(svg);
  saveFile(file, `${name}.${format}`);
}
