import type { Random } from '../../random.ts';
import { ALPHABET_SIZE, drawAlphabet, drawGlyph, GLYPH_SIDE, type Glyph } from './glyphs.ts';

/** What is to be learnt within a sequence. */
export const META_TASKS = ['glyphs', 'succession'] as const;
/**
 * `glyphs`: five glyphs with their names, each once, then one of them drawn anew: which is it? `succession`: who follows whom,
 * told by example and different in every sequence: what follows on this symbol?
 */
export type MetaTask = (typeof META_TASKS)[number];

/** Sequences of one length, and where something is asked. */
export interface Episodes {
  readonly rows: number;
  /** Drawings, [rows, length, pixels]; none for symbols. */
  readonly images: Float32Array | null;
  /** Names or symbols, one-hot, [rows, length, classes]; 0 where it is asked for. */
  readonly labels: Float32Array;
  /** Steps at which something is asked, as places in [rows · length]. */
  readonly asked: Int32Array;
  /** What is right there. */
  readonly targets: Int32Array;
}

/** Steps of a sequence, and what is told apart in it. */
export const META_SHAPES = {
  glyphs: { length: 6, classes: 5 },
  succession: { length: 16, classes: 5 },
} as const satisfies Record<MetaTask, { length: number; classes: number }>;

/** Alphabets that are trained on, and those that are held out. */
export const TRAINED_ALPHABETS = 500;
const HELD_OUT_ALPHABETS = 40;
const HELD_OUT_FROM = 1_000_000;

const alphabets = new Map<number, Glyph[]>();

function alphabetOf(seed: number): Glyph[] {
  let alphabet = alphabets.get(seed);
  if (!alphabet) alphabets.set(seed, (alphabet = drawAlphabet(seed)));
  return alphabet;
}

/** @param isHeldOut whether glyphs are of alphabets that are never trained on */
export function drawEpisodes(task: MetaTask, rows: number, random: Random, isHeldOut: boolean): Episodes {
  return task === 'glyphs' ? drawGlyphEpisodes(rows, random, isHeldOut) : drawSuccessions(rows, random);
}

function drawGlyphEpisodes(rows: number, random: Random, isHeldOut: boolean): Episodes {
  const { classes, length } = META_SHAPES.glyphs;
  const pixels = GLYPH_SIDE * GLYPH_SIDE;
  const images = new Float32Array(rows * length * pixels);
  const labels = new Float32Array(rows * length * classes);
  const asked = Int32Array.from({ length: rows }, (_, row) => row * length + length - 1);
  const targets = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const seed = isHeldOut ? HELD_OUT_FROM + random.integer(HELD_OUT_ALPHABETS) : 1 + random.integer(TRAINED_ALPHABETS);
    const alphabet = alphabetOf(seed);
    const chosen = random.shuffle(Array.from({ length: ALPHABET_SIZE }, (_, i) => i)).slice(0, classes);
    const names = random.shuffle(Array.from({ length: classes }, (_, i) => i));
    const question = random.integer(classes);
    for (let step = 0; step < length; step++) {
      const which = step < classes ? step : question;
      images.set(drawGlyph(alphabet[chosen[which] as number] as Glyph, random), (row * length + step) * pixels);
      const name = names[which] as number;
      if (step < classes) labels[(row * length + step) * classes + name] = 1;
      else targets[row] = name;
    }
  }
  return { rows, images, labels, asked, targets };
}

/** How often a sequence goes on with any symbol instead of the one that follows. */
const JUMP = 0.3;

/** Symbols, each of which is mostly followed by the one that follows it in this sequence; asked where that was seen before. */
function drawSuccessions(rows: number, random: Random): Episodes {
  const { classes, length } = META_SHAPES.succession;
  const labels = new Float32Array(rows * length * classes);
  const asked: number[] = [];
  const targets: number[] = [];
  for (let row = 0; row < rows; row++) {
    const next = Array.from({ length: classes }, () => random.integer(classes));
    // Who jumped may have met the one that follows all the same, so it counts what came last.
    const seen = new Map<number, number>();
    let symbol = random.integer(classes);
    for (let step = 0; step < length; step++) {
      labels[(row * length + step) * classes + symbol] = 1;
      const following = next[symbol] as number;
      if (seen.get(symbol) === following) {
        asked.push(row * length + step);
        targets.push(following);
      }
      const after = random.next() < JUMP ? random.integer(classes) : following;
      seen.set(symbol, after);
      symbol = after;
    }
  }
  return { rows, images: null, labels, asked: Int32Array.from(asked), targets: Int32Array.from(targets) };
}
