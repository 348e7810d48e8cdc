import type { StepTrace } from '../../contract/data/traces.ts';
import type { LearnTexts } from '../i18n/learn/en.ts';

export type SymbolId = keyof LearnTexts['symbol'];
export type StageId = keyof LearnTexts['stage'];

/** A piece of an equation: as it is printed (`W_h`, `s_{t−1}` and `W^Q` with an index), or a symbol that has numbers. */
export type Part = string | { readonly id: SymbolId; readonly base: string; readonly below?: string };

/** Numbers of a symbol, as they are drawn. */
export type Row =
  | { readonly kind: 'vector'; readonly id: SymbolId; readonly values: readonly number[] }
  /** A vector for each location. */
  | {
      readonly kind: 'matrix';
      readonly id: SymbolId;
      /** Null where a mask hides a location. */
      readonly values: readonly (readonly (number | null)[])[];
      /** Of its rows; left out: the locations'. */
      readonly labels?: readonly string[];
    }
  /** A number for each location; null where it is hidden. */
  | { readonly kind: 'columns'; readonly id: SymbolId; readonly values: readonly (number | null)[] }
  | { readonly kind: 'number'; readonly id: SymbolId; readonly value: number };

/** A step of the way from the state to the word. */
export interface Stage {
  readonly id: StageId;
  readonly text: keyof LearnTexts['text'];
  readonly equations: readonly (readonly Part[])[];
  readonly rows: readonly Row[];
}

/** What a step is shown with: the engine's numbers, and those that the page computes of them. */
export interface Shown {
  readonly trace: StepTrace;
  readonly scores: readonly (number | null)[];
  readonly temperature: number;
  readonly weights: readonly number[];
  readonly context: readonly number[];
}

/** What is traced: the captioner, or a translator by the name of its attention and its decoder. */
export type Subject =
  | { readonly kind: 'caption' }
  | { readonly kind: 'sentence'; readonly attention: string; readonly decoder?: 'bahdanau' | 'luong' | undefined };

const s = (id: SymbolId, base: string, below?: string): Part =>
  below === undefined ? { id, base } : { id, base, below };
const vector = (id: SymbolId, values: readonly number[]): Row => ({ kind: 'vector', id, values });
const matrix = (id: SymbolId, values: readonly (readonly number[])[]): Row => ({ kind: 'matrix', id, values });
/** Who asks, and what is asked: of products of queries and keys. */
const askingRows = ({ asking, query, keys, values }: NonNullable<StepTrace['look']>): Row[] => [
  vector('asking', asking),
  vector('query', query),
  matrix('keys', keys),
  matrix('values', values),
];
/** A matrix whose rows are the places of a sequence. */
const ofPlaces = (id: SymbolId, values: readonly (readonly (number | null)[])[]): Row => ({
  kind: 'matrix',
  id,
  values,
  labels: values.map((_, i) => String(i + 1)),
});
const columns = (id: SymbolId, values: readonly (number | null)[]): Row => ({ kind: 'columns', id, values });

const E = s('scores', 'e', 'ti');
const ALPHA = s('weights', 'α', 'ti');

/** The steps of a look and of what comes of it, in the order in which the model takes them. */
export function stagesOf(subject: Subject, shown: Shown): Stage[] {
  if (subject.kind === 'caption') return captionStages(shown);
  if (subject.attention === 'heads') return headStages(shown);
  if (subject.attention === 'multi-step') return convolutionStages(shown);
  return sentenceStages(subject.attention, subject.decoder ?? 'luong', shown);
}

