import { readFile } from 'node:fs/promises';
import type { Exported } from '../../service/model-folder.ts';
import { standardOutput } from '../results/sink.ts';

/** Prints what was written. */
export async function listExported({ folder, files }: Exported): Promise<void> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const lines = files.map(({ file, bytes }) => `  ${file.padEnd(36)} ${(bytes / 1e6).toFixed(2).padStart(7)} MB`);
  await standardOutput.write(`${folder}: ${(total / 1e6).toFixed(2)} MB\n${lines.join('\n')}\n`);
}

/** A file that an option names. @throws Error with its path */
export async function readTextFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${path}: ${(error as Error).message}.`, { cause: error });
  }
}

/** A file of JSON that an option names. @throws Error with its path where it holds no object */
export async function readJsonObject(path: string): Promise<Record<string, unknown>> {
  const text = await readTextFile(path);
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
