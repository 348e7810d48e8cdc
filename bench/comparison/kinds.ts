import { countOperations } from '../../src/engine/models/operations.ts';
import { SEQ2SEQ_ATTENTIONS, type Seq2SeqConfig } from '../../src/engine/models/seq2seq.ts';
import { isConvS2S, isTransformer, type TranslatorConfig } from '../../src/translation/translator-checkpoint.ts';

/** How a kind of attention is called and drawn. */
export interface Kind {
  readonly name: string;
  readonly colour: string;
  readonly dash?: string;
}

/** By what a decoder sees its source with; in the order of tables: what came first, first. */
const KINDS: Readonly<Record<string, Kind>> = {
  none: { name: 'none', colour: '#6e7781' },
  summary: { name: 'summary, no query', colour: '#9a6700' },
  additive: { name: 'additive', colour: '#0969da' },
  dot: { name: 'dot', colour: '#1a7f37' },
  general: { name: 'general', colour: '#8250df' },
  concat: { name: 'concat', colour: '#54aeff', dash: '7 5' },
  'key-query-value': { name: 'key, query, value', colour: '#bf3989' },
  'conv-s2s': { name: 'ConvS2S, in every layer', colour: '#bc4c00' },
  transformer: { name: 'Transformer', colour: '#cf222e' },
};

/** Scores that are products: with them it matters whether they are scaled. */
const PRODUCTS: readonly string[] = ['dot', 'general', 'key-query', 'key-query-value'];

/** What a model's decoder has to see its source with, and what else is not as with the others. */
export function kindOf(config: TranslatorConfig): Kind {
  const key = keyOf(config);
  const kind = KINDS[key] ?? { name: key, colour: '#57606a', dash: '2 3' };
  return { ...kind, name: [kind.name, ...marksOf(config)].join(', '), ...(isVariant(config) && { dash: '2 4' }) };
}

function marksOf(config: TranslatorConfig): string[] {
  if (!isRecurrent(config)) return [];
  return [
    ...(isScaled(config) ? ['scaled'] : []),
    ...(config.inputFeeding ? ['input feeding'] : []),
    ...(config.cell === 'gru' ? [] : [config.cell === 'plain' ? 'plain cell' : config.cell.toUpperCase()]),
    ...(config.decoder === 'bahdanau' ? ["Bahdanau's decoder"] : []),
  ];
}

function isScaled(config: TranslatorConfig): boolean {
  return isRecurrent(config) && config.scaled === true;
}

/** Whether a model differs from those it is compared with in more than its attention, or in one detail of it. */
export function isVariant(config: TranslatorConfig): boolean {
  if (!isRecurrent(config)) return false;
  return (
    config.inputFeeding ||
    config.cell !== 'gru' ||
    config.decoder === 'bahdanau' ||
    (PRODUCTS.includes(config.attention) && !isScaled(config))
  );
}

/** Sorts models by their kinds; variants come last. */
export function byKind(a: TranslatorConfig, b: TranslatorConfig): number {
  const order = [...Object.keys(KINDS), ...SEQ2SEQ_ATTENTIONS];
  return Number(isVariant(a)) - Number(isVariant(b)) || order.indexOf(keyOf(a)) - order.indexOf(keyOf(b));
}

function keyOf(config: TranslatorConfig): string {
  if (isConvS2S(config)) return 'conv-s2s';
  return isTransformer(config) ? 'transformer' : config.attention;
}

function isRecurrent(config: TranslatorConfig): config is Seq2SeqConfig {
  return !isTransformer(config) && !isConvS2S(config);
}

/** How the operations of a model grow with m source tokens and t target tokens, found from the counts themselves. */
export function growth(config: TranslatorConfig): string {
  const total = (m: number, t: number): number => countOperations(config, m, t).total;
  const bends = (next: (step: number) => number): boolean => next(2) - 2 * next(1) + next(0) > 0;
  const terms = [
    ...(bends((step) => total(1 + step, 1)) ? ['m²'] : []),
    ...(total(2, 2) - total(2, 1) - total(1, 2) + total(1, 1) > 0 ? ['m t'] : []),
    ...(bends((step) => total(1, 1 + step)) ? ['t²'] : []),
  ];
  return `O(${terms.length > 0 ? terms.join(' + ') : 'm + t'})`;
}