/** Xu et al. 2015, section 3.1.2; a captioner without a gate is a pair of LSTMs: Anderson et al. 2018, section 3.2. */
function captionStages(shown: Shown): Stage[] {
  const { gate, gated = [], look, state = [], word } = shown.trace;
  const isPair = gate === undefined;
  const z = s('context', 'ẑ', 't');
  const before = isPair ? s('asking', 'h^1', 't') : look ? s('asking', 'h', 't−1') : 'h_{t−1}';
  const asking = look ? [vector('asking', look.asking)] : [];
  const seen: Stage[] = look
    ? [
        {
          id: 'asks',
          text: isPair ? 'asksPair' : 'asksCaption',
          equations: [
            ...(isPair ? [[before, ' = LSTM^1([', s('word', 'E y', 't−1'), '; ā; h^2_{t−1}], h^1_{t−1})']] : []),
            [s('query', 'q'), ' = W_h ', before],
            [s('keys', 'k', 'i'), ' = W_a ', s('values', 'a', 'i'), ' + b'],
          ],
          rows: [
            ...(isPair ? [vector('word', word)] : []),
            vector('asking', look.asking),
            vector('query', look.query),
            matrix('keys', look.keys),
            matrix('values', look.values),
          ],
        },
        {
          id: 'scores',
          text: 'scoresTanh',
          equations: [[E, ' = ', s('v', 'v'), 'ᵀ tanh(', s('keys', 'k', 'i'), ' + ', s('query', 'q'), ')']],
          rows: [
            vector('query', look.query),
            matrix('keys', look.keys),
            vector('v', look.v ?? []),
            columns('scores', shown.scores),
          ],
        },
        softmaxStage(shown),
        contextStage(shown, z, s('values', 'a', 'i')),
      ]
    : [];
  if (isPair)
    return [
      ...seen,
      pairStage(shown, z, before),
      readOut(s('state', 'h^2', 't'), z, shown.trace, vector('context', shown.context)),
    ];
  return [
    ...seen,
    {
      id: 'gate',
      text: 'gate',
      equations: [
        [s('gate', 'β', 't'), ' = σ(f(', before, '))'],
        [s('gated', 'βẑ', 't'), ' = ', s('gate', 'β', 't'), ' · ', z],
      ],
      rows: [
        ...asking,
        { kind: 'number', id: 'gate', value: gate },
        vector('context', shown.context),
        vector('gated', look ? shown.context.map((x) => gate * x) : gated),
      ],
    },
    {
      id: 'state',
      text: 'stateCaption',
      equations: [
        [s('state', 'h', 't'), ' = LSTM([', s('word', 'E y', 't−1'), '; ', s('gated', 'βẑ', 't'), '], ', before, ')'],
      ],
      rows: [vector('word', word), vector('gated', gated), ...asking, vector('state', state)],
    },
    readOut(s('state', 'h', 't'), s('gated', 'βẑ', 't'), shown.trace, vector('gated', gated)),
  ];
}

/** The second LSTM of a pair, which writes. */
function pairStage({ context, trace: { look, state = [] } }: Shown, z: Part, looking: Part): Stage {
  return {
    id: 'state',
    text: 'statePair',
    equations: [[s('state', 'h^2', 't'), ' = LSTM^2([', z, '; ', looking, '], h^2_{t−1})']],
    rows: [vector('context', context), vector('asking', look?.asking ?? []), vector('state', state)],
  };
}

/** What a captioner compares with its words. */
function readOut(state: Part, seen: Part, { output, state: now = [], word }: StepTrace, context: Row): Stage {
  return {
    id: 'word',
    text: 'word',
    equations: [
      [s('output', 'x', 't'), ' = ', s('word', 'E y', 't−1'), ' + L_h ', state, ' + L_z ', seen],
      wordEquation('x'),
    ],
    rows: [vector('word', word), vector('state', now), context, vector('output', output)],
  };
}

