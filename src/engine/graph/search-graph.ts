import { OnnxWriter } from './onnx-writer.ts';
import type { OnnxAttribute, OnnxGraph, OnnxNode, OnnxType, OnnxValue } from './onnx-graph.ts';
import { renamed, unique } from './put-together.ts';
import type { OnnxModel } from './to-onnx.ts';

/** What a search is made of, and what does not change from search to search. */
export interface SearchParts {
  /** What is computed once: gives the memory and the first states, a row a source. */
  readonly start: OnnxModel;
  /**
   * One step: takes `tokens` (int32, [rows]), `rows` (int32: which row of the states each goes on from), memory (a row for
   * each of its own) and states; gives `logProbabilities`, perhaps `weights`, and the new states. One that takes `slots`
   * (int32, [sources, width]: which row each place is) and `places` (int32: which place each row has) gets the memory of each source once.
   */
  readonly step: OnnxModel;
  /** Inputs of the step that stay the same, by the output or input of the start that they are. */
  readonly memory: Readonly<Record<string, string>>;
  /** Inputs of the step that its outputs of the same name follow upon. The start gives the first, or the caller does. */
  readonly states: readonly string[];
  /** Inputs of the step of which the caller gives one row for each place. */
  readonly places?: readonly string[];
  readonly endToken: number;
  /** So many of the likeliest tokens of each row are looked at. */
  readonly listed: number;
  /** Whether log p of all tokens is told. */
  readonly tellsAll: boolean;
  /** A sequence of so many tokens may be forbidden to come twice; left out: what is so is not seen beforehand. */
  readonly noRepeat?: number;
}

/** What a search graph is fed beside what the start takes: int32 where nothing else is said. */
export const SEARCH_INPUTS = {
  /** A source each: 0, 1, ...; int32 as the others, [sources]. */
  rows: 'search/rows',
  /** The start token for each source. */
  tokens: 'search/tokens',
  /** The first place of each source in a table of `width` places for each: 0, width, ... */
  firstPlaces: 'search/first-places',
  /** 0, 1, ... sources x width. */
  allPlaces: 'search/all-places',
  /** float32 zeros, [sources]. */
  scores: 'search/scores',
  /** float32 -Infinity, [sources, best wanted]. */
  finished: 'search/finished',
  /** [1] each. */
  width: 'search/width',
  wanted: 'search/wanted',
  longest: 'search/longest',
  shortest: 'search/shortest',
  /** float32, []: α. */
  alpha: 'search/alpha',
  /** bool, []: whether sequences may not come twice. Only where `noRepeat` is said. */
  sequences: 'search/sequences',
  /** bool, [vocabulary] each. */
  forbidden: 'search/forbidden',
  neverLast: 'search/never-last',
  repeatable: 'search/repeatable',
} as const;

/** What it gives: a row for each step; of what is there for each row of the batch, `count` are in use, [steps, sources x width, ...]. */
export const SEARCH_OUTPUTS = {
  /** [steps, 1] */
  count: 'search/count',
  rows: 'search/taken-rows',
  tokens: 'search/taken-tokens',
  likely: 'search/likely',
  values: 'search/values',
  logProbabilities: 'search/logProbabilities',
  weights: 'search/weights',
} as const;

/** No log-probability is below. */
const NEVER = -1e30;

const TO_THE_END = 2 ** 31 - 1;
const CASTS = { float32: 1, int32: 6, int64: 7, bool: 9 } as const;

/**
 * A whole beam search as one ONNX graph: the start, and a Loop whose body is a step and the choice of the next beams, as
 * `beamSearch` chooses them. It sees to it that the choice was the same (see `ForeseeingDecoder`), so what hardly ever
 * decides is left out here: tokens beyond the likeliest, and where nothing else is said sequences that may not come twice. As there, all beams of all
 * sources are one batch whose rows are those that go on; so its size changes from step to step.
 */
