import type { Estimate } from '../../engine/metrics/bootstrap.ts';
import { plotLines } from '../../pictures/line-plot.ts';
import type { ConfidenceScores, NotSure } from './evaluate-confidence.ts';

/** The figures as lines of text, each with its 95 % interval. */
export function confidenceTable({ auc, calibrationError, notSure, right, risk }: ConfidenceScores): string[] {
  const rows: [string, string][] = [
    ['captions right', interval(right.captions)],
    ['words right', interval(right.words)],
    ['AUC, captions', interval(auc.captions, 3)],
    ['AUC, words', interval(auc.words, 3)],
    ['calibration error, captions', interval(calibrationError.captions, 3)],
    ['calibration error, words', interval(calibrationError.words, 3)],
    ...risk.map(({ coverage, risk: wrong }): [string, string] => [
      `wrong at ${Math.round(100 * coverage)} % coverage`,
      interval(wrong),
    ]),
    ['captions not sure', doubt(notSure.captions)],
    ['words not sure', doubt(notSure.words)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function interval({ high, low, value }: Estimate, digits = 2): string {
  return `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

function doubt({ share, wrong, wrongElsewhere }: NotSure): string {
  const percent = (part: number): string => `${(100 * part).toFixed(0)} %`;
  return `${percent(share)}, of which wrong ${percent(wrong)}; of the others ${percent(wrongElsewhere)}`;
}

/** How many captions are wrong among the surest part of all, as an SVG document for a model's card. */
export function riskCoveragePlot({ right, risk }: ConfidenceScores): string {
  const line = (of: (estimate: Estimate) => number): { x: number; y: number }[] =>
    risk.map(({ coverage, risk: wrong }) => ({ x: 100 * coverage, y: 100 * (1 - of(wrong)) }));
  const grey = '#8c959f';
  const all = 100 * right.captions.value;
  return plotLines({
    title: 'How many captions are right, of those that it is surest of',
    subtitle: 'Right: people confirm everything that the caption names; thin lines are 95 % intervals',
    x: { name: 'coverage: the surest part of all captions, %', from: 0, to: 100 },
    left: { name: 'right, %', from: 0, to: 100 },
    lines: [
      { name: 'surest first', colour: '#c4441c', width: 3, dots: true, points: line(({ value }) => value) },
      { name: '', colour: '#c4441c', width: 1, isNamed: false, points: line(({ low }) => low) },
      { name: '', colour: '#c4441c', width: 1, isNamed: false, points: line(({ high }) => high) },
      {
        name: 'in any order',
        colour: grey,
        dash: '6 4',
        points: [
          { x: 10, y: all },
          { x: 100, y: all },
        ],
      },
    ],
  });
}