/** Bahdanau et al. 2015 looks, then steps; Luong et al. 2015 steps, then looks. */
function sentenceStages(attention: string, decoder: 'bahdanau' | 'luong', shown: Shown): Stage[] {
  const { look, output, state = [], word } = shown.trace;
  const isLuong = decoder === 'luong';
  const c = s('context', 'c', 't');
  const asking = s('asking', 's', isLuong ? 't' : 't−1');
  const now = s('state', 's', 't');
  const step: Stage = {
    id: 'state',
    text: isLuong ? 'stateSentence' : 'stateAfter',
    equations: [
      isLuong
        ? [now, ' = f(', s('word', 'E y', 't−1'), ', s_{t−1})']
        : [now, ' = f([', s('word', 'E y', 't−1'), '; ', c, '], s_{t−1})'],
    ],
    rows: [
      vector('word', word),
      ...(isLuong || !look ? [] : [vector('context', shown.context)]),
      vector('state', state),
    ],
  };
  const looks: Stage[] = look
    ? [
        {
          id: 'asks',
          text: look.form === 'fixed' ? 'asksNobody' : 'asksSentence',
          equations: askEquations(attention, asking),
          rows: [
            ...(look.form === 'fixed' ? [] : [vector('asking', look.asking), vector('query', look.query)]),
            matrix('keys', look.keys),
            // Else they are the annotations through another matrix.
            ...(kindOf(attention) === 'key-query-value' ? [] : [matrix('values', look.values)]),
          ],
        },
        {
          id: 'scores',
          text: look.form === 'tanh' ? 'scoresTanh' : look.form === 'product' ? 'scoresProduct' : 'scoresFixed',
          equations: [scoreEquation(attention, isLuong ? 't' : 't−1')],
          rows: [
            ...(look.form === 'fixed' ? [] : [vector('query', look.query)]),
            matrix('keys', look.keys),
            ...(look.v ? [vector('v', look.v)] : []),
            columns('scores', shown.scores),
          ],
        },
        softmaxStage(shown),
        contextStage(
          shown,
          c,
          kindOf(attention) === 'key-query-value' ? s('values', 'W_v a', 'i') : s('values', 'a', 'i'),
        ),
      ]
    : [];
  const read: Stage = {
    id: 'read',
    text: 'read',
    equations: [
      isLuong
        ? [s('output', 'h̃', 't'), ' = tanh(W [', now, ...(look ? ['; ', c] : []), '])']
        : [
            s('output', 't', 't'),
            ' = maxout(W [',
            now,
            '; ',
            s('word', 'E y', 't−1'),
            ...(look ? ['; ', c] : []),
            '] + b)',
          ],
    ],
    rows: [
      vector('state', state),
      ...(isLuong ? [] : [vector('word', word)]),
      ...(look ? [vector('context', shown.context)] : []),
      vector('output', output),
    ],
  };
  const last: Stage = {
    id: 'word',
    text: 'word',
    equations: [wordEquation(isLuong ? 'h̃' : 't')],
    rows: [vector('output', output)],
  };
  return isLuong ? [step, ...looks, read, last] : [...looks, step, read, last];
}

/** Gehring et al. 2017, sections 3.2 and 3.3; the layers above the one that is shown go on alike. */
function convolutionStages(shown: Shown): Stage[] {
  const { look, output, word } = shown.trace;
  if (!look) return [];
  const [h, c, d] = [s('asking', 'h', 't'), s('context', 'c', 't'), s('query', 'd', 't')];
  const values = s('values', 'v', 'i');
  return [
    {
      id: 'state',
      text: 'stateConvolution',
      equations: [
        [h, ' = (v(W [x_{t−2}; x_{t−1}; x_t] + b) + x_t) √½'],
        ['x^1_t = ', s('word', 'E y', 't−1'), ' + p_t'],
      ],
      rows: [vector('word', word), vector('asking', look.asking)],
    },
    {
      id: 'asks',
      text: 'asksConvolution',
      equations: [
        [d, ' = W_d ', h, ' + b_d + g_t,  g_t = E y_{t−1} + p_t'],
        [s('values', 'v', 'i'), ' = ', s('keys', 'z', 'i'), ' + e_i'],
      ],
      rows: askingRows(look),
    },
    {
      id: 'scores',
      text: 'scoresProduct',
      equations: [[E, ' = ', d, ' · ', s('keys', 'z', 'i')]],
      rows: [vector('query', look.query), matrix('keys', look.keys), columns('scores', shown.scores)],
    },
    softmaxStage(shown),
    contextStage(shown, c, values),
    {
      id: 'read',
      text: 'readConvolution',
      equations: [['x^{l+1}_t = (', h, ' + √m ', c, ') √½']],
      rows: [vector('asking', look.asking), vector('context', shown.context)],
    },
    { id: 'word', text: 'word', equations: [wordEquation('h')], rows: [vector('output', output)] },
  ];
}