export function searchGraph(parts: SearchParts, name: string): OnnxGraph {
  const { start, step } = parts;
  const inner = new Body(parts);
  const outer = new Expressions();
  const I = SEARCH_INPUTS;

  const started = renamed(start.graph, 'start', {}, true);
  // Of the body's values those count that do not change.
  outer.cast(I.width, 'int64', 'width');
  outer.cast(I.wanted, 'int64', 'wanted');
  const longest = outer.cast(I.longest, 'int64', 'longest');
  outer.op('Mul', ['width', outer.int64s([parts.listed])], 'columns');
  outer.op('Concat', [outer.int64s([-1]), 'columns'], 'by-source', { axis: { int: 0 } });
  outer.op('Concat', [outer.int64s([-1]), 'width'], 'by-place', { axis: { int: 0 } });
  outer.cast(I.allPlaces, 'int64', 'all-places');
  outer.op('Shape', ['all-places'], 'places');
  const firstPlaces = outer.cast(I.firstPlaces, 'int64', 'first-places');
  outer.op('Unsqueeze', [firstPlaces, outer.int64s([1])], 'first-places/column');
  const never = outer.floats('never', [1], Float32Array.of(-Infinity));
  const table = outer.op('Concat', ['places', outer.int64s([parts.listed])], 'table/shape', { axis: { int: 0 } });
  outer.op('Expand', [never, table], 'no-scores');
  outer.op('Expand', [outer.int64s([0]), table], 'no-tokens');
  outer.op('Expand', [outer.int64s([0]), 'places'], 'no-rows');
  outer.cast(I.shortest, 'int64', 'shortest');
  outer.op('Squeeze', [outer.op('Add', [longest, outer.int64s([1])], 'steps')], 'steps/scalar');
  outer.op('Sub', ['steps/scalar', outer.int64s([2], [])], 'longest/last');
  // The length to the power α of what ends at each place, its end token counted; the last one is the largest.
  const one = outer.int64s([1], []);
  const afterLast = outer.op('Add', ['steps/scalar', one], 'steps/after');
  const lengths = outer.cast(outer.op('Range', [one, afterLast, one], 'lengths'), 'float32', 'lengths/float');
  outer.op('Pow', [lengths, I.alpha], 'powers');
  outer.op('Gather', ['powers', outer.int64s([-1])], 'longest/power');
  // Tokens so far, the last one last. Before them is something that no token is, as much as rules look back on.
  const before = outer.int64s([parts.noRepeat ?? 1]);
  const empty = outer.op('Concat', [outer.op('Shape', [firstPlaces], 'sources'), before], 'history/shape', {
    axis: { int: 0 },
  });
  const history = outer.op('Expand', [outer.int64s([-1]), empty], 'history/first');
  const lists = [I.forbidden, outer.op('Or', [I.forbidden, I.neverLast], 'forbidden-last')].map((list, i) =>
    outer.op('Unsqueeze', [list, outer.int64s([0])], `forbidden/${i}`),
  );
  outer.op('Concat', lists, 'forbidden/by-place', { axis: { int: 0 } });
  outer.op('Not', [I.neverLast], 'may-be-last');
  for (const each of parts.places ?? []) outer.op('Unsqueeze', [placeInput(each), outer.int64s([1])], eachPlace(each));
  const firstRows = outer.cast(I.rows, 'int64', 'rows/first');
  const firstTokens = outer.cast(I.tokens, 'int64', 'tokens/first');

  const body = inner.build();
  const firstStates = parts.states.map((state) =>
    state in start.outputs ? `start/${start.outputs[state]}` : stateInput(state),
  );
  const carried = [firstRows, firstTokens, firstPlaces, I.scores, history, I.finished, ...firstStates];
  const loop: OnnxNode = {
    op: 'Loop',
    inputs: ['steps/scalar', '', ...carried],
    outputs: [...carried.map((_, i) => `last/${i}`), ...inner.tells.map(loopOutput)],
    attributes: { body: { graph: body } },
  };
  // Of all steps at once.
  const narrowed = new Expressions();
  for (const value of inner.tells) if (value.type === 'int32') narrowed.cast(loopOutput(value), 'int32', value.name);
  const taken = renamed(step.graph, 'step', {});
  return {
    name,
    nodes: [...outer.nodes, ...started.nodes, loop, ...narrowed.nodes],
    initializers: unique([
      ...outer.initializers.values(),
      ...started.initializers,
      ...inner.initializers.values(),
      ...taken.initializers,
    ]),
    inputs: [...started.inputs, ...inner.stateInputs(start), ...inner.placeInputs(), ...searchInputs(parts)],
    outputs: inner.tells,
  };
}

/** How large blocks may be in which the likeliest of many are looked for. */
const BLOCKS = { smallest: 48, largest: 96 };

/** The size of blocks for so many numbers, of which it is a divisor; nothing where there is none, or blocks are not worth it. */
function blockSize(numbers: number, wanted: number): number | undefined {
  for (let size = BLOCKS.smallest; size <= BLOCKS.largest; size++) {
    if (numbers % size === 0 && numbers / size >= 4 * wanted) return size;
  }
  return undefined;
}

