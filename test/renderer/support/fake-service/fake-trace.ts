import type { StepTrace } from '../../../../src/contract/data/traces.ts';
import type { Input, Output } from '../../../../src/contract/requests.ts';
import { logitOf, scoreOf, softmax, weightedSum } from '../../../../src/renderer/learn/arithmetic.ts';
import { lookInside } from './fake-translator.ts';

/** Numbers that look drawn and are the same each time. */
const drawn = (seed: number, size: number): number[] =>
  Array.from({ length: size }, (_, i) => Math.round(1e6 * Math.sin(seed * 12.9898 + i * 78.233)) / 1e6);

/** A step of a model of four numbers, computed by hand; where it looks decides about the word. */
function stepOf(
  words: readonly (string | null)[],
  locations: number,
  change: Input<'learn.caption'>['change'] = {},
): StepTrace {
  const vectors = (seed: number): number[][] => Array.from({ length: locations }, (_, i) => drawn(seed + i, 4));
  const base = { form: 'tanh' as const, query: drawn(1, 4), keys: vectors(3), v: drawn(2, 4) };
  const values = vectors(40);
  const scores = base.keys.map((_, i) => scoreOf(base, i));
  const seen = (change.scores ?? scores).map((score) => (score === null ? null : score / (change.temperature ?? 1)));
  const weights = softmax(seen);
  const context = weightedSum(weights, values);
  const gate = 0.5;
  const output = context.map((x) => 4 * x);
  const tokens = words.map((word, token) => {
    const own = { vector: drawn(70 + token, 4), bias: 1 - token / 4 };
    return { word, token, logit: logitOf(output, own), probability: 0, ...own };
  });
  const logSum = Math.log(tokens.reduce((sum, { logit }) => sum + Math.exp(logit), 0));
  return {
    look: { ...base, asking: drawn(9, 6), values, scores, seen, weights, context },
    word: drawn(5, 4),
    gate,
    gated: context.map((x) => gate * x),
    state: drawn(6, 6),
    output,
    logSum,
    likeliest: tokens
      .map((one) => ({ ...one, probability: Math.exp(one.logit - logSum) }))
      .sort((a, b) => b.probability - a.probability),
  };
}

export function traceCaption(
  { change, prefix }: Input<'learn.caption'>,
  words: readonly string[],
): Output<'learn.caption'> {
  const next = words[prefix.length] ?? null;
  const others = ['white', 'large', 'small', 'black'].filter((one) => one !== next);
  return { step: stepOf([next, ...others], 6, change), grid: [2, 3], model: 'captioner-soft' };
}

export function traceSentence({
  change,
  head,
  model,
  step,
  text,
  written,
}: Input<'learn.sentence'>): Output<'learn.sentence'> {
  const { source, target } = lookInside(text, model);
  const isTransformer = model === 'translator';
  const {
    gate: _gate,
    gated: _gated,
    ...own
  } = stepOf([target[step]?.text ?? null, 'ein', 'und'], source.length, change);
  const { look, ...blind } = own;
  return {
    step:
      model === 'none' ? { ...blind, look: null } : { ...own, ...(isTransformer && { head: headOf(look!.weights) }) },
    source,
    target,
    written: written ?? target.slice(0, -1).map((_, i) => i),
    locations: source.map((token) => token.text),
    model: model ?? 'translator',
    attention: isTransformer ? 'heads' : model === 'none' ? 'none' : 'additive',
    ...(isTransformer ? {} : { decoder: 'luong' as const }),
    layers: isTransformer ? 3 : 1,
    heads: isTransformer ? 4 : 1,
    layer: head?.layer ?? 1,
    head: head?.head ?? 0,
  };
}

function headOf(weights: readonly number[]): NonNullable<StepTrace['head']> {
  const residual = { before: drawn(1, 4), added: drawn(2, 4), after: drawn(3, 4) };
  return {
    place: 0,
    position: [0, 1, 0, 1],
    residual,
    allWeights: [[...weights]],
    positions: [[0, 1, 0, 1], drawn(4, 4)],
    mask: {
      kind: 'causal',
      scores: [
        [1, null],
        [2, 3],
      ],
      weights: [
        [1, 0],
        [0.27, 0.73],
      ],
    },
  };
}
