import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, GraphDef } from '../engine/graph/graph-def.ts';
import { onnxBytes, onnxNumbers } from '../engine/graph/onnx-bytes.ts';
import type { OnnxGraph, OnnxTensor } from '../engine/graph/onnx-graph.ts';
import { isPlain, lateTensor } from '../engine/graph/late-tensor.ts';
import { toOnnx } from '../engine/graph/to-onnx.ts';
import { bake, type Traced } from '../engine/graph/trace.ts';
import { hold, whenGone } from './free-at-once.ts';
import { withLibrariesKept } from './keep-libraries.ts';
import type { KeptGraphs } from './kept-graphs.ts';
import {
  unchanged,
  type GraphOrigin,
  type GraphRunner,
  type Halves,
  type Numbers,
  type OnnxSession,
  type WholeGraph,
} from './whole-graph.ts';

const require = createRequire(import.meta.url);

/** Tensors from this size on are handed to ONNX Runtime beside the model's bytes, which saves writing them into these. */
const OUTSIDE_BYTES = 1024;

const DELETED = 'The graph was deleted.';

/** How ONNX Runtime runs graphs. */
export interface RuntimeOptions {
  /** Threads of one operation. Left out: what ATTEND_THREADS says, else one for each core. */
  threads?: number;
  /** Where graphs run, the first that can: "cuda", "coreml", "dml", "webgpu". Left out: the processor alone. */
  providers?: readonly string[];
}

/**
 * ONNX Runtime as what runs whole graphs. They are written as ONNX with their weights in them, which it lays out anew
 * for the processor as it loads them; so they are not fed.
 *
 * @param kept where graphs are kept as it has laid them out; left out: nowhere
 * @throws Error where onnxruntime-node is not installed or has nothing for this system
 */
