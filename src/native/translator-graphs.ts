import * as tf from '@tensorflow/tfjs-core';
import { paddingBias } from '../engine/attention/multi-head.ts';
import type { Slots } from '../engine/attention/slots.ts';
import { trace, type Feed, type Traced } from '../engine/graph/trace.ts';
import { ConvS2S } from '../engine/models/conv-s2s.ts';
import { Seq2Seq } from '../engine/models/seq2seq.ts';
import {
  mapRows,
  type RowTensors,
  type TextInputs,
  type TextOutputs,
  type TextStart,
  type TextSteps,
} from '../engine/models/text-decoder.ts';
import type { TextModel } from '../engine/models/text-model.ts';
import type { Looks } from '../engine/models/looks.ts';
import { Transformer, type TransformerSource } from '../engine/models/transformer.ts';
import { paddingMask, padTokens, slotsOf, type PaddedTokens } from '../engine/batches/padded-tokens.ts';
import { float, integers, parted, under, type Feeds } from './named-tensors.ts';
import { recurrentEncoder } from './recurrent-encoder.ts';
import { freeAtOnce } from './free-at-once.ts';
import { LISTED, numbersIn, SearchRunner, type RecordedSearch } from './foresee-search.ts';
import { loadLayerGraph } from './layer-graph.ts';
import type { GraphOrigin, GraphRunner, Numbers, WholeGraph } from './whole-graph.ts';

/** A text model's steps, run as whole graphs. */
export interface NativeTranslator extends TextSteps {
  dispose(): void;
}

/** Whether searches run as a whole, and what that graph is made from, by which it is found again where it was kept. */
interface SearchKept {
  foresees?: boolean;
  origin?: GraphOrigin | undefined;
  /** Whether a step tells every head's weights, too (`TextOutputs.maps`). */
  tellsMaps?: boolean;
}

/**
 * The same steps as the model's own, run as whole graphs instead of operation by operation (see `loadNativeCaptioner`).
 * A recurrent encoder has as many operations as there are tokens: what has no loops in its graphs (TensorFlow) runs it
 * operation by operation.
 *
 * @param model stays in use, and the caller's
 * @param looks of a model with several layers: what a step's `weights` are
 * @param options.foresees whether its searches can be foreseen (default true): what that takes would have the weights in
 *   memory a second time
 * @param options.tellsMaps of a Transformer, whether a step tells every head's weights, too (default false)
 * @throws Error where the model is of another kind, or a graph cannot be loaded
 */
export async function loadNativeTranslator(
  model: TextModel,
  looks: Looks,
  runner: GraphRunner,
  { foresees = true, origin, tellsMaps = false }: SearchKept = {},
): Promise<NativeTranslator> {
  if (model instanceof Transformer) return loadTransformer(model, looks, runner, { foresees, origin, tellsMaps });
  if (model instanceof ConvS2S) return loadConvS2S(model, looks, runner);
  if (model instanceof Seq2Seq) return loadSeq2Seq(model, runner);
  throw new Error('This kind of text model has no graph.');
}

/** The sequences that a search usually forbids to come twice. */
const NO_REPEAT = 4;

/** What a search's graph calls the places of a source's tokens: see `Slots`. */
const SLOTS = 'token-slots';
const SLOT_PLACES = 'token-places';

