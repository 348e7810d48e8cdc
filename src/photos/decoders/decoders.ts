import { availableParallelism } from 'node:os';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { getEnvironmentData, isMainThread, setEnvironmentData } from 'node:worker_threads';
import { workerFile } from '../../files/worker-file.ts';
import { AskingThread, answerThreads } from './across-threads.ts';
import { DecoderPool } from './decoder-pool.ts';
import { startWithNode, type StartDecoder } from './decoder-process.ts';
import { GivenUp } from './given-up.ts';
import type { Decoded, DecodeTask } from './protocol.ts';

/** More than this decode no faster: a caption takes longer than a photo. */
const MOST_PROCESSES = 4;
/** Set where the main thread decodes for the threads. */
const ANSWERED = 'attend: photos are decoded by the main thread';

let start = startWithNode;
let script: string | undefined;
let most = MOST_PROCESSES;
let pool: DecoderPool | undefined;
let asking: AskingThread | undefined;
const givenUp = new GivenUp();

// One budget for all: threads let the main thread decode.
if (isMainThread) {
  setEnvironmentData(ANSWERED, true);
  answerThreads((task, signal) => decode(task, signal));
}

/** Decodes a photo in a process of its own; one that was given up before is not tried again. @throws CannotDecode; the signal's reason when it is aborted, at once */
export function decode(task: DecodeTask, signal?: AbortSignal): Promise<Decoded> {
  if (!isMainThread && getEnvironmentData(ANSWERED) === true) {
    return (asking ??= new AskingThread()).decode(task, signal);
  }
  return givenUp.decode(task, () => ownPool().decode(task, signal));
}

/** Starts a decoder beforehand, so that the first photo does not wait for it. */
export function warmDecoders(): void {
  if (isMainThread) ownPool().warm();
}

/**
 * How decoders are started, where it is not with Node or not from the built script, and how many at most; before the first
 * photo.
 */
export function useDecoders(options: { start?: StartDecoder; script?: string; processes?: number }): void {
  most = Math.min(options.processes ?? most, MOST_PROCESSES);
  start = options.start ?? start;
  script = options.script ?? script;
}

function ownPool(): DecoderPool {
  // Two at least, where that is allowed: one is left to photos that take their moment.
  const limit = Math.min(Math.max(2, availableParallelism()), most);
  return (pool ??= new DecoderPool(start, decoderScript(), limit));
}

function decoderScript(): string {
  const file = script ?? workerFile('photos');
  if (!existsSync(file)) throw new Error('The installation is incomplete: the decoder of photos is missing.');
  return file instanceof URL ? fileURLToPath(file) : file;
}
