import * as tf from '@tensorflow/tfjs-core';
import { trace, type Feed, type Traced } from '../engine/graph/trace.ts';
import type {
  CaptionerInputs,
  CaptionerOutputs,
  CaptionerStart,
  CaptionerSteps,
} from '../engine/models/captioner-decoder.ts';
import type { Captioner } from '../engine/models/captioner.ts';
import { ShowAttendTell } from '../engine/models/show-attend-tell.ts';
import { numbersIn, SearchRunner } from './foresee-search.ts';
import type { GraphOrigin, GraphRunner, WholeGraph } from './whole-graph.ts';

/** A captioner's steps, run as one graph each. */
export interface NativeCaptioner extends CaptionerSteps {
  dispose(): void;
}

/**
 * The same steps as the captioner's own, run as whole graphs instead of operation by operation. Weights that are changed
 * afterwards are refused.
 *
 * @param captioner stays in use, and the caller's
 */
export async function loadNativeCaptioner(
  captioner: Captioner | ShowAttendTell,
  runner: GraphRunner,
  origin?: GraphOrigin,
): Promise<NativeCaptioner> {
  const { config } = captioner;
  const { annotationSize, gateSize, hasKeys, stateSize } = sizesOf(captioner);
  const locations = config.grid[0] * config.grid[1];
  const float = (...shape: (number | string)[]): Feed => ({ dataType: 'float32', shape });
  const integer = (...shape: string[]): Feed => ({ dataType: 'int32', shape });

  const features = float('photos', locations, config.featureSize);
  const started = (): Traced => trace({ features }, ({ features }) => captioner.start(features as tf.Tensor3D));
  const feedsOf = (cells: number): Record<string, Feed> => ({
    h: float('before', stateSize),
    c: float('before', stateSize),
    rows: integer('rows'),
    tokens: integer('rows'),
    annotations: float('rows', cells, annotationSize),
    ...(hasKeys && { keys: float('rows', cells, config.attentionSize) }),
  });
  const feeds = feedsOf(locations);
  const gates: Record<string, Feed> = gateSize ? { meanGates: float('rows', gateSize) } : {};
  const stepped = (): Traced => trace(feeds, (inputs) => captioner.step(inputs as never));
  // Where the search is kept, hardly anybody needs more.
  const start = await runner.loadTraced(origin ? started : started(), 'start', { later: true, origin });
  const step = await runner.loadTraced(origin ? stepped : stepped(), 'step', { later: true, origin });
  const searches = await SearchRunner.load(
    {
      start: () =>
        trace({ features }, ({ features }) => {
          const start = captioner.start(features as tf.Tensor3D);
          const meanGates = captioner instanceof ShowAttendTell ? undefined : captioner.meanGates(start.annotations);
          return { ...start, ...(meanGates && { meanGates }) };
        }),
      step: () => trace({ ...feeds, ...gates }, (inputs) => captioner.step(inputs as never)),
      memory: { annotations: 'annotations', keys: 'keys', meanGates: 'meanGates' },
      states: ['h', 'c'],
      tellsAll: true,
      startToken: config.startToken,
      endToken: config.endToken,
      vocabularySize: config.vocabularySize,
    },
    runner,
    origin,
  );
  let alone: Promise<WholeGraph> | undefined;
  return {
    async alone() {
      // Graphs know how many cells there are, and hardly anybody asks for one.
      const traced = (): Traced => trace({ ...feedsOf(1), ...gates }, (inputs) => captioner.step(inputs as never));
      alone ??= runner.loadTraced(traced, 'alone', { later: true, origin });
      const loading = alone;
      // What failed, as on a full disk, may work the next time.
      const graph = await loading.catch((error: unknown) => {
        if (alone === loading) alone = undefined;
        throw error;
      });
      return (inputs) => graph.run(inputs) as unknown as CaptionerOutputs;
    },
    ...(searches && {
      foresee: (features, plan) =>
        searches.foresee(plan, { sources: features.shape[0], start: { features: numbersIn(features) } }),
    }),
    start: (features) => start.run({ features }) as unknown as CaptionerStart,
    step(inputs: CaptionerInputs) {
      if (inputs.rows) return step.run(inputs) as unknown as CaptionerOutputs;
      const rows = tf.tensor1d(Int32Array.from({ length: inputs.tokens.shape[0] }, (_, row) => row));
      try {
        return step.run({ ...inputs, rows }) as unknown as CaptionerOutputs;
      } finally {
        rows.dispose();
      }
    },
    dispose() {
      // Who asked for it was told why there is none.
      alone?.then(
        (graph) => graph.dispose(),
        () => undefined,
      );
      searches?.dispose();
      start.dispose();
      step.dispose();
    },
  };
}

/** Numbers of a row of what goes in and comes out. */
interface Sizes {
  annotationSize: number;
  /** Of h, and of c. */
  stateSize: number;
  hasKeys: boolean;
  /** See `CaptionerInputs.meanGates`; left out where there are none. */
  gateSize?: number;
}

function sizesOf(captioner: Captioner | ShowAttendTell): Sizes {
  if (captioner instanceof ShowAttendTell) {
    const { featureSize, hiddenSize } = captioner.config;
    return { annotationSize: featureSize, stateSize: hiddenSize, hasKeys: true };
  }
  const { annotationSize, attention, hiddenSize, query } = captioner.config;
  return {
    annotationSize,
    stateSize: captioner.stateSize,
    hasKeys: attention !== 'none',
    ...(query === 'top-down' && { gateSize: 4 * hiddenSize }),
  };
}
