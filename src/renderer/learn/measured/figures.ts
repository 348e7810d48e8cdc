// The plots of docs/laboratory and docs/comparison, as their measurements left them.
import comparison from '../../../../docs/comparison/bleu-by-length.svg?raw';
import copying from '../../../../docs/laboratory/copying.svg?raw';
import digits from '../../../../docs/laboratory/digits.svg?raw';
import gates from '../../../../docs/laboratory/gates.svg?raw';
import glyphs from '../../../../docs/laboratory/snail-glyphs.svg?raw';
import stories from '../../../../docs/laboratory/stories.svg?raw';
import succession from '../../../../docs/laboratory/snail-succession.svg?raw';

/** In the order in which they are told. */
export const FIGURES = ['digits', 'comparison', 'copying', 'gates', 'stories', 'glyphs', 'succession'] as const;
export type Figure = (typeof FIGURES)[number];

/** Plots fill what they are put into; as a file of its own one says how large it is. */
const sized = (svg: string): string => svg.replace(/viewBox="0 0 (\d+) (\d+)"/, '$& width="$1" height="$2"');

/** SVG documents. */
export const FIGURE_SVG: Readonly<Record<Figure, string>> = {
  digits: sized(digits),
  comparison: sized(comparison),
  copying: sized(copying),
  gates: sized(gates),
  stories: sized(stories),
  glyphs: sized(glyphs),
  succession: sized(succession),
};
