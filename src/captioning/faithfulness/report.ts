import type { Estimate } from '../../engine/metrics/bootstrap.ts';
import { plotIntervals, type IntervalRow } from '../../pictures/interval-plot.ts';
import { CHOOSERS, type BoundFigures, type Chooser, type DeletionBounds } from './bounds.ts';
import { CONTROLS, type Control, type Faithfulness, type MapFigures } from './evaluate-faithfulness.ts';
import { REPLACEMENTS, type Replacement } from './replaced-attention.ts';

const CONTROL_NAMES: Record<Control, string> = {
  random: 'a random region',
  least: 'the least attended',
  centre: 'the centre',
  otherNoun: "another noun's region",
};
const REPLACEMENT_NAMES: Record<Replacement, string> = {
  uniform: 'uniform',
  permuted: 'permuted',
  other: "another photo's",
};

const CHOOSER_NAMES: Record<Chooser, string> = {
  attention: 'where it looked',
  posterior: 'given the word',
  most: 'the region that costs most',
  others: 'the one that does in other captions',
  thing: 'the one with the thing in it',
};

/** The figures as lines of text, each with its 95 % interval. */
export function faithfulnessTable({ bounds, boxes, posterior, worth, ...attention }: Faithfulness): string[] {
  const rows: [string, string][] = [
    ...mapRows('where it looked', attention),
    ...mapRows('given the word (posterior)', posterior),
    ['worth of attention', ''],
    ...REPLACEMENTS.map((replacement): [string, string] => [
      `  ${REPLACEMENT_NAMES[replacement]} weights`,
      `${interval(worth.nats[replacement])} nats  CIDEr-D ${interval(worth.ciderD[replacement], 3)}`,
    ]),
    ['  its own weights', `CIDEr-D ${interval(worth.ciderD.own, 3)}`],
    ...(bounds ? boundRows(bounds) : []),
    ...(boxes
      ? ([
          [`pointing, ${boxes.nouns} nouns`, interval(boxes.pointing.attention, 3)],
          ['  posterior', interval(boxes.pointing.posterior, 3)],
          ['  posterior less attention', interval(boxes.overAttention.posterior, 3)],
          ...(boxes.pointing.mattered && boxes.overAttention.mattered
            ? [
                ['  what mattered', interval(boxes.pointing.mattered, 3)],
                ['  what mattered less attention', interval(boxes.overAttention.mattered, 3)],
              ]
            : []),
          ['  the centre', interval(boxes.pointing.centre, 3)],
          ['  a random cell', interval(boxes.pointing.uniform, 3)],
          ['  attention less centre', interval(boxes.overCentre, 3)],
          [`told apart, ${boxes.pairs} pairs`, interval(boxes.toldApart.attention, 3)],
          ['  posterior', interval(boxes.toldApart.posterior, 3)],
          ['  posterior less attention', interval(boxes.toldApart.posteriorOverAttention, 3)],
          ...(boxes.toldApart.mattered ? [['  what mattered', interval(boxes.toldApart.mattered, 3)]] : []),
        ] as [string, string][])
      : []),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`.trimEnd());
}

/** What is measured of a kind of maps. */
function mapRows(name: string, { deletion, divergence, entropy }: MapFigures): [string, string][] {
  return [
    [`deletion, nats: ${name}`, interval(deletion.own)],
    ...CONTROLS.map((control): [string, string] => [
      `  ${CONTROL_NAMES[control]}`,
      `${interval(deletion.falls[control])}  own / this ${interval(deletion.ratios[control])}`,
    ]),
    ["  entropy of nouns' maps", interval(entropy, 3)],
    ["  divergence of nouns' maps, bits", interval(divergence, 3)],
  ];
}

/** How much there is to be had. */
function boundRows({ all, boxes, others }: DeletionBounds): [string, string][] {
  const rows = (name: string, { falls, nouns, overCentre }: BoundFigures): [string, string][] => [
    [`the most of it: ${name}`, `${nouns} nouns`],
    ...CHOOSERS.flatMap((chooser): [string, string][] => {
      const [fall, ratio] = [falls[chooser], overCentre[chooser]];
      return fall && ratio
        ? [[`  ${CHOOSER_NAMES[chooser]}`, `${interval(fall)} nats  this / centre ${interval(ratio)}`]]
        : [];
    }),
  ];
  return [
    ...rows('all nouns', all),
    ...(others ? rows('those that other captions name', others) : []),
    ...(boxes ? rows('those that boxes name', boxes) : []),
  ];
}

function interval({ high, low, value }: Estimate, digits = 2): string {
  return `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
}

/** Two plots for a model's card, as SVG documents by the names of their files. */
export function faithfulnessPlots({ deletion, posterior, worth }: Faithfulness): Record<string, string> {
  const row = (name: string, { high, low, value }: Estimate): IntervalRow => ({ name, value, low, high });
  return {
    'deletion.svg': plotIntervals({
      title: 'How much a noun loses when a part of the photo is blank',
      scale: "fall of the noun's log-probability, nats, with 95 % intervals",
      rows: [
        { ...row('where it looked', deletion.own), isMain: true },
        row('given the word (posterior)', posterior.deletion.own),
        ...CONTROLS.map((control) => row(CONTROL_NAMES[control], deletion.falls[control])),
      ],
    }),
    'worth.svg': plotIntervals({
      title: 'What other weights in the place of its own cost a noun',
      scale: "fall of the noun's log-probability, nats, with 95 % intervals",
      rows: REPLACEMENTS.map((replacement) => row(REPLACEMENT_NAMES[replacement], worth.nats[replacement])),
    }),
  };
}
