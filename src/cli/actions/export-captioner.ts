import { readFile } from 'node:fs/promises';
import { exportCaptioner, type ExportOptions } from '../../service/export-captioner.ts';
import type { DecodingDefaults } from '../../service/captioner-model.ts';
import type { ExportCaptionerOptions } from '../commands/export.ts';
import { standardOutput } from '../results/sink.ts';
import { openBackend } from './open-model.ts';

/** `attend export captioner`. */
export async function exportModel(options: ExportCaptionerOptions): Promise<void> {
  const { beam, card, lengthNormalisation, results, secondLook } = options;
  const decoding: Partial<DecodingDefaults> = {
    ...(beam === undefined ? {} : { beam }),
    ...(lengthNormalisation === undefined ? {} : { lengthNormalisation }),
    ...(secondLook === undefined ? {} : { secondLook }),
  };
  const more: ExportOptions = {
    decoding,
    ...(card === undefined ? {} : { card: await read(card) }),
    ...(results === undefined ? {} : { results: parse(await read(results), results) }),
  };
  await openBackend();
  const { folder, files } = await exportCaptioner(options.run, options.output, more);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = files.map(({ file, bytes }) => `  ${file.padEnd(36)} ${(bytes / 1e6).toFixed(2).padStart(7)} MB`);
  await standardOutput.write(`${folder}: ${(total / 1e6).toFixed(2)} MB\n${lines.join('\n')}\n`);
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${(error as Error).message}.`, { cause: error });
  }
}

function parse(text: string, path: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error(`${path} is not JSON.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error(`${path} holds no JSON object.`);
  return value as Record<string, unknown>;
}
