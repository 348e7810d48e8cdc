import type { Exported } from '../../model-folders/model-folder.ts';
import { readGivenJson } from '../../files/read-file.ts';
import { standardOutput } from '../results/sink.ts';

/** Prints what was written. */
export async function listExported({ folder, files }: Exported): Promise<void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = files.map(({ file, bytes }) => `  ${file.padEnd(36)} ${(bytes / 1e6).toFixed(2).padStart(7)} MB`);
  await standardOutput.write(`${folder}: ${(total / 1e6).toFixed(2)} MB\n${lines.join('\n')}\n`);
}

/** A file of JSON that an option names. @throws Error with its path where it holds no object */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  const value = await readGivenJson(path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Error(`${path} holds no JSON object.`);
  }
  return value as Record<string, unknown>;
}