async function loadTransformer(
  model: Transformer,
  looks: Looks,
  runner: GraphRunner,
  { foresees, origin, tellsMaps = false }: SearchKept,
): Promise<NativeTranslator> {
  model.assertLooks(looks);
  const { decoderLayers, heads, size } = model.config;
  const headSize = size / heads;
  const kept = Array.from({ length: decoderLayers }, (_, i) => [`${i}/keys`, `${i}/values`]).flat();
  const layers = (rows: string, places: string): Feeds =>
    Object.fromEntries(kept.map((name) => [name, float(rows, heads, places, headSize)]));
  const padding = float('rows', 1, 1, 'places');
  const sourceFeeds = { tokens: integers('rows', 'places'), positions: float('places', size), padding };
  const encoding = (): Traced => trace(sourceFeeds, (inputs) => model.encodeSource(inputs as TransformerSource));
  const feeds = { past: layers('before', 'written'), position: float(1, size) };
  const stepOf = ({ memory: { padding, ...memory }, places, position, slots, ...inputs }: StepTensors): TextOutputs =>
    model.step(
      {
        ...inputs,
        memory,
        padding: padding as tf.Tensor4D,
        position: position as tf.Tensor2D,
        shared: places && slots && { places, slots },
      },
      looks,
      tellsMaps,
    );
  // The largest graph is loaded first: what is left of its loading serves the next ones.
  const step = await loadStep(
    model.config.targetVocabularySize,
    { ...feeds, memory: { ...layers('rows', 'places'), padding } },
    stepOf,
    runner,
    { origin, later: foresees },
  );
  // Where the search is kept, hardly anybody needs more.
  const encode =
    (foresees ? undefined : await loadLayers(model, runner)) ??
    (await runner.loadTraced(origin ? encoding : encoding(), 'encoder', { later: true, origin }));
  const states = kept.map((name) => `past/${name}`);
  const recorded: RecordedSearch = {
    // Padding, a third of what sentences of different lengths fill together, is computed only where they look at each other.
    start: () =>
      trace(
        { ...sourceFeeds, [SLOTS]: integers('rows', 'places'), [SLOT_PLACES]: integers('tokens') },
        ({ [SLOTS]: slots, [SLOT_PLACES]: places, ...inputs }) =>
          model.encodeSource({ ...inputs, slots: { slots, places } } as TransformerSource),
      ),
    // Rows share what is kept of their source, of which a search would copy a row for each at every step.
    step: () =>
      traceStep(
        {
          ...feeds,
          memory: { ...layers('sources', 'places'), padding: float('sources', 1, 1, 'places') },
          slots: integers('sources', 'width'),
          places: integers('rows'),
        },
        stepOf,
      ),
    memory: Object.fromEntries([...kept, 'padding'].map((name) => [`memory/${name}`, name])),
    states,
    places: ['position'],
    // Of a large vocabulary and many sentences that would be much, and hardly anybody asks.
    tellsAll: false,
    noRepeat: NO_REPEAT,
    startToken: model.config.startToken,
    endToken: model.config.endToken,
    vocabularySize: model.config.targetVocabularySize,
  };
  // Whose attention its weights are is a part of the graph.
  const known = origin && { ...origin, key: `${origin.key}\n${JSON.stringify(looks)}` };
  const searches = foresees ? await SearchRunner.load(recorded, runner, known) : undefined;
  const inputsOf = (source: PaddedTokens): { tokens: tf.Tensor2D; positions: tf.Tensor2D; padding: tf.Tensor } => {
    const { length, rows, tokens } = source;
    return tf.tidy(() => {
      const mask = paddingMask(source);
      return {
        tokens: tf.tensor2d(tokens, [rows, length], 'int32'),
        positions: model.positions(0, length),
        padding: mask ? paddingBias(mask) : tf.zeros<tf.Rank.R4>([rows, 1, 1, length]),
      };
    });
  };
  return {
    gathers: true,
    ...(searches && {
      foresee(source, plan) {
        const inputs = inputsOf(source);
        const places = model.positions(0, plan.maxLength + 1);
        const nothing: Numbers = { type: 'float32', data: new Float32Array(), dims: [source.rows, heads, 0, headSize] };
        const { places: slotPlaces, slots } = slotsOf(source);
        try {
          return searches.foresee(plan, {
            sources: source.rows,
            start: {
              ...Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, numbersIn(tensor)])),
              [SLOTS]: { type: 'int32', data: slots, dims: [source.rows, source.length] },
              [SLOT_PLACES]: { type: 'int32', data: slotPlaces, dims: [slotPlaces.length] },
            },
            states: Object.fromEntries(states.map((state) => [state, nothing])),
            places: { position: numbersIn(places) },
          });
        } finally {
          tf.dispose([inputs, places]);
        }
      },
    }),
    start(source) {
      const { rows } = source;
      const { padding, ...inputs } = inputsOf(source);
      const memory = encode.run({ ...inputs, padding });
      freeAtOnce(memory);
      tf.dispose(inputs);
      // Nothing is written yet: keys and values of no place.
      const past = mapRows(memory, () => tf.zeros([rows, heads, 0, headSize]));
      return { memory: { ...memory, padding }, past };
    },
    step: stepAtPosition(model, step),
    dispose() {
      searches?.dispose();
      encode.dispose();
      step.dispose();
    },
  };
}