/** Vaswani et al. 2017, section 3. */
function headStages(shown: Shown): Stage[] {
  const { head, look, output, word } = shown.trace;
  if (!look || !head) return [];
  const x = s('asking', 'x', 't');
  const z = s('context', 'head', 't');
  return [
    {
      id: 'place',
      text: 'place',
      equations: [[s('input', 'x', 't'), ' = ', s('word', '√d E y', 't'), ' + ', s('position', 'PE', 't')]],
      rows: [
        vector('word', word),
        vector('position', head.position),
        vector(
          'input',
          word.map((one, d) => one + (head.position[d] ?? 0)),
        ),
        ofPlaces('positions', head.positions),
      ],
    },
    {
      id: 'asks',
      text: 'asksHead',
      equations: [
        [s('query', 'q'), ' = ', x, ' W^Q / √d_k'],
        [s('keys', 'k', 'i'), ' = x_i W^K,  ', s('values', 'v', 'i'), ' = x_i W^V'],
      ],
      rows: askingRows(look),
    },
    {
      id: 'scores',
      text: 'scoresScaled',
      equations: [[E, ' = ', s('query', 'q'), ' ', s('keys', 'k', 'i'), 'ᵀ']],
      rows: [vector('query', look.query), matrix('keys', look.keys), columns('scores', shown.scores)],
    },
    {
      id: 'mask',
      text: head.mask.kind === 'causal' ? 'maskCausal' : 'maskPadding',
      equations: [
        [
          s('masked', 'e', 'ti'),
          ' = −∞,  ',
          s('allWeights', 'α', 'ti'),
          head.mask.kind === 'causal' ? ' = 0  (i > t)' : ' = 0  (i > m)',
        ],
      ],
      rows: [ofPlaces('masked', head.mask.scores), ofPlaces('allWeights', head.mask.weights)],
    },
    softmaxStage(shown),
    contextStage(shown, z, s('values', 'v', 'i')),
    normStage(head.residual, look.asking),
    { id: 'word', text: 'word', equations: [wordEquation('x')], rows: [vector('output', output)] },
  ];
}

/** Add and norm: behind the sum (Vaswani et al. 2017), or before the heads (Xiong et al. 2020), as the model has it. */
function normStage(
  { added, after, before }: NonNullable<StepTrace['head']>['residual'],
  asking: readonly number[],
): Stage {
  const sum = before.map((one, d) => one + (added[d] ?? 0));
  const isBefore = sum.every((one, d) => Math.abs(one - (after[d] ?? 0)) < 1e-3 * Math.max(1, Math.abs(one)));
  const [x, heads] = [s('before', 'x', 't'), s('added', '[head_1; …; head_h] W^O')];
  return {
    id: 'norm',
    text: 'norm',
    equations: isBefore
      ? [
          [s('asking', 'LN(x_t)'), ' = (', x, ' − μ) / σ · g + b'],
          [s('after', 'x′', 't'), ' = ', x, ' + ', heads],
        ]
      : [
          [s('sum', 'u', 't'), ' = ', x, ' + ', heads],
          [s('after', 'x′', 't'), ' = LN(u_t) = (', s('sum', 'u', 't'), ' − μ) / σ · g + b'],
        ],
    rows: [
      vector('before', before),
      ...(isBefore ? [vector('asking', asking)] : []),
      vector('added', added),
      ...(isBefore ? [] : [vector('sum', sum)]),
      vector('after', after),
    ],
  };
}

function softmaxStage({ scores, temperature, weights }: Shown): Stage {
  const over = temperature === 1 ? '' : ` / ${Number(temperature.toPrecision(2))}`;
  return {
    id: 'softmax',
    text: 'softmax',
    equations: [[ALPHA, ' = exp(', E, `${over}) / Σ_j exp(`, s('scores', 'e', 'tj'), `${over})`]],
    rows: [columns('scores', scores), columns('weights', weights)],
  };
}

function contextStage({ context, trace: { look }, weights }: Shown, sum: Part, value: Part): Stage {
  return {
    id: 'context',
    text: 'context',
    equations: [[sum, ' = Σ_i ', ALPHA, ' ', value]],
    rows: [columns('weights', weights), matrix('values', look?.values ?? []), vector('context', context)],
  };
}

function wordEquation(base: string): Part[] {
  return [s('logits', 'p', 'w'), ' = exp(', s('output', base, 't'), ' · E_w + b_w) / Σ'];
}

/** The kind of attention without its scaling. */
function kindOf(attention: string): string {
  return attention.replace(/^scaled-/, '');
}