/** The name of an input that gives a first state. */
export const stateInput = (state: string): string => `search/state/${state}`;
/** The name of an input that gives a row for each place. */
export const placeInput = (input: string): string => `search/place/${input}`;

/** The same with a row of one for each place. */
const eachPlace = (input: string): string => `each-place/${input}`;

/** What the loop calls what it tells: whole numbers are of 64 bits there. */
const loopOutput = ({ name, type }: OnnxValue): string => (type === 'int32' ? `${name}/64` : name);

function searchInputs({ noRepeat }: SearchParts): OnnxValue[] {
  const I = SEARCH_INPUTS;
  const value = (name: string, type: OnnxType, ...shape: (number | string)[]): OnnxValue => ({ name, type, shape });
  return [
    value(I.rows, 'int32', 'sources'),
    value(I.tokens, 'int32', 'sources'),
    value(I.firstPlaces, 'int32', 'sources'),
    value(I.allPlaces, 'int32', 'places'),
    value(I.scores, 'float32', 'sources'),
    value(I.finished, 'float32', 'sources', 'wanted'),
    value(I.width, 'int32', 1),
    value(I.wanted, 'int32', 1),
    value(I.longest, 'int32', 1),
    value(I.shortest, 'int32', 1),
    value(I.alpha, 'float32'),
    ...(noRepeat === undefined ? [] : [value(I.sequences, 'bool')]),
    value(I.forbidden, 'bool', 'vocabulary'),
    value(I.neverLast, 'bool', 'vocabulary'),
    value(I.repeatable, 'bool', 'vocabulary'),
  ];
}

/** Operations by name, each with one result. */
class Expressions extends OnnxWriter {
  constructor() {
    super([]);
  }

  op(
    op: string,
    inputs: readonly string[],
    output: string,
    attributes?: Readonly<Record<string, OnnxAttribute>>,
  ): string {
    return this.emit(op, inputs, output, attributes);
  }

  cast(input: string, type: keyof typeof CASTS, output: string): string {
    return this.emit('Cast', [input], output, { to: { int: CASTS[type] } });
  }
}

/** The body of the loop. Names that begin with "body/" are its own; all others are of the graph around it. */
class Body extends Expressions {
  readonly #parts: SearchParts;
  readonly #stateRanks = new Map<string, OnnxValue>();
  /** What the loop gives for each step. */
  readonly tells: OnnxValue[];

  constructor(parts: SearchParts) {
    super();
    this.#parts = parts;
    for (const input of parts.step.graph.inputs) this.#stateRanks.set(input.name, input);
    const O = SEARCH_OUTPUTS;
    const { listed, tellsAll } = parts;
    const told = (name: string, type: OnnxType, ...shape: (number | string)[]): OnnxValue => ({
      name,
      type,
      shape: ['steps', ...shape],
    });
    const output = (key: string): OnnxValue | undefined =>
      parts.step.graph.outputs.find(({ name }) => name === parts.step.outputs[key]);
    const weights = output('weights');
    const all = output('logProbabilities');
    this.tells = [
      told(O.count, 'int32', 1),
      told(O.rows, 'int32', 'places'),
      told(O.tokens, 'int32', 'places'),
      told(O.likely, 'int32', 'places', listed),
      told(O.values, 'float32', 'places', listed),
      ...(tellsAll && all ? [told(O.logProbabilities, 'float32', 'places', all.shape[1] ?? 'vocabulary')] : []),
      ...(weights ? [told(O.weights, 'float32', 'places', weights.shape[1] ?? 'locations')] : []),
    ];
  }