/** The encoder layer by layer, each of which is in memory while it is run; nothing where its weights do not lie in files. */
async function loadLayers(model: Transformer, runner: GraphRunner): Promise<WholeGraph | undefined> {
  const { decoderLayers, encoderLayers, size } = model.config;
  const x = float('rows', 'places', size);
  const recorded = <T>(count: number, record: (layer: number) => T): T[] =>
    Array.from({ length: count }, (_, i) => record(i));
  const encoder = recorded(encoderLayers, (i) =>
    trace({ x, padding: float('rows', 1, 1, 'places') }, ({ x, padding }) => ({
      y: model.encoderLayer(i, x as tf.Tensor3D, padding as tf.Tensor4D),
    })),
  );
  const memory = recorded(decoderLayers, (i) =>
    trace({ x }, ({ x }) => ({ ...model.encodedMemory(i, x as tf.Tensor3D) })),
  );
  const [layers, ends] = [
    await loadLayerGraph(encoder, 'encoder-layer', runner),
    await loadLayerGraph(memory, 'encoder-end', runner),
  ];
  if (!layers || !ends) {
    layers?.dispose();
    ends?.dispose();
    return undefined;
  }
  const begin = await runner.loadTraced(
    trace({ tokens: integers('rows', 'places'), positions: float('places', size) }, (inputs) => ({
      x: model.embedSource(inputs as Pick<TransformerSource, 'positions' | 'tokens'>),
    })),
    'encoder-begin',
  );
  return {
    run({ padding, ...inputs }) {
      return tf.tidy(() => {
        let { x } = begin.run(inputs) as { x: tf.Tensor };
        for (let i = 0; i < encoderLayers; i++)
          x = layers.run(i, { x, padding: padding as tf.Tensor })['y'] as tf.Tensor;
        const kept = recorded(decoderLayers, (i) => Object.entries(ends.run(i, { x })));
        return Object.fromEntries(kept.flatMap((one, i) => one.map(([part, tensor]) => [`${i}/${part}`, tensor])));
      });
    },
    dispose() {
      for (const graph of [begin, layers, ends]) graph.dispose();
    },
  };
}

/** A step of a model that is told at which place it is. */
function stepAtPosition(model: Transformer | ConvS2S, step: Step): TextSteps['step'] {
  return (inputs) => {
    const position = model.positions(inputs.position, 1);
    try {
      return step.run(inputs, { position });
    } finally {
      position.dispose();
    }
  };
}

async function loadConvS2S(model: ConvS2S, looks: Looks, runner: GraphRunner): Promise<NativeTranslator> {
  model.assertLooks(looks);
  const { size } = model.config;
  // A source of one token shows what there is, and how large.
  const example = model.start(padTokens([[0]]));
  const step = await loadStep(
    model.config.targetVocabularySize,
    {
      memory: {
        keys: float('rows', 'places', size),
        values: float('rows', 'places', size),
        bias: float('rows', 1, 'places'),
        roots: float('rows', 1, 1),
      },
      past: feedsOf(example.past, () => ['before']),
      position: float(1, size),
    },
    ({ position, ...inputs }) => model.step({ ...inputs, position: position as tf.Tensor2D }, looks),
    runner,
  );
  tf.dispose(example);
  return {
    gathers: true,
    start: (source) => model.start(source),
    step: stepAtPosition(model, step),
    dispose() {
      step.dispose();
    },
  };
}

async function loadSeq2Seq(model: Seq2Seq, runner: GraphRunner): Promise<NativeTranslator> {
  const encoder = await runner.loadLoop?.((bake) => recurrentEncoder(model, bake), 'encoder');
  const encode = (source: PaddedTokens): TextStart => {
    if (!encoder) return model.steps.start(source);
    const { length, rows, tokens } = source;
    const given = { tokens: tf.tensor2d(tokens, [rows, length], 'int32'), mask: maskOf(source) };
    try {
      const { memory = {}, past = {} } = parted(encoder.run(given));
      return { memory, past };
    } finally {
      tf.dispose(given);
    }
  };
  const withMask = ({ memory, past }: TextStart, { length, rows }: PaddedTokens): TextStart => ({
    memory: { ...memory, ...(memory['keys'] && !memory['mask'] && { mask: tf.ones([rows, length]) }) },
    past,
  });
  // A source of one token shows what there is, and how large.
  const one = padTokens([[0]]);
  const example = withMask(model.start(one), one);
  const step = await loadStep(
    model.config.targetVocabularySize,
    {
      memory: feedsOf(example.memory, (name) => (name === 'context' ? ['rows'] : ['rows', 'places'])),
      past: feedsOf(example.past, () => ['before']),
    },
    (inputs) => model.step(inputs),
    runner,
  );
  tf.dispose(example);
  return {
    gathers: true,
    start: (source) => withMask(encode(source), source),
    step: (inputs) => step.run(inputs, {}),
    dispose() {
      encoder?.dispose();
      step.dispose();
    },
  };
}