function askEquations(attention: string, asking: Part): Part[][] {
  const q = s('query', 'q');
  const k = s('keys', 'k', 'i');
  const a = kindOf(attention) === 'key-query-value' ? 'a_i' : s('values', 'a', 'i');
  const scale = kindOf(attention) === attention ? '' : ' / √d';
  switch (kindOf(attention)) {
    case 'additive':
      return [
        [q, ' = W_h ', asking],
        [k, ' = W_a ', a, ' + b'],
      ];
    case 'concat':
      return [
        [q, ' = W_1 ', asking],
        [k, ' = W_2 ', a, ',  W = [W_1 W_2]'],
      ];
    case 'general':
      return [
        [q, ' = ', asking],
        [k, ' = W ', a, scale],
      ];
    case 'key-query':
    case 'key-query-value':
      return [
        [q, ' = W_q ', asking],
        [k, ' = W_k ', a, scale],
      ];
    case 'summary':
      return [[k, ' = vᵀ tanh(W ', a, ')']];
    default:
      return [
        [q, ' = ', asking],
        [k, ' = ', a, scale],
      ];
  }
}

/**
 * As the paper writes it, and what that is here: what becomes of the state is the query, what becomes of an annotation its key.
 * @param now which state asks
 */
function scoreEquation(attention: string, now: string): Part[] {
  const [q, k, v] = [s('query', 'q'), s('keys', 'k', 'i'), s('v', 'v')];
  const state = s('query', 's', now);
  const scale = kindOf(attention) === attention ? '' : ' / √d';
  switch (kindOf(attention)) {
    case 'additive':
      return [
        ...[E, ' = ', v, 'ᵀ tanh(', s('query', 'W_h s', now), ' + ', s('keys', 'W_a a', 'i'), ' + b) = '],
        ...[v, 'ᵀ tanh(', q, ' + ', k, ')'],
      ];
    case 'concat':
      return [E, ' = ', v, `ᵀ tanh(W [s_{${now}}; a_i]) = `, v, 'ᵀ tanh(', q, ' + ', k, ')'];
    case 'general':
      return [E, ' = ', state, 'ᵀ ', s('keys', 'W a', 'i'), scale, ' = ', q, 'ᵀ ', k];
    case 'key-query':
    case 'key-query-value':
      return [E, ' = (', s('query', 'W_q s', now), ')ᵀ (', s('keys', 'W_k a', 'i'), ')', scale, ' = ', q, 'ᵀ ', k];
    case 'summary':
      return [E, ' = ', k];
    default:
      return [E, ' = ', state, 'ᵀ ', s('keys', 'a', 'i'), scale, ...(scale === '' ? [] : [' = ', q, 'ᵀ ', k])];
  }
}

/** Text with its indices taken apart: `W_h` is W and a lower h. */
export function indexed(text: string): { readonly text: string; readonly place: 'line' | 'below' | 'above' }[] {
  return text
    .split(/([_^](?:\{[^}]*\}|[\p{L}\d]))/u)
    .filter((piece) => piece !== '')
    .map((piece) => {
      const place = piece.startsWith('_') ? 'below' : piece.startsWith('^') ? 'above' : 'line';
      return { text: place === 'line' ? piece : piece.slice(1).replace(/[{}]/g, ''), place };
    });
}

/** A symbol in pieces as SVG sets them, one behind the other: how far each stands below the one before, in pixels. */
export function setPieces({ base, below }: Exclude<Part, string>): { text: string; dy: number; isIndex: boolean }[] {
  const pieces = [...indexed(base), ...(below === undefined ? [] : [{ text: below, place: 'below' as const }])];
  let before = 0;
  return pieces.map(({ place, text }) => {
    const at = { line: 0, below: 3, above: -5 }[place];
    const dy = at - before;
    before = at;
    return { text, dy, isIndex: place !== 'line' };
  });
}

/** The symbols of a stage, for what is drawn of them: each as the equations have it shortest, and first. */
export function symbolsOf({ equations }: Stage): ReadonlyMap<SymbolId, Exclude<Part, string>> {
  const symbols = new Map<SymbolId, Exclude<Part, string>>();
  for (const part of equations.flat()) {
    if (typeof part === 'string') continue;
    const known = symbols.get(part.id);
    if (!known || part.base.length < known.base.length) symbols.set(part.id, part);
  }
  return symbols;
}
