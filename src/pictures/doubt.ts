import { isNotSure } from '../contract/constants/not-sure-below.ts';
import { wordSaid } from '../contract/word-said.ts';
import { percent, type ExplainedWord } from './explanation.ts';
import type { TextStyle } from './typeface.ts';

/** As in a page: what is not sure is red, and its words have a wavy line under them. */
const RED = '#b3261e';
/** Beside a caption that the model is not sure of, and that nobody has looked at. */
export const MARK = 'Not sure';
export const MARK_STYLE: TextStyle = { size: 15, weight: 600, fill: RED };

/** A word as pictures label it. */
export interface Label {
  readonly text: string;
  /** How likely it was. */
  readonly note: string;
  readonly unsure: boolean;
}

export function labelOf(word: ExplainedWord): Label {
  return { text: wordSaid(word), note: percent(word.probability), unsure: isNotSure(word.confidence) };
}

/** A wavy line under a text, as SVG. @param baseline of the text @param size of its font */
export function wavyLine(x: number, baseline: number, width: number, size: number): string {
  const half = size * 0.11;
  const y = baseline + size * 0.2;
  const waves = Math.max(2, Math.round(width / half));
  // Half waves of one length, as many as come nearest to the text's.
  const step = width / waves;
  const path = `M${decimal(x)} ${decimal(y)}q${decimal(step / 2)} ${decimal(-half)} ${decimal(step)} 0${`t${decimal(step)} 0`.repeat(waves - 1)}`;
  return `<path fill="none" stroke="${RED}" stroke-width="${decimal(Math.max(1, size * 0.055))}" d="${path}"/>`;
}

function decimal(value: number): string {
  return String(Number(value.toFixed(3)));
}