export function onnxRuntime(options: RuntimeOptions = {}, kept?: KeptGraphs): GraphRunner {
  // The package's own `run` puts the same call off to the next turn of the event loop; a search would wait for it at every word.
  const { binding, initOrt } = loadBinding();
  const { Tensor } = ownPackage('onnxruntime-common') as Common;
  initOrt();

  /** @param bytes of what ONNX Runtime wrote itself, whose weights stay where they are @param then told of its runs and its end */
  const sessionOf = (start: (session: Session) => void, bytes?: Uint8Array, then?: OnFirstRun): OnnxRuntimeSession => {
    let held: { session: Session; bytes: Uint8Array | undefined } | undefined = {
      session: new binding.InferenceSession(),
      bytes,
    };
    start(held.session);
    const { inputMetadata, outputMetadata } = held.session;
    const outputs = outputMetadata.map(({ name }) => name);
    const all = nothingOf(outputs);
    return {
      inputs: inputMetadata.map(({ name }) => name),
      outputs,
      run(inputs, wanted) {
        if (!held) throw new Error(DELETED);
        const feeds = Object.fromEntries(
          Object.entries(inputs).map(([name, { data, dims, type }]) => [name, new Tensor(type, data, dims)]),
        );
        const results = held.session.run(feeds, wanted ? nothingOf(wanted) : all, {});
        then?.ran();
        return results;
      },
      dispose() {
        held?.session.dispose();
        held = undefined;
        then?.disposed();
      },
    };
  };
  const openGraph = (model: OnnxGraph, place?: string, then?: OnFirstRun): OnnxRuntimeSession => {
    // Weights that lie in files are read there by ONNX Runtime, so that they are in memory but once. Beside them it takes
    // none that are handed to it: all others lie in the bytes then.
    const hasFiles = model.initializers.some(isInFile);
    const isOutside = (tensor: OnnxTensor): boolean =>
      isInFile(tensor) || (!hasFiles && onnxNumbers(tensor).byteLength >= OUTSIDE_BYTES);
    const bytes = onnxBytes(model, isOutside);
    return sessionOf(
      (session) =>
        session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
          ...sessionOptions(options, {
            ...(place !== undefined && { save_model_format: 'ORT' }),
            ...folderOf(model),
          }),
          ...(place !== undefined && { optimizedModelFilePath: place }),
          externalData: model.initializers
            .filter((tensor) => !isInFile(tensor) && isOutside(tensor))
            .map((tensor) => ({ path: tensor.name, data: onnxNumbers(tensor) })),
        }),
      undefined,
      then,
    );
  };
  const reading = new Map<string, ReturnType<KeptGraphs['read']>>();
  const nameOf = (name: string, key: string): string => `${name} ${key}`;
  /** Takes a graph that was kept, or makes it and keeps it once it has run: nobody waits for that. */
  const openKept = async (
    graph: () => OnnxGraph,
    name: string,
    origin: GraphOrigin | undefined,
  ): Promise<OnnxRuntimeSession> => {
    // Other processors have graphs of their own, and nobody has said what those depend on.
    if (!kept || !origin || options.providers?.length) return openGraph(graph());
    const file = kept.fileOf(nameOf(name, origin.key));
    const bytes = await (reading.get(file) ?? kept.read(file));
    reading.delete(file);
    if (bytes) {
      try {
        const { buffer, byteLength, byteOffset } = bytes;
        const settings = sessionOptions(options, {
          load_model_format: 'ORT',
          use_ort_model_bytes_directly: '1',
          use_ort_model_bytes_for_initializers: '1',
        });
        return sessionOf(
          (session) =>
            session.loadModel(buffer, byteOffset, byteLength, { ...settings, graphOptimizationLevel: 'disabled' }),
          bytes,
        );
      } catch {
        // What cannot be loaded is made again.
      }
    }
    const model = graph();
    const place = await kept.place(file);
    if (place === undefined) return openGraph(model);
    try {
      let isKept = false;
      return openGraph(model, place, {
        ran() {
          if (!isKept) void kept.keep(place, file);
          isKept = true;
        },
        disposed() {
          if (!isKept) void kept.discard(place);
          isKept = true;
        },
      });
    } catch {
      // A full disk is no reason to do without the graph.
      await kept.discard(place);
      return openGraph(model);
    }
  };

  const whole = (session: OnnxRuntimeSession): WholeGraph => {
    const keys = new Map(session.outputs.map((name) => [name, keyOf(name, session.inputs)]));
    const keyFor = (name: string): string => keys.get(name) ?? name;
    // Who asks for what is rarely asked for will do so again at the next step.
    let isAsked = false;
    return {
      run(inputs, rarely = {}) {
        const late = isPlain() ? session.outputs.filter((name) => keyFor(name) in rarely) : [];
        const feeds: Record<string, Numbers> = {};
        for (const name of session.inputs) {
          const tensor = inputs[name] as tf.Tensor;
          feeds[name] = { type: tensor.dtype as DataType, data: numbersOf(tensor), dims: tensor.shape };
        }
        const runs = session.run(feeds, isAsked ? undefined : session.outputs.filter((name) => !late.includes(name)));
        isAsked = false;
        const results: Record<string, tf.Tensor> = {};
        for (const [name, { data, dims, type }] of Object.entries(runs)) {
          if (!late.includes(name)) results[keyFor(name)] = tf.tensor(data, [...dims], type);
        }
        for (const name of late) {
          const done = hold(inputs);
          let found = runs[name];
          const tensor = lateTensor(rarely[keyFor(name)] as readonly number[], () => {
            isAsked = true;
            found ??= session.run(feeds, [name])[name] as Numbers;
            return found.data as Float32Array;
          });
          whenGone(tensor, done);
          results[keyFor(name)] = tensor;
        }
        return results;
      },
      dispose: () => session.dispose(),
    };
  };
  // Nobody has measured what other processors make of halves.
  const load = (graph: GraphDef, name: string, halves?: number): WholeGraph =>
    whole(openGraph(toOnnx(graph, name, options.providers?.length ? 0 : halves).graph));
  return {
    expect(names, key) {
      reading.clear();
      for (const name of names) {
        const file = kept?.fileOf(nameOf(name, key));
        if (kept && file !== undefined) reading.set(file, kept.read(file));
      }
    },
    open: openKept,
    async load(graph, name, origin) {
      return whole(await openKept(() => toOnnx(graph(), name).graph, name, origin));
    },
    async loadLoop(build) {
      const recorded: Traced[] = [];
      const loop = build((traced) => (recorded.push(traced), bake(traced)));
      const assertUnchanged = unchanged(recorded.flatMap(({ weights }) => [...weights.values()]));
      const graph = whole(openGraph(loop));
      return {
        run(inputs) {
          assertUnchanged();
          return graph.run(inputs);
        },
        dispose: () => graph.dispose(),
      };
    },
    loadTraced(given, name, { halves, later = false, origin } = {}) {
      const isLater = later || typeof given === 'function';
      let traced = typeof given === 'function' ? undefined : given;
      if (traced && isLater) toOnnx(traced.graph, name);
      const assertUnchanged = unchanged(traced?.weights.values() ?? origin?.weights ?? []);
      let graph = traced && !isLater ? load(bake(traced), name, halves) : undefined;
      let isDeleted = false;
      return Promise.resolve({
        run(inputs, rarely) {
          if (isDeleted) throw new Error(DELETED);
          assertUnchanged();
          traced ??= (given as () => Traced)();
          graph ??= load(bake(traced), name, halves);
          return graph.run(inputs, rarely);
        },
        dispose() {
          graph?.dispose();
          isDeleted = true;
        },
      });
    },
  };
}

