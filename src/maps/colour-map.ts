import type { ColourMapName } from '../contract/constants/map-styles.ts';

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [red: number, green: number, blue: number];

// Seventeen evenly spaced colours of each published 256-colour table. Between two of them the colours lie, to the
// eye, on a straight line.
// cividis: Nuñez, Anderton & Renslow 2018, doi:10.1371/journal.pone.0199239, optimised so that people with red-green
//   blindness see what others see.
// viridis, inferno: van der Walt & Smith 2015 (matplotlib 1.5; released under CC0).
const ANCHORS: Record<ColourMapName, readonly number[]> = {
  cividis: [
    0x00224e, 0x002e6a, 0x1a386f, 0x32436d, 0x434e6c, 0x52596d, 0x61656f, 0x6f7073, 0x7c7b78, 0x8b8778, 0x9b9376,
    0xaba072, 0xbbad6c, 0xccba64, 0xddc958, 0xefd748, 0xfee838,
  ],
  viridis: [
    0x440154, 0x48186a, 0x472d7b, 0x424086, 0x3b528b, 0x33638d, 0x2c728e, 0x26818e, 0x21908c, 0x1f9f88, 0x28ae80,
    0x3ebc74, 0x5dc963, 0x82d34c, 0xabdc32, 0xd5e21a, 0xfde725,
  ],
  inferno: [
    0x000004, 0x0b0724, 0x210c4a, 0x3c0965, 0x57106d, 0x70196e, 0x89226a, 0xa32b61, 0xbb3755, 0xd14644, 0xe35932,
    0xf1711e, 0xf98d0a, 0xfcab0f, 0xf9ca32, 0xf2e865, 0xfcffa4,
  ],
};

/** The colour at `t`, 0 (least) to 1 (most); values beyond are clamped. */
export function colourAt(name: ColourMapName, t: number): Rgb {
  const anchors = ANCHORS[name];
  const position = Math.min(1, Math.max(0, t)) * (anchors.length - 1);
  const index = Math.min(anchors.length - 2, Math.floor(position));
  const from = anchors[index] as number;
  const to = anchors[index + 1] as number;
  const channel = (shift: number) => {
    const start = (from >> shift) & 255;
    return Math.round(start + (((to >> shift) & 255) - start) * (position - index));
  };
  return [channel(16), channel(8), channel(0)];
}

/** All 256 colours, three bytes each, for colouring many pixels. */
export function colourTable(name: ColourMapName): Uint8Array {
  const table = new Uint8Array(256 * 3);
  for (let step = 0; step < 256; step++) table.set(colourAt(name, step / 255), step * 3);
  return table;
}

/** The colour as `#rrggbb`. */
export function hexColour(colour: Rgb): string {
  return `#${colour.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`;
}
