import { createRequire } from 'node:module';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../contract/constants/backends.ts';

/** Which backend runs, and why. */
export interface Backend {
  name: BackendName;
  /** One sentence for a person: why this one, and what was wrong with the other. */
  reason: string;
}

const require = createRequire(import.meta.url);
let chosen: Promise<Backend> | undefined;

/**
 * Picks the backend, once for the process: tfjs-node and the WASM backend cannot be loaded together
 * (tfjs issue 4927), so a later call gets the first call's answer.
 *
 * @param wanted `native` or `wasm` to force one; nothing to take native where it loads, else WASM
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

/** The value of ATTEND_BACKEND as a backend name. @throws on any other word */
export function parseBackendName(text: string | undefined): BackendName | undefined {
  if (text === undefined || text === '') return undefined;
  if (text === 'native' || text === 'wasm') return text;
  throw new Error(`ATTEND_BACKEND is "${text}"; it takes "native" or "wasm".`);
}

async function pick(wanted: BackendName | undefined): Promise<Backend> {
  if (wanted === 'wasm') {
    await startWasm();
    return { name: 'wasm', reason: 'asked for' };
  }
  try {
    await startNative();
    return { name: 'native', reason: wanted ? 'asked for' : 'TensorFlow for Node is installed' };
  } catch (error) {
    const why = firstLine(error);
    if (wanted === 'native') {
      throw new Error(`The native backend cannot be loaded: ${why} Run "npm run setup:native" to install it.`, {
        cause: error,
      });
    }
    await startWasm();
    return { name: 'wasm', reason: `TensorFlow for Node is not installed (${why})` };
  }
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
}

/** `RTLD_NODELETE` of dlopen, which Node does not name: a library stays in memory when it is closed. */
const KEEP: Partial<Record<NodeJS.Platform, number>> = { linux: 0x1000, darwin: 0x80 };

/**
 * Loads native code so that it stays until the process ends. Node takes a thread's libraries out of memory with the
 * thread, but TensorFlow has told the system to call it at the end of the process: that call would go nowhere (SIGSEGV).
 */
function withLibrariesKept(load: () => void): void {
  const keep = KEEP[process.platform];
  const dlopen = process.dlopen.bind(process);
  if (keep !== undefined) {
    process.dlopen = (module, file, flags = constants.dlopen.RTLD_LAZY) => dlopen(module, file, flags | keep);
  }
  try {
    load();
  } finally {
    process.dlopen = dlopen;
  }
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