  /** Inputs that the caller gives for states that the start does not. */
  stateInputs(start: OnnxModel): OnnxValue[] {
    return this.#parts.states
      .filter((state) => !(state in start.outputs))
      .map((state) => ({ ...(this.#valueOf(state) as OnnxValue), name: stateInput(state) }));
  }

  placeInputs(): OnnxValue[] {
    return (this.#parts.places ?? []).map((input) => {
      const { shape, type } = this.#valueOf(input) as OnnxValue;
      return { name: placeInput(input), type, shape: ['each-place', ...shape.slice(1)] };
    });
  }

  #valueOf(input: string): OnnxValue | undefined {
    return this.#stateRanks.get(this.#parts.step.inputs[input] as string);
  }

  build(): OnnxGraph {
    const { endToken, listed, memory, places = [], start, states, step } = this.#parts;
    const name = (part: string): string => `body/${part}`;
    const op = (
      kind: string,
      inputs: readonly string[],
      output: string,
      attributes?: Readonly<Record<string, OnnxAttribute>>,
    ): string => this.op(kind, inputs, name(output), attributes);
    const axis = (place: number): Record<string, OnnxAttribute> => ({ axis: { int: place } });
    const keep = (keeps: boolean): Record<string, OnnxAttribute> => ({ keepdims: { int: Number(keeps) } });
    const stateName = (state: string): string => name(`state/${state}`);
    const column = (value: string, output: string): string => op('Unsqueeze', [value, this.int64s([1])], output);

    const place = column(name('place'), 'place/column');
    const count = op('Shape', [name('place')], 'count');
    const rowNumbers = op('Slice', ['all-places', this.int64s([0]), count], 'row-numbers');
    const rowTable = op('ScatterND', ['no-rows', place, rowNumbers], 'row-table');

    // The step, with what belongs to each row.
    const { slots } = step.inputs;
    const own = new Map<string, string>([
      [step.inputs['tokens'] as string, name('tokens')],
      [step.inputs['rows'] as string, name('rows')],
    ]);
    if (slots !== undefined) {
      own.set(slots, op('Reshape', [rowTable, 'by-place'], 'slots'));
      own.set(step.inputs['places'] as string, name('place'));
    }
    const source = slots === undefined ? op('Div', [name('place'), 'width'], 'source') : undefined;
    for (const [each, from] of Object.entries(memory)) {
      const inside = step.inputs[each];
      if (inside === undefined) continue;
      const given = from in start.outputs ? `start/${start.outputs[from]}` : (start.inputs[from] as string);
      own.set(inside, source === undefined ? given : op('Gather', [given, source], `memory/${each}`));
    }
    for (const each of places) {
      own.set(step.inputs[each] as string, op('Gather', [eachPlace(each), name('at')], `here/${each}`));
    }
    for (const state of states) own.set(step.inputs[state] as string, stateName(state));
    const taken = renamed(step.graph, 'step', Object.fromEntries(own));
    this.nodes.push(...taken.nodes);
    const outputOf = (key: string): string => `step/${step.outputs[key]}`;
    const all = outputOf('logProbabilities');

    // The likeliest of each row, and which of them may follow.
    const [values, likely] = this.#likeliest(all);
    const isEnd = op('Equal', [likely, this.int64s([endToken], [])], 'is-end');
    const lastPlace = [this.int64s([-1]), this.int64s([TO_THE_END]), this.int64s([1])];
    const last = op('Slice', [name('history'), ...lastPlace], 'last');
    const mayEnd = op(
      'And',
      [
        op('Gather', ['may-be-last', last], 'ends-well'),
        op('GreaterOrEqual', [name('at'), 'shortest'], 'is-long-enough'),
      ],
      'may-end',
    );
    const isLastPlace = op('Equal', [name('at'), 'longest/last'], 'is-last-place');
    const which = op('Cast', [isLastPlace], 'which-list', { to: { int: CASTS.int32 } });
    const outOfPlace = op('Gather', ['forbidden/by-place', which], 'out-of-place');
    const blocked = op(
      'Or',
      [op('Gather', [outOfPlace, likely], 'is-out-of-place'), this.#among(likely, this.#saidAlready(), 'body/is-said')],
      'is-blocked',
    );
    const sums = op('Add', [column(name('scores'), 'scores/column'), values], 'sums');
    const ending = op('Where', [mayEnd, sums, 'never'], 'totals/ending');
    const going = op('Where', [blocked, 'never', sums], 'totals/going-on');
    const totals = op('Where', [isEnd, ending, going], 'totals');

    // The best of each source.
    const table = op('Reshape', [op('ScatterND', ['no-scores', place, totals], 'table/rows'), 'by-source'], 'table');
    const tokenTable = op(
      'Reshape',
      [op('ScatterND', ['no-tokens', place, likely], 'token-table/rows'), 'by-source'],
      'token-table',
    );
    const [best, at] = [name('best'), name('best/at')];
    this.emitMany('TopK', [table, 'width'], [best, at], axis(-1));
    const token = op('GatherElements', [tokenTable, at], 'best/token', axis(1));
    const beam = op('Div', [at, this.int64s([listed])], 'best/beam');
    const row = op('Gather', [rowTable, op('Add', ['first-places/column', beam], 'best/place')], 'best/row');

    // What ended, and what goes on.
    const ends = op('Equal', [token, this.int64s([endToken], [])], 'ends');
    const score = op('Div', [best, op('Gather', ['powers', name('at')], 'length/power')], 'best/score');
    const ended = op('Where', [ends, score, 'never'], 'ended');
    const [finished, unused] = [name('next/finished'), name('finished/order')];
    this.emitMany(
      'TopK',
      [op('Concat', [name('finished'), ended], 'finished/all', axis(1)), 'wanted'],
      [finished, unused],
      axis(1),
    );
    // At the longest length nothing does; but that is the last step, and nobody looks at what would.
    const goesOn = op('Where', [ends, 'never', best], 'live/best');
    const live = op('Greater', [goesOn, this.floats('body/least', [], Float32Array.of(NEVER))], 'live');
    const likeliest = op('ReduceMax', [goesOn, this.int64s([1])], 'live/likeliest', keep(true));
    const worst = op('Slice', [finished, ...lastPlace], 'worst');
    const canWin = op('Greater', [op('Div', [likeliest, 'longest/power'], 'bound'), worst], 'can-win');
    const next = op('Reshape', [op('And', [live, canWin], 'next/mask'), this.int64s([-1])], 'next/chosen');
    // Of a table, it goes through all of it, row by row.
    const pick = (value: string, output: string): string => op('Compress', [value, next], output);
    const nextPlace = pick('all-places', 'next/place');
    const nextRow = pick(row, 'next/row');
    const nextToken = pick(token, 'next/token');
    const nextScore = pick(best, 'next/scores');
    const past = op('Gather', [name('history'), nextRow], 'history/own');
    const nextHistory = op('Concat', [past, column(nextToken, 'next/token/column')], 'next/history', axis(1));
    const isAny = op('Greater', [op('Size', [nextPlace], 'next/count'), this.int64s([0], [])], 'goes-on/any');

    // What is told: of all steps as many rows.
    const missing = op('Concat', [this.int64s([0]), op('Sub', ['places', count], 'missing')], 'missing/pads', axis(0));
    const padded = (value: string, output: string): string => op('Pad', [value, missing, '', this.int64s([0])], output);
    const told: Record<string, () => string> = {
      [SEARCH_OUTPUTS.count]: () => count,
      [SEARCH_OUTPUTS.rows]: () => padded(name('rows'), 'told/rows'),
      [SEARCH_OUTPUTS.tokens]: () => padded(name('tokens'), 'told/tokens'),
      [SEARCH_OUTPUTS.likely]: () => padded(likely, 'told/likely'),
      [SEARCH_OUTPUTS.values]: () => padded(values, 'told/values'),
      [SEARCH_OUTPUTS.logProbabilities]: () => padded(all, 'told/all'),
      [SEARCH_OUTPUTS.weights]: () => padded(outputOf('weights'), 'told/weights'),
    };
    const results = this.tells.map((value): OnnxValue => ({
      type: value.type === 'int32' ? 'int64' : value.type,
      name: (told[value.name] as () => string)(),
      shape: value.shape.slice(1),
    }));

    const vector = (part: string, type: OnnxType, ...shape: (number | string)[]): OnnxValue => ({
      name: name(part),
      type,
      shape,
    });
    const stateValue = (state: string, which: string, size: string): OnnxValue => {
      const { shape, type } = this.#valueOf(state) as OnnxValue;
      return {
        name: which,
        type,
        shape: shape.map((each) => (typeof each === 'string' ? `${size}/${state}/${each}` : each)),
      };
    };
    return {
      name: 'body',
      nodes: this.nodes,
      initializers: [],
      inputs: [
        vector('at', 'int64'),
        vector('condition', 'bool'),
        vector('rows', 'int64', 'own'),
        vector('tokens', 'int64', 'own'),
        vector('place', 'int64', 'own'),
        vector('scores', 'float32', 'own'),
        vector('history', 'int64', 'own', 'written'),
        vector('finished', 'float32', 'sources', 'wanted'),
        ...states.map((state) => stateValue(state, stateName(state), 'before')),
      ],
      outputs: [
        { name: isAny, type: 'bool', shape: [] },
        { name: nextRow, type: 'int64', shape: ['next'] },
        { name: nextToken, type: 'int64', shape: ['next'] },
        { name: nextPlace, type: 'int64', shape: ['next'] },
        { name: nextScore, type: 'float32', shape: ['next'] },
        { name: nextHistory, type: 'int64', shape: ['next', 'longer'] },
        { name: finished, type: 'float32', shape: ['sources', 'wanted'] },
        ...states.map((state) => stateValue(state, outputOf(state), 'after')),
        ...results,
      ],
    };
  }

  /**
   * The largest numbers of each row, and where they are. Of many numbers those are looked for only among the blocks with the
   * largest maxima, outside which none of them can be: half the time, for many rows.
   * @returns the names of both
   */
  #likeliest(all: string): readonly [string, string] {
    const { listed, step } = this.#parts;
    const [values, places] = ['body/values', 'body/likely'];
    const count = this.int64s([listed]);
    const last = { axis: { int: -1 } };
    const vocabulary = step.graph.outputs.find(({ name }) => name === step.outputs['logProbabilities'])?.shape[1];
    const size = typeof vocabulary === 'number' ? blockSize(vocabulary, listed) : undefined;
    if (size === undefined) {
      this.emitMany('TopK', [all, count], [values, places], last);
      return [values, places];
    }
    const name = (part: string): string => `body/blocks/${part}`;
    const op = (kind: string, inputs: string[], part: string, attributes?: Readonly<Record<string, OnnxAttribute>>) =>
      this.op(kind, inputs, name(part), attributes);
    const each = this.int64s([size]);
    const blocks = op('Reshape', [all, this.int64s([-1, (vocabulary as number) / size, size])], 'all');
    const maxima = op('ReduceMax', [blocks, this.int64s([2])], 'maxima', { keepdims: { int: 0 } });
    this.emitMany('TopK', [maxima, count], [name('unused'), name('best')], last);
    const which = op('Unsqueeze', [name('best'), this.int64s([2])], 'which');
    const taken = op('GatherND', [blocks, which], 'taken', { batch_dims: { int: 1 } });
    const candidates = op('Reshape', [taken, this.int64s([0, -1])], 'candidates');
    this.emitMany('TopK', [candidates, count], [values, name('at')], last);
    const block = op('GatherElements', [name('best'), op('Div', [name('at'), each], 'block')], 'own', {
      axis: { int: 1 },
    });
    const inside = op('Mod', [name('at'), each], 'inside');
    this.op('Add', [op('Mul', [block, each], 'first'), inside], places);
    return [values, places];
  }

  /** What each row may not say: tokens that it said and that may not come twice, and what would end a sequence that may not. */
  #saidAlready(): string {
    const { noRepeat } = this.#parts;
    const nothing = this.int64s([-1], []);
    const mayRepeat = this.op('Gather', [SEARCH_INPUTS.repeatable, 'body/history'], 'body/may-repeat');
    const single = this.op('Where', [mayRepeat, nothing, 'body/history'], 'body/single');
    if (noRepeat === undefined) return single;
    const ends = this.op('Where', [SEARCH_INPUTS.sequences, this.#sequenceEnds(noRepeat), nothing], 'body/said/ends');
    return this.op('Concat', [single, ends], 'body/said', { axis: { int: 1 } });
  }

  /** Tokens that would end a sequence of `length` that was said already; -1 elsewhere. */
  #sequenceEnds(length: number): string {
    const part = (from: number, to: number, output: string): string =>
      this.op('Slice', ['body/history', this.int64s([from]), this.int64s([to]), this.int64s([1])], output);
    let ends = part(length - 1, TO_THE_END, 'body/sequence/ends');
    for (let i = 0; i < length - 1; i++) {
      // Of each sequence in the history, and of the one that is being written: as many places before the end.
      const before = i - length + 1;
      const theirs = part(i, before, `body/sequence/${i}`);
      const ours = part(before, before === -1 ? TO_THE_END : before + 1, `body/sequence/${i}/now`);
      const same = this.op('Equal', [theirs, ours], `body/sequence/${i}/same`);
      ends = this.op('Where', [same, ends, this.int64s([-1], [])], `body/sequence/${i}/ends`);
    }
    return ends;
  }

  /** Which of the likeliest of a row are in a row of others. */
  #among(likely: string, others: string, output: string): string {
    const equal = this.op(
      'Equal',
      [
        this.op('Unsqueeze', [likely, this.int64s([2])], `${output}/each`),
        this.op('Unsqueeze', [others, this.int64s([1])], `${output}/others`),
      ],
      `${output}/equal`,
    );
    const number = this.cast(equal, 'int32', `${output}/number`);
    return this.cast(
      this.op('ReduceMax', [number, this.int64s([2])], `${output}/any`, { keepdims: { int: 0 } }),
      'bool',
      output,
    );
  }
}
