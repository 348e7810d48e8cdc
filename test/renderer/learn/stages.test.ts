import { describe, expect, it } from 'vitest';
import type { StepTrace } from '../../../src/contract/data/traces.ts';
import { stagesOf, type Part, type Subject } from '../../../src/renderer/learn/stages.ts';

const trace = (gate?: number): StepTrace => ({
  look: {
    form: 'tanh',
    asking: [1, 2],
    query: [3],
    keys: [[4], [5]],
    v: [6],
    values: [[7], [8]],
    scores: [0, 0],
    seen: [0, 0],
    weights: [0.5, 0.5],
    context: [7.5],
  },
  word: [9],
  ...(gate !== undefined && { gate, gated: [gate * 7.5] }),
  state: [10, 11],
  output: [12],
  logSum: 0,
  likeliest: [],
});
const shown = (gate?: number) => ({
  trace: trace(gate),
  scores: [0, 0],
  temperature: 1,
  weights: [0.5, 0.5],
  context: [7.5],
});
const printed = (equation: readonly Part[]): string =>
  equation
    .map((part) => (typeof part === 'string' ? part : `${part.base}${part.below ? `_${part.below}` : ''}`))
    .join('');

describe('the steps of a captioner', () => {
  it('with one LSTM are those of Xu et al. 2015', () => {
    const stages = stagesOf({ kind: 'caption' }, shown(0.25));
    expect(stages.map(({ id }) => id)).toEqual(['asks', 'scores', 'softmax', 'context', 'gate', 'state', 'word']);
    expect(printed(stages[0]!.equations[0]!)).toBe('q = W_h h_t−1');
    expect(stages[4]!.rows).toContainEqual({ kind: 'vector', id: 'gated', values: [1.875] });
  });

  it('with a pair of LSTMs are those of Anderson et al. 2018: the first asks, the second writes, and there is no gate', () => {
    const stages = stagesOf({ kind: 'caption' }, shown());
    expect(stages.map(({ id }) => id)).toEqual(['asks', 'scores', 'softmax', 'context', 'state', 'word']);
    expect(printed(stages[0]!.equations[0]!)).toBe('h^1_t = LSTM^1([E y_t−1; ā; h^2_{t−1}], h^1_{t−1})');
    expect(printed(stages[4]!.equations[0]!)).toBe('h^2_t = LSTM^2([ẑ_t; h^1_t], h^2_{t−1})');
    expect(stages[4]!.rows).toContainEqual({ kind: 'vector', id: 'state', values: [10, 11] });
    expect(printed(stages[5]!.equations[0]!)).toBe('x_t = E y_t−1 + L_h h^2_t + L_z ẑ_t');
  });
});

describe('the scores of a translator', () => {
  it.each([
    ['dot', 'k_i = a_i', 'e_ti = s_tᵀ a_i'],
    ['scaled-dot', 'k_i = a_i / √d', 'e_ti = s_tᵀ a_i / √d = qᵀ k_i'],
    ['general', 'k_i = W a_i', 'e_ti = s_tᵀ W a_i = qᵀ k_i'],
    ['scaled-general', 'k_i = W a_i / √d', 'e_ti = s_tᵀ W a_i / √d = qᵀ k_i'],
    ['scaled-key-query-value', 'k_i = W_k a_i / √d', 'e_ti = (W_q s_t)ᵀ (W_k a_i) / √d = qᵀ k_i'],
  ])('say whether they are scaled: %s', (attention, keys, scores) => {
    const stages = stagesOf({ kind: 'sentence', attention, decoder: 'luong' }, shown());
    const of = (id: string): readonly (readonly Part[])[] => stages.find((stage) => stage.id === id)!.equations;
    expect(printed(of('asks')[1]!)).toBe(keys);
    expect(printed(of('scores')[0]!)).toBe(scores);
  });
});

describe('a symbol of an equation', () => {
  const KINDS = [
    'additive',
    'concat',
    'dot',
    'general',
    'key-query-value',
    'scaled-dot',
    'scaled-general',
    'multi-step',
  ];
  const SUBJECTS: [string, Subject, gate?: number][] = [
    ['a caption with a gate', { kind: 'caption' }, 0.5],
    ['a caption', { kind: 'caption' }],
    ...KINDS.flatMap((attention) =>
      (['luong', 'bahdanau'] as const).map((decoder): [string, Subject] => [
        `${attention}, ${decoder}`,
        { kind: 'sentence', attention, decoder },
      ]),
    ),
  ];
  it.each(SUBJECTS)('has its numbers in the step, so that it can light them up: %s', (_, subject, gate) => {
    for (const { equations, rows } of stagesOf(subject, shown(gate))) {
      const there = new Set<string>(['logits', ...rows.map(({ id }) => id)]);
      const missing = equations.flat().filter((part) => typeof part !== 'string' && !there.has(part.id));
      expect(missing).toEqual([]);
    }
  });
});

describe('the steps of a ConvS2S', () => {
  it('are those of Gehring et al. 2017: a layer asks, and the next one goes on with what it saw', () => {
    const stages = stagesOf({ kind: 'sentence', attention: 'multi-step' }, shown());
    expect(stages.map(({ id }) => id)).toEqual(['state', 'asks', 'scores', 'softmax', 'context', 'read', 'word']);
    expect(printed(stages[1]!.equations[0]!)).toBe('d_t = W_d h_t + b_d + g_t,  g_t = E y_{t−1} + p_t');
    expect(printed(stages[5]!.equations[0]!)).toBe('x^{l+1}_t = (h_t + √m c_t) √½');
  });
});
