import sharp from 'sharp';
import type { ReviewState } from '../contract/constants/review-states.ts';
import { DEFAULT_ALPHA, largest } from '../maps/blend.ts';
import { colourAt, hexColour } from '../maps/colour-map.ts';
import { labelOf } from './doubt.ts';
import { openExplained, type Explanation } from './explanation.ts';
import { limitedSize, type PictureStyle } from './render-word.ts';
import { methodOf } from '../maps/one-place.ts';
import { upsample } from '../maps/upsample.ts';
import { escapeXml } from '../files/xml.ts';

export interface PageOptions extends PictureStyle {
  /** The longest side of the embedded photo in pixels; default 1600. */
  longSide?: number;
}

/** Maps are smooth: at this size, stretched by the browser, they look as they do at full size. */
const MAP_LONG_SIDE = 96;
const COLOURS = 33;

const REVIEWED: Readonly<Record<Exclude<ReviewState, 'new'>, string>> = {
  accepted: 'A person has looked at this caption and accepted it.',
  edited: 'A person wrote or changed this caption.',
  rejected: 'A person has rejected this caption: it is wrong.',
};

/**
 * One HTML page with everything in it that shows where the model looked: the words under the photo are buttons, for
 * mouse, touch and keyboard. It loads nothing from anywhere and keeps nothing. It says which language its caption is in, so
 * that it is read aloud and hyphenated as such; what it says of its own is English.
 */