/**
 * What ONNX Runtime can be asked to run on here, by its own names: "cpu", "webgpu". What its package has not is among them
 * only where its library was put beside it. @throws Error where it is not installed
 */
export function offeredProviders(): string[] {
  const { binding } = loadBinding();
  const folder = dirname(require.resolve('onnxruntime-node/package.json'));
  const isBeside = (name: string): boolean =>
    existsSync(join(folder, 'bin/napi-v6', process.platform, process.arch, `libonnxruntime_providers_${name}.so`));
  return binding
    .listSupportedBackends()
    .filter(({ bundled, name }) => bundled || isBeside(name))
    .map(({ name }) => name);
}

/** A package that ONNX Runtime's brings, which lies beside it where installs are not flat (npm --global, pnpm). */
function ownPackage(name: string): unknown {
  return createRequire(require.resolve('onnxruntime-node/package.json'))(name);
}

function loadBinding(): Binding {
  // It would keep a number for this computer and send reports to its makers (1.30, on Linux); nothing leaves this computer.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  return withLibrariesKept(() => require('onnxruntime-node/dist/binding') as Binding);
}

/** A session, and the names of what it takes and gives. */
interface OnnxRuntimeSession extends OnnxSession {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

interface OnFirstRun {
  ran(): void;
  disposed(): void;
}

const nothingOf = (names: readonly string[]): Record<string, null> =>
  Object.fromEntries(names.map((name) => [name, null]));

const isInFile = ({ place }: OnnxTensor): boolean => place?.file !== undefined;

/** Where ONNX Runtime finds the files of weights. */
function folderOf({ initializers }: OnnxGraph): Record<string, string> {
  const folder = initializers.find(isInFile)?.place?.file?.folder;
  return folder === undefined ? {} : { model_external_initializers_file_folder_path: folder };
}

/** What a GraphDef calls an output: see `toOnnx`. */
function keyOf(output: string, inputs: readonly string[]): string {
  const key = output.replace(/^next_/, '');
  return inputs.includes(key) ? key : output;
}

/** A tensor's numbers, shared where that can be. tfjs casts whole numbers to floats by calling them so. */
function numbersOf(tensor: tf.Tensor): Float32Array | Int32Array | Uint8Array {
  const numbers = tensor.dataSync<DataType>();
  return tensor.dtype === 'float32' && !(numbers instanceof Float32Array) ? Float32Array.from(numbers) : numbers;
}

/** @param session further options of the session, by ONNX Runtime's names for them */
function sessionOptions(
  { providers = [], threads = threadLimit() }: RuntimeOptions,
  session: Readonly<Record<string, string>>,
): object {
  return {
    executionProviders: [...providers, 'cpu'],
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    // Errors alone: a person expects on stderr only what concerns them. A card that cannot be had is told in a sentence.
    logSeverityLevel: providers.length > 0 ? 4 : 3,
    // Plans of memory, one for each size of a batch, which no other size can use: as fast without, and much smaller.
    enableMemPattern: false,
    // Threads that have nothing to do sleep: spinning would win little, and cost a laptop's battery and others' time.
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        // Not in the arena, which keeps what was given back.
        use_device_allocator_for_initializers: '1',
        ...session,
      },
    },
  };
}

/** What `--threads` has set; nothing where nobody did. */
function threadLimit(): number | undefined {
  const limit = Number(process.env['ATTEND_THREADS']);
  return Number.isInteger(limit) && limit > 0 ? limit : undefined;
}

/** The part of onnxruntime-node that is used here. Its own types cannot be imported: the package may be missing. */
interface Binding {
  binding: { InferenceSession: new () => Session; listSupportedBackends(): { name: string; bundled: boolean }[] };
  initOrt: () => void;
}

interface Session {
  readonly inputMetadata: readonly { name: string }[];
  readonly outputMetadata: readonly { name: string }[];
  loadModel(buffer: ArrayBuffer, offset: number, length: number, options: object): void;
  run(
    feeds: Readonly<Record<string, Halves | Numbers>>,
    fetches: Readonly<Record<string, null>>,
    options: object,
  ): Record<string, Numbers>;
  dispose(): void;
}

interface Common {
  Tensor: new (type: string, data: (Halves | Numbers)['data'], dims: readonly number[]) => Numbers;
}
