import type { Bootstrap, Estimate, Share } from '../../engine/metrics/bootstrap.ts';
import { captionWords } from '../../engine/text/caption-words.ts';
import type { Box } from '../../photos/boxes-file.ts';
import type { PhotoCaptions } from '../../photos/captions-file.ts';
import type { KeywordFinder } from '../keyword-finder.ts';
import { fallsByRegion } from '../mattered.ts';
import type { RecurrentCaptionerModel } from '../ready-captioner.ts';
import { nounPlaces, type NounPlace } from './noun-places.ts';
import { cellsIn, names } from './things-in-boxes.ts';
import { regionSide, windowsOf, type Grid } from './windows.ts';

/**
 * Who chooses the region that is blanked for a noun: one of its two maps; whoever knows what it costs (`most`); what the
 * same noun loses in other captions of the photo (`others`); whoever knows where the thing is (`thing`).
 */
export const CHOOSERS = ['attention', 'posterior', 'most', 'others', 'thing'] as const;
export type Chooser = (typeof CHOOSERS)[number];

/** A noun of a caption: what each region costs it, and the regions that were chosen. */
export interface NounRegions {
  /** Falls of its log-probability by window, nats. */
  falls: readonly number[];
  /** Windows. Only some nouns stand in other captions of their photo, or name what a box names. */
  chosen: Readonly<Record<'attention' | 'posterior' | 'most', number>> & { others?: number; thing?: number };
}

/** Falls of the same nouns, by who chose what is blank, nats; and how many times that of the centre they are. */
export interface BoundFigures {
  nouns: number;
  falls: Partial<Record<Chooser, Estimate>>;
  overCentre: Partial<Record<Chooser, Estimate>>;
}

/**
 * How much there is to be had: what deletion can show of a captioner and these photos, whatever its maps are like. `most` is
 * the highest that any map could reach, and more than one that knows only where things are can expect: the largest of
 * many figures is large by chance as well. `others` is what is left of it where the region was chosen by other
 * captions than the one that it is measured on.
 */
export interface DeletionBounds {
  /** Of all nouns. */
  all: BoundFigures;
  /** Of those that stand in other captions of their photo, too. */
  others?: BoundFigures;
  /** Of those that name a thing that has boxes. */
  boxes?: BoundFigures;
}

/**
 * What the nouns of a photo's first caption lose by each region, and which were chosen for them.
 * @param pixels 8-bit RGB of the encoder's size
 * @param nouns of the first caption
 * @param own windows by the maps of each
 */
export async function nounRegions(
  model: RecurrentCaptionerModel,
  pixels: Uint8Array,
  { captions }: PhotoCaptions,
  nouns: readonly NounPlace[],
  own: readonly Pick<NounRegions['chosen'], 'attention' | 'posterior'>[],
  { boxes = [], find, signal }: { boxes?: readonly Box[]; find: KeywordFinder; signal?: AbortSignal },
): Promise<NounRegions[]> {
  const { grid, vocabulary } = model;
  const side = regionSide(grid);
  const words = captions.map(captionWords);
  const ids = words.map((some) => vocabulary.encode(some));
  const [first, ...rest] = await fallsByRegion(model, pixels, ids, windowsOf(grid, side), { signal });
  const others = rest.flatMap((byToken, i) =>
    nounPlaces(words[i + 1]!, find).map(({ noun, place }) => ({ noun, falls: byToken[place]! })),
  );
  return nouns.map(({ noun, place }, n) => {
    const falls = first![place]!;
    const same = others.filter((other) => other.noun === noun);
    const inside = cellsIn(
      grid,
      boxes.filter(([name]) => names(noun, name)),
    );
    return {
      falls,
      chosen: {
        ...own[n]!,
        most: largest(falls),
        ...(same.length > 0 && {
          others: largest(falls.map((_, window) => same.reduce((sum, other) => sum + other.falls[window]!, 0))),
        }),
        ...(inside.includes(1) && { thing: windowOn(inside, grid, side) }),
      },
    };
  });
}

/** The number of the largest; of equals, the first. */
function largest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/**
 * The window with the most cells of a thing; of equals, the one whose middle is nearest to the middle of the thing.
 * @param inside by cell, 1 where the thing is, which is somewhere
 */
export function windowOn(inside: readonly number[], grid: Grid, size: number): number {
  const columns = grid[1];
  const middleOf = (cells: readonly number[]): [row: number, column: number] => [
    cells.reduce((sum, cell) => sum + Math.floor(cell / columns), 0) / cells.length,
    cells.reduce((sum, cell) => sum + (cell % columns), 0) / cells.length,
  ];
  const thing = middleOf([...inside.keys()].filter((cell) => inside[cell] === 1));
  const scores = windowsOf(grid, size).map((cells) => {
    const middle = middleOf(cells);
    const away = Math.hypot(middle[0] - thing[0], middle[1] - thing[1]);
    // No two cells of a grid are as far apart as all its cells side by side.
    return cells.reduce((sum, cell) => sum + inside[cell]!, 0) - away / inside.length;
  });
  return largest(scores);
}

/** @param photos the nouns of each @param centre the window in the middle */
export function deletionBounds(
  photos: readonly (readonly NounRegions[])[],
  centre: number,
  bootstrap: Bootstrap,
): DeletionBounds {
  const figures = (choosers: readonly Chooser[]): BoundFigures | undefined => {
    const rows = photos.map((nouns) => nouns.filter(({ chosen }) => choosers.every((by) => chosen[by] !== undefined)));
    const nouns = rows.reduce((sum, { length }) => sum + length, 0);
    if (nouns === 0) return undefined;
    const falls = (window: (noun: NounRegions) => number): Share[] =>
      rows.map((some) => ({ sum: some.reduce((sum, noun) => sum + noun.falls[window(noun)]!, 0), count: some.length }));
    const atCentre = falls(() => centre);
    const by = (of: (shares: Share[]) => Estimate): Partial<Record<Chooser, Estimate>> =>
      Object.fromEntries(choosers.map((chooser) => [chooser, of(falls(({ chosen }) => chosen[chooser]!))]));
    return {
      nouns,
      falls: by((shares) => bootstrap.mean(shares)),
      overCentre: by((shares) => bootstrap.quotient(shares, atCentre)),
    };
  };
  const others = figures(['attention', 'posterior', 'others', 'most']);
  const boxes = figures(['attention', 'posterior', 'thing', 'most']);
  return { all: figures(['attention', 'posterior', 'most'])!, ...(others && { others }), ...(boxes && { boxes }) };
}
