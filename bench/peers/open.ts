import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/files/package-root.ts';
import { Lane, type Operations } from '../harness/lane.ts';
import { BUILT, reasonOf } from '../harness/lanes.ts';
import type { TrainingStep } from '../trainer.ts';
import type { FoundTokens, TokenSearch } from '../translator.ts';
import type { OnnxRuntimeOperations } from './onnxruntime.ts';

/** Where the README has people install PyTorch. */
const VENV = join('.cache', 'bench-venv');

/** bench/peers/torch_decoder.py. */
export type TorchOperations = {
  open(argument: { folder: string; grids: string; beam: number; threads: number }): TorchVersion;
  decode(argument: { photos: number[]; beam: number }): { milliseconds: number; words: string[][] };
  score(argument: { photo: number; words: string[] }): number[];
};

/** bench/peers/torch_translator.py. */
export type TorchTranslatorOperations = {
  open(argument: { folder: string; threads: number; single: TokenSearch; batch: TokenSearch }): TorchVersion<number[]>;
  translate(argument: TokenSearch): FoundTokens;
};

/** bench/peers/torch_trainer.py. */
export type TorchTrainerOperations = {
  open(argument: { folder: string; threads: number; example: TrainingStep }): TorchVersion;
  step(argument: TrainingStep): { milliseconds: number; loss: number };
};

interface TorchVersion<Threads = number> {
  version: string;
  python: string;
  /** As many threads as it is fastest with; of translators, with one source and with several. */
  threads: Threads;
}

/** A peer, or nothing where it is not installed; `note` gets the version, or how to install it. */
export async function openOnnxRuntime(
  folder: string,
  note: (text: string) => void,
): Promise<Lane<OnnxRuntimeOperations> | undefined> {
  const lane = new Lane<OnnxRuntimeOperations>('onnxruntime', process.execPath, [join(BUILT, 'onnxruntime.js')]);
  try {
    const { version } = await lane.ask('open', { folder });
    note(`onnxruntime-node ${version}, ${availableParallelism()} threads.`);
    return lane;
  } catch (error) {
    await lane.close();
    const reason = reasonOf(error);
    // Node goes on to say who wanted it.
    const isMissing = reason.includes("Cannot find module 'onnxruntime-node");
    note(`onnxruntime: ${isMissing ? 'not installed: npm ci --prefix bench' : reason}`);
    return undefined;
  }
}

/**
 * The same for PyTorch.
 * @param grids a file of encoder grids, for it to decode
 */
export function openTorch(
  { python, ...argument }: { folder: string; grids: string; beam: number; python: string },
  note: (text: string) => void,
): Promise<Lane<TorchOperations> | undefined> {
  const lane = torchLane<TorchOperations>('torch_decoder.py', python);
  return installed(lane, note, async () => {
    const { version, python, threads } = await lane.ask('open', { ...argument, threads: availableParallelism() });
    return `PyTorch ${version}, Python ${python}, ${threads} ${threads === 1 ? 'thread' : 'threads'} (the faster choice).`;
  });
}

/**
 * The same for translators.
 * @param single, batch searches to find out with how many threads it is faster
 */
export function openTorchTranslator(
  { python, ...argument }: { folder: string; python: string; single: TokenSearch; batch: TokenSearch },
  note: (text: string) => void,
): Promise<Lane<TorchTranslatorOperations> | undefined> {
  const lane = torchLane<TorchTranslatorOperations>('torch_translator.py', python);
  return installed(lane, note, async () => {
    const { version, python, threads } = await lane.ask('open', { ...argument, threads: availableParallelism() });
    const [single, batch] = threads as [number, number];
    return `PyTorch ${version}, Python ${python}; threads: ${single} for a sentence, ${batch} for a batch (the faster choices).`;
  });
}

/** The same for training. @param example a step to find out with how many threads it is faster */
export function openTorchTrainer(
  { python, ...argument }: { folder: string; python: string; threads: number; example: TrainingStep },
  note: (text: string) => void,
): Promise<Lane<TorchTrainerOperations> | undefined> {
  const lane = torchLane<TorchTrainerOperations>('torch_trainer.py', python);
  return installed(lane, note, async () => {
    const { version, python, threads } = await lane.ask('open', argument);
    return `PyTorch ${version}, Python ${python}, ${threads} ${threads === 1 ? 'thread' : 'threads'} (the faster choice).`;
  });
}

function torchLane<Ops extends Operations<Ops>>(script: string, python: string): Lane<Ops> {
  return new Lane<Ops>('PyTorch', python, [join(packageRoot(), 'bench', 'peers', script)]);
}

/** The lane, where PyTorch is there and can open the model. */
async function installed<L extends { close(): Promise<void> }>(
  lane: L,
  note: (text: string) => void,
  open: () => Promise<string>,
): Promise<L | undefined> {
  try {
    note(await open());
    return lane;
  } catch (error) {
    await lane.close();
    const reason = reasonOf(error);
    const isMissing = /not installed|ENOENT/.test(reason);
    const install = `python3 -m venv ${VENV} && ${VENV}/bin/pip install -r bench/peers/requirements.txt`;
    note(`PyTorch: ${isMissing ? `not installed: ${install}` : reason}`);
    return undefined;
  }
}

/** The Python that is taken where nobody names one. */
export function defaultPython(): string {
  const program = process.platform === 'win32' ? join('Scripts', 'python.exe') : join('bin', 'python');
  const installed = join(packageRoot(), VENV, program);
  return existsSync(installed) ? installed : process.platform === 'win32' ? 'python' : 'python3';
}