/** 1 at a token, 0 at padding, [rows, length]. */
function maskOf(source: PaddedTokens): tf.Tensor2D {
  return paddingMask(source) ?? tf.ones([source.rows, source.length]);
}

/** What tensors are like; `open` names their first sizes, which differ from run to run. */
function feedsOf(tensors: RowTensors, open: (name: string) => string[]): Feeds {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { shape }]) => [name, float(...open(name), ...shape.slice(open(name).length))]),
  );
}

/** What a step takes, as tensors. */
type StepTensors = {
  tokens: tf.Tensor1D;
  memory: RowTensors;
  past: RowTensors;
  position?: tf.Tensor;
} & Partial<Slots>;

/** What a step is fed beside tokens and rows. */
type StepFeeds = { memory: Feeds; past: Feeds } & Partial<Record<'places' | 'position' | 'slots', Feed>>;

/** What the graph of a step gives beside the new past. */
type StepResults = Pick<TextOutputs, 'logProbabilities' | 'weights'> & { values: tf.Tensor2D; likely: tf.Tensor2D };

interface Step {
  /** @param more inputs that the model has beside those of all */
  run(inputs: TextInputs, more: RowTensors): TextOutputs;
  dispose(): void;
}

/** The graph of a step that takes the rows of `past` on its way. */
function traceStep({ memory, past, ...more }: StepFeeds, step: (inputs: StepTensors) => TextOutputs): Traced {
  const compute = (all: RowTensors): RowTensors => {
    const { memory = {}, past = {}, ...inputs } = parted(all);
    const { rows, ...rest } = inputs[''] as { rows: tf.Tensor1D } & Omit<StepTensors, 'memory' | 'past'>;
    const outputs = step({ ...rest, memory, past: mapRows(past, (x) => tf.gather(x, rows)) });
    const { logProbabilities, maps, weights } = outputs;
    const { values, indices: likely } = tf.topk(logProbabilities, Math.min(LISTED, logProbabilities.shape[1]));
    return {
      logProbabilities,
      values,
      likely,
      ...(weights && { weights }),
      ...(maps && { maps }),
      ...under('past', outputs.past),
    };
  };
  const feeds = { tokens: integers('rows'), rows: integers('rows'), ...more };
  return trace({ ...feeds, ...under('memory', memory), ...under('past', past) }, compute);
}

/**
 * A step as a graph that takes the rows of `past` on its way.
 * @param how.later whether it is loaded when it runs first (default true)
 */
async function loadStep(
  vocabularySize: number,
  feeds: StepFeeds,
  step: (inputs: StepTensors) => TextOutputs,
  runner: GraphRunner,
  { later = true, origin }: { later?: boolean; origin?: GraphOrigin | undefined } = {},
): Promise<Step> {
  const traced = (): Traced => traceStep(feeds, step);
  const graph = await runner.loadTraced(origin ? traced : traced(), 'step', { later, origin });
  return {
    run({ memory, past, rows, tokens }, more) {
      const own = {
        tokens: tf.tensor1d(tokens, 'int32'),
        rows: tf.tensor1d(rows ?? Int32Array.from(tokens, (_, row) => row), 'int32'),
      };
      try {
        const outputs = graph.run(
          { ...own, ...more, ...under('memory', memory), ...under('past', past) },
          { logProbabilities: [tokens.length, vocabularySize] },
        );
        const { '': results, past: next = {} } = parted(outputs);
        freeAtOnce(next);
        const { likely, values, ...result } = results as StepResults;
        return { ...result, likeliest: { logProbabilities: values, tokens: likely }, past: next };
      } finally {
        tf.dispose(own);
      }
    },
    dispose() {
      graph.dispose();
    },
  };
}
