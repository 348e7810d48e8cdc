import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../src/service/package-root.ts';
import { Lane } from '../harness/lane.ts';
import { BUILT, reasonOf } from '../harness/lanes.ts';
import type { OnnxRuntimeOperations } from './onnxruntime.ts';

/** Where the README has people install PyTorch. */
const VENV = join('.cache', 'bench-venv');

/** bench/peers/torch_decoder.py. */
export type TorchOperations = {
  open(argument: { folder: string; grids: string; beam: number; threads: number }): TorchVersion;
  decode(argument: { photos: number[]; beam: number }): { milliseconds: number; words: string[][] };
  score(argument: { photo: number; words: string[] }): number[];
};

interface TorchVersion {
  version: string;
  python: string;
  /** As many threads as it is fastest with. */
  threads: number;
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
export async function openTorch(
  { folder, grids, beam, python }: { folder: string; grids: string; beam: number; python: string },
  note: (text: string) => void,
): Promise<Lane<TorchOperations> | undefined> {
  const script = join(packageRoot(), 'bench', 'peers', 'torch_decoder.py');
  const lane = new Lane<TorchOperations>('PyTorch', python, [script]);
  try {
    const { version, python, threads } = await lane.ask('open', {
      folder,
      grids,
      beam,
      threads: availableParallelism(),
    });
    note(
      `PyTorch ${version}, Python ${python}, ${threads} ${threads === 1 ? 'thread' : 'threads'} (the faster choice).`,
    );
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
