import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { BACKENDS, type BackendName } from '../contract/constants/backends.ts';
import { buildId } from '../files/build-id.ts';
import { cacheFolder } from '../files/cache-folder.ts';
import { KeptGraphs } from './kept-graphs.ts';
import { withLibrariesKept } from './keep-libraries.ts';
import { onnxInstallation } from './onnx-installation.ts';
import { onnxRuntime } from './onnx-runtime.ts';
import type { GraphRunner } from './whole-graph.ts';

/** Which backend runs, and why. */
export interface Backend {
  name: BackendName;
  /** One sentence for a person: why this one, and what was wrong with those that come first. */
  reason: string;
}

const require = createRequire(import.meta.url);
let chosen: Promise<Backend> | undefined;
let runner: GraphRunner | undefined;

/**
 * Picks the backend, once for the process: tfjs-node and the WASM backend cannot be loaded together
 * (tfjs issue 4927), so a later call gets the first call's answer.
 *
 * @param wanted forces one; nothing to take the first that loads: ONNX Runtime, TensorFlow, WASM
 * @throws where the forced backend cannot be had, saying why
 */
export function useBackend(wanted?: BackendName): Promise<Backend> {
  chosen ??= pick(wanted);
  return chosen.then((backend) => {
    if (wanted && backend.name !== wanted) {
      throw new Error(`The ${backend.name} backend already runs in this process; ${wanted} needs a new one.`);
    }
    return backend;
  });
}

/** The backend that ATTEND_BACKEND names; nothing where it is not set. @throws Error where it names none */
export function backendOfEnvironment(): BackendName | undefined {
  return parseBackendName(process.env['ATTEND_BACKEND']);
}

/** The value of ATTEND_BACKEND as a backend name. @throws on any other word */
export function parseBackendName(text: string | undefined): BackendName | undefined {
  if (text === undefined || text === '') return undefined;
  const name = BACKENDS.find((known) => known === text);
  if (name) return name;
  throw new Error(`ATTEND_BACKEND is "${text}"; it takes "onnx", "native" or "wasm".`);
}

/**
 * What runs whole graphs on the backend that was picked; nothing on WASM, which runs operation by operation.
 */
export function graphRunner(): GraphRunner | undefined {
  return runner;
}

/**
 * Gets ready for models that run operation by operation. ONNX Runtime only runs whole graphs: beside it, plain JavaScript
 * holds the tensors, which is at once there but slow, so that WASM is started for such a model.
 */
export async function prepareOperations(): Promise<void> {
  if (tf.getBackend() === HOLDER) await startWasm();
}

/** The tfjs backend that holds ONNX Runtime's tensors: as plain arrays, which are shared and never copied. */
const HOLDER = 'cpu';

async function pick(wanted: BackendName | undefined): Promise<Backend> {
  const problems: string[] = [];
  for (const name of wanted ? [wanted] : BACKENDS) {
    const { missing, start, there } = STARTS[name];
    try {
      await start();
      return { name, reason: [wanted ? 'asked for' : there, ...problems].join('; ') };
    } catch (error) {
      const why = firstLine(error);
      if (wanted) throw new Error(`${missing.forced} ${why} ${missing.remedy}`.trim(), { cause: error });
      problems.push(`${missing.plain} (${why})`);
    }
  }
  throw new Error(`No backend can be started: ${problems.join('; ')}.`);
}

/** How a backend is started, and what is said of it. */
interface Start {
  start: () => Promise<void>;
  there: string;
  missing: { forced: string; remedy: string; plain: string };
}

const STARTS: Readonly<Record<BackendName, Start>> = {
  onnx: {
    start: startOnnx,
    there: 'ONNX Runtime is installed',
    missing: {
      forced: 'The onnx backend cannot be loaded:',
      get remedy() {
        return `Run "${onnxInstallation()}" to install it.`;
      },
      plain: 'ONNX Runtime is not installed',
    },
  },
  native: {
    start: startNative,
    there: 'TensorFlow for Node is installed',
    missing: {
      forced: 'The native backend cannot be loaded:',
      remedy: 'Run "npm run setup:native" to install it.',
      plain: 'TensorFlow for Node is not installed',
    },
  },
  wasm: {
    start: startWasm,
    there: 'WebAssembly runs everywhere',
    missing: { forced: 'The wasm backend cannot be loaded:', remedy: '', plain: 'WebAssembly cannot be started' },
  },
};

async function startOnnx(): Promise<void> {
  const code = buildId();
  runner = onnxRuntime({}, code === undefined ? undefined : keptGraphs(code));
  // It greets whoever uses it, and advises TensorFlow.
  tf.enableProdMode();
  require('@tensorflow/tfjs-backend-cpu');
  await tf.setBackend(HOLDER);
}

/** @param code what was built */
function keptGraphs(code: string): KeptGraphs {
  const { version } = require('onnxruntime-node/dist/version') as { version: string };
  return new KeptGraphs(join(cacheFolder(), 'onnx'), `${code} ${version}`);
}

async function startNative(): Promise<void> {
  // tfjs-node 4.22 calls two helpers that Node 23 removed from `util` (tfjs pull request 8425).
  const util = require('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
  // TensorFlow writes greetings to stderr, where a person expects only what concerns them: from errors upwards. It reads
  // this as it is loaded.
  process.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2';
  withLibrariesKept(() => {
    require('@tensorflow/tfjs-node');
  });
  await tf.setBackend('tensorflow');
  const { savedModels } = await import('./saved-model.ts');
  runner = savedModels(() => join(cacheFolder(), 'graphs'));
}

async function startWasm(): Promise<void> {
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  if (!(await tf.setBackend('wasm'))) throw new Error('The WebAssembly backend cannot be started.');
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text.split('\n')[0] ?? text;
  return line.endsWith('.') ? line : `${line}.`;
}
