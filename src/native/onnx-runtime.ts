import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import type { DataType, GraphDef } from '../engine/graph/graph-def.ts';
import { onnxBytes, onnxNumbers } from '../engine/graph/onnx-bytes.ts';
import type { OnnxGraph, OnnxTensor } from '../engine/graph/onnx-graph.ts';
import { toOnnx } from '../engine/graph/to-onnx.ts';
import { bake } from '../engine/graph/trace.ts';
import { withLibrariesKept } from './keep-libraries.ts';
import { unchanged, type GraphRunner, type Numbers, type OnnxSession, type WholeGraph } from './whole-graph.ts';

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
 * @throws Error where onnxruntime-node is not installed or has nothing for this system
 */
export function onnxRuntime(options: RuntimeOptions = {}): GraphRunner {
  // It would keep a number for this computer and send reports to its makers (1.30, on Linux); nothing leaves this computer.
  process.env['ORT_DISABLE_TELEMETRY'] = '1';
  // The package's own `run` puts the same call off to the next turn of the event loop; a search would wait for it at every word.
  const { binding, initOrt } = withLibrariesKept(() => require('onnxruntime-node/dist/binding') as Binding);
  const { Tensor } = require('onnxruntime-common') as Common;
  initOrt();

  const open = (model: OnnxGraph): OnnxSession => {
    // Weights that lie in files are read there by ONNX Runtime, so that they are in memory but once.
    const isOutside = (tensor: OnnxTensor): boolean =>
      tensor.place !== undefined || onnxNumbers(tensor).byteLength >= OUTSIDE_BYTES;
    const bytes = onnxBytes(model, isOutside);
    let session: Session | undefined = new binding.InferenceSession();
    session.loadModel(bytes.buffer, bytes.byteOffset, bytes.byteLength, {
      ...sessionOptions(options, model.initializers.find(({ place }) => place)?.place?.folder),
      externalData: model.initializers
        .filter((tensor) => tensor.place === undefined && isOutside(tensor))
        .map((tensor) => ({ path: tensor.name, data: onnxNumbers(tensor) })),
    });
    const fetches = Object.fromEntries(model.outputs.map(({ name }) => [name, null]));
    return {
      run(inputs) {
        if (!session) throw new Error(DELETED);
        const feeds = Object.fromEntries(
          Object.entries(inputs).map(([name, { data, dims, type }]) => [name, new Tensor(type, data, dims)]),
        );
        return session.run(feeds, fetches, {});
      },
      dispose() {
        session?.dispose();
        session = undefined;
      },
    };
  };
  const load = (graph: GraphDef, name: string): WholeGraph => {
    const { graph: model, inputs: inputNames, outputs: outputNames } = toOnnx(graph, name);
    const session = open(model);
    return {
      run(inputs) {
        const feeds: Record<string, Numbers> = {};
        for (const [key, name] of Object.entries(inputNames)) {
          const tensor = inputs[key] as tf.Tensor;
          feeds[name] = { type: tensor.dtype as DataType, data: numbersOf(tensor), dims: tensor.shape };
        }
        const results = session.run(feeds);
        return Object.fromEntries(
          Object.entries(outputNames).map(([key, name]) => {
            const { data, dims, type } = results[name] as Numbers;
            return [key, tf.tensor(data, [...dims], type)];
          }),
        );
      },
      dispose: () => session.dispose(),
    };
  };
  return {
    open,
    load: (graph, name) => Promise.resolve(load(graph, name)),
    loadTraced(traced, name, later = false) {
      const assertUnchanged = unchanged(traced);
      if (later) toOnnx(traced.graph, name);
      let graph = later ? undefined : load(bake(traced), name);
      let isDeleted = false;
      return Promise.resolve({
        run(inputs) {
          if (isDeleted) throw new Error(DELETED);
          assertUnchanged();
          graph ??= load(bake(traced), name);
          return graph.run(inputs);
        },
        dispose() {
          graph?.dispose();
          isDeleted = true;
        },
      });
    },
  };
}

/** A tensor's numbers, shared where that can be. tfjs casts whole numbers to floats by calling them so. */
function numbersOf(tensor: tf.Tensor): Float32Array | Int32Array | Uint8Array {
  const numbers = tensor.dataSync<DataType>();
  return tensor.dtype === 'float32' && !(numbers instanceof Float32Array) ? Float32Array.from(numbers) : numbers;
}

/** @param folder where the files of weights are */
function sessionOptions({ providers = [], threads = threadLimit() }: RuntimeOptions, folder?: string): object {
  return {
    executionProviders: [...providers, 'cpu'],
    ...(threads !== undefined && { intraOpNumThreads: threads }),
    // Errors alone: a person expects on stderr only what concerns them.
    logSeverityLevel: 3,
    // Plans of memory, one for each size of a batch, which no other size can use: as fast without, and much smaller.
    enableMemPattern: false,
    // Threads that have nothing to do sleep: spinning would win little, and cost a laptop's battery and others' time.
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        // Not in the arena, which keeps what was given back.
        use_device_allocator_for_initializers: '1',
        ...(folder !== undefined && { model_external_initializers_file_folder_path: folder }),
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
  loadModel(buffer: ArrayBuffer, offset: number, length: number, options: object): void;
  run(
    feeds: Readonly<Record<string, Numbers>>,
    fetches: Readonly<Record<string, null>>,
    options: object,
  ): Record<string, Numbers>;
  dispose(): void;
}

interface Common {
  Tensor: new (type: DataType, data: Float32Array | Int32Array | Uint8Array, dims: readonly number[]) => Numbers;
}
