import type { Box } from '../../photos/boxes-file.ts';
import type { Grid } from './windows.ts';

/** What captions call the things that boxes name (COCO's names), where they do not call them so. */
const CALLED: Readonly<Record<string, string>> = {
  person:
    'man woman boy girl child kid baby toddler people person lady guy player skier surfer snowboarder skateboarder rider batter',
  bicycle: 'bike',
  motorcycle: 'motorbike bike',
  airplane: 'plane jet jetliner aircraft airliner',
  car: 'suv taxi',
  boat: 'ship sailboat canoe kayak',
  'traffic light': 'light stoplight',
  'fire hydrant': 'hydrant',
  'stop sign': 'sign',
  'parking meter': 'meter',
  dog: 'puppy',
  cat: 'kitten kitty',
  cow: 'cattle bull calf',
  sheep: 'lamb',
  handbag: 'purse bag',
  backpack: 'bag',
  suitcase: 'luggage',
  skis: 'ski',
  'sports ball': 'ball baseball football basketball',
  'baseball bat': 'bat',
  'baseball glove': 'glove mitt',
  'tennis racket': 'racket racquet',
  'wine glass': 'glass',
  'hot dog': 'hotdog',
  donut: 'doughnut',
  couch: 'sofa',
  'potted plant': 'plant',
  'dining table': 'table',
  tv: 'television',
  laptop: 'computer',
  'cell phone': 'phone cellphone',
  refrigerator: 'fridge',
  'teddy bear': 'bear',
  'hair drier': 'dryer',
};

/** Whether a noun, in the singular, can be what a box names. */
export function names(noun: string, box: string): boolean {
  const name = box.replaceAll('_', ' ').toLowerCase();
  return noun === name || noun === name.split(' ').at(-1) || (CALLED[name] ?? '').split(' ').includes(noun);
}

/** By cell: 1 where its centre lies in one of the boxes, else 0. */
export function cellsIn([rows, columns]: Grid, boxes: readonly Box[]): number[] {
  return Array.from({ length: rows * columns }, (_, cell) => {
    const x = ((cell % columns) + 0.5) / columns;
    const y = (Math.floor(cell / columns) + 0.5) / rows;
    const isInside = ([, centreX, centreY, width, height]: Box): boolean =>
      Math.abs(x - centreX) <= width / 2 && Math.abs(y - centreY) <= height / 2;
    return Number(boxes.some(isInside));
  });
}

/** A word's attention and the cells of what it names. */
export interface Pointed {
  noun: string;
  weights: ArrayLike<number>;
  inside: readonly number[];
}

/** Whether the peak of a word's map lies on what it names: the pointing game (Zhang et al. 2016, arXiv 1608.00507). */
export function hits({ inside, weights }: Pointed): boolean {
  const all = Array.from(weights);
  return inside[all.indexOf(Math.max(...all))] === 1;
}

/**
 * Whether two words' maps tell their things apart: the first has more of its weight on the first thing than on the second,
 * compared with the other word. Cells that lie in both things do not count.
 * @returns nothing where the things share all of their cells
 */
export function tellsApart(one: Pointed, other: Pointed): boolean | undefined {
  const sign = one.inside.map((inside, cell) => inside - other.inside[cell]!);
  if (sign.every((value) => value === 0)) return undefined;
  const lean = (weights: ArrayLike<number>): number =>
    sign.reduce((sum, value, cell) => sum + value * (weights[cell] as number), 0);
  return lean(one.weights) > lean(other.weights);
}