export async function renderPage(explanation: Explanation, options: PageOptions = {}): Promise<string> {
  const photo = await openExplained(explanation);
  const size = limitedSize(photo, options.longSide ?? 1600, 1);
  const { pixels } = await photo.decode(size.width, size.height);
  const jpeg = await sharp(pixels, { raw: { ...size, channels: 3 } })
    .jpeg({ quality: 85, mozjpeg: true })
    .toBuffer();

  const { caption, grid, language = 'en', notSure, review = 'new', words } = explanation;
  const mode = options.mode ?? 'heat';
  const map = limitedSize(photo, MAP_LONG_SIDE, 1);
  const maps = words.map(({ weights }) =>
    upsample(weights, grid, [map.height, map.width], { method: methodOf(weights, options.shape) }),
  );
  const peakOfAll = Math.max(0, ...maps.map(largest));
  const bytes = maps.map((values) => {
    const peak = options.range === 'caption' ? peakOfAll : largest(values);
    return Buffer.from(values.map((value) => (peak > 0 ? Math.round((255 * value) / peak) : 0))).toString('base64');
  });
  const data = {
    ...map,
    mode,
    alpha: options.strength ?? DEFAULT_ALPHA[mode],
    colours: Array.from({ length: COLOURS }, (_, i) => colourAt(options.colourMap ?? 'cividis', i / (COLOURS - 1))),
    maps: bytes,
  };
  const buttons = words.map((word) => {
    const { note, text, unsure } = labelOf(word);
    const own = word.said === undefined ? '' : `, for “${word.word}”`;
    const title = escapeXml(`${note}${own}${unsure ? ', not sure' : ''}`);
    return (
      `<button type="button" aria-pressed="false"${unsure ? ' class="unsure"' : ''} title="${title}">` +
      `<span>${escapeXml(text)}</span><i style="width:${Math.round(100 * word.probability)}%"></i></button>`
    );
  });
  return `<!doctype html>
<html lang="${escapeXml(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${escapeXml(caption)}</title>
<style>${styleSheet(hexColour(colourAt(options.colourMap ?? 'cividis', 0.75)))}</style>
</head>
<body>
<main>
<h1>${escapeXml(caption)}</h1>
${notSure ? `<p class="doubt" lang="en">Not sure: the model may well be wrong here, and nobody has looked at it.</p>\n` : ''}${review === 'new' ? '' : `<p class="doubt" lang="en">${REVIEWED[review]}</p>\n`}<figure style="aspect-ratio:${size.width}/${size.height};--ratio:${size.width / size.height}">
<img alt="${escapeXml(caption)}" src="data:image/jpeg;base64,${jpeg.toString('base64')}">
<canvas width="${map.width}" height="${map.height}" aria-hidden="true"></canvas>
</figure>
<div role="group" lang="en" aria-label="Words: each shows where the model looked for it">
<p lang="${escapeXml(language)}">${buttons.join('\n')}</p>
</div>
</main>
<script type="application/json" id="data">${JSON.stringify(data)}</script>
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const styleSheet = (accent: string): string => `
:root { color-scheme: light dark; --accent: ${accent}; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#f6f6f5, #161617); color: light-dark(#1b1b1c, #ececec); }
main { box-sizing: border-box; min-height: 100vh; padding: 24px; display: flex; flex-direction: column; align-items: center; justify-content: center; gap: 24px; }
h1 { margin: 0; font-size: 1rem; font-weight: 400; opacity: .7; text-align: center; }
figure { position: relative; margin: 0; width: min(100%, calc(70vh * var(--ratio))); border-radius: 8px; overflow: hidden; }
img, canvas { position: absolute; inset: 0; width: 100%; height: 100%; }
img { transition: filter .16s; }
canvas { opacity: 0; transition: opacity .16s; }
figure.on canvas { opacity: 1; }
figure.on.heat img { filter: grayscale(1); }
p { margin: 0; display: flex; flex-wrap: wrap; justify-content: center; gap: 8px; font-size: clamp(1.25rem, 3vw, 2rem); }
button { font: inherit; color: inherit; background: none; border: 0; border-radius: 6px; padding: 4px 8px 8px; position: relative; cursor: pointer; }
p.doubt { font-size: 1rem; }
.unsure span { text-decoration: underline wavy 1px; text-underline-offset: .25em; }
button:hover, button[aria-pressed=true] { background: light-dark(#0001, #fff2); }
button:focus-visible { outline: 2px solid currentColor; }
i { position: absolute; left: 8px; bottom: 4px; height: 3px; max-width: calc(100% - 16px); background: var(--accent); border-radius: 2px; }
@media (prefers-reduced-motion: reduce) { img, canvas { transition: none; } }
`;

// What the page itself runs; plain, since it must work wherever somebody opens it.
const SCRIPT = `
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const figure = document.querySelector('figure');
const canvas = document.querySelector('canvas');
const context = canvas.getContext('2d');
const buttons = [...document.querySelectorAll('button')];
const maps = data.maps.map((text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)));
let pinned = -1;
figure.classList.add(data.mode);
const colour = (share, channel) => {
  const place = share * (data.colours.length - 1);
  const low = Math.min(Math.floor(place), data.colours.length - 2);
  return data.colours[low][channel] + (place - low) * (data.colours[low + 1][channel] - data.colours[low][channel]);
};
const show = (index) => {
  figure.classList.toggle('on', index >= 0);
  if (index < 0) return;
  const image = context.createImageData(data.width, data.height);
  maps[index].forEach((value, i) => {
    const share = value / 255;
    const opacity = data.mode === 'heat' ? 1 : data.mode === 'dim' ? 1 - share : share;
    for (let c = 0; c < 3; c++) image.data[4 * i + c] = data.mode === 'dim' ? 0 : colour(share, c);
    image.data[4 * i + 3] = 255 * data.alpha * opacity;
  });
  context.putImageData(image, 0, 0);
};
const pin = (index) => {
  pinned = pinned === index ? -1 : index;
  buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(i === pinned)));
  show(pinned);
};
buttons.forEach((button, index) => {
  button.addEventListener('pointerenter', () => show(index));
  button.addEventListener('pointerleave', () => show(pinned));
  button.addEventListener('focus', () => show(index));
  button.addEventListener('blur', () => show(pinned));
  button.addEventListener('click', () => pin(index));
});
document.addEventListener('keydown', (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step || buttons.length === 0) return;
  const at = buttons.indexOf(document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length].focus();
  event.preventDefault();
});
`;
