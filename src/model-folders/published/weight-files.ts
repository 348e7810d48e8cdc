import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ByteSource } from '../../engine/published/byte-source.ts';
import { parseSafetensors, type PublishedTensor } from '../../engine/published/safetensors.ts';
import { parseTorchArchive } from '../../engine/published/torch-archive.ts';
import { fileSource } from '../../files/file-source.ts';
import { readJson } from '../../files/read-file.ts';

const SAFE = 'model.safetensors';
const TORCH = 'pytorch_model.bin';

/**
 * The arrays of a published model's folder: `model.safetensors`, the files that `model.safetensors.index.json` lists, or
 * `pytorch_model.bin`.
 * @throws Error that names the file and what is wrong with it
 */
export async function readWeightFiles(folder: string): Promise<Map<string, PublishedTensor>> {
  if (existsSync(join(folder, SAFE))) return read(folder, SAFE, parseSafetensors);
  const index = `${SAFE}.index.json`;
  if (existsSync(join(folder, index))) {
    const tensors = new Map<string, PublishedTensor>();
    for (const file of filesOf(index, await readJson(join(folder, index)))) {
      for (const [name, tensor] of read(folder, file, parseSafetensors)) tensors.set(name, tensor);
    }
    return tensors;
  }
  if (existsSync(join(folder, TORCH))) return read(folder, TORCH, parseTorchArchive);
  throw new Error(`There are no weights in ${folder}: it needs ${SAFE} or ${TORCH}.`);
}

/** The files that an index names, each once. */
function filesOf(index: string, value: unknown): Set<string> {
  const map = (value as { weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== 'object' || map === null) throw new Error(`${index} lists no files.`);
  const files = new Set<string>();
  for (const file of Object.values(map)) {
    if (typeof file !== 'string' || file !== basename(file) || !file.endsWith('.safetensors')) {
      throw new Error(`${index} names the file ${JSON.stringify(file)}, which is none of its folder.`);
    }
    files.add(file);
  }
  return files;
}

function read(
  folder: string,
  file: string,
  parse: (source: ByteSource) => Map<string, PublishedTensor>,
): Map<string, PublishedTensor> {
  const path = join(folder, file);
  const source = fileSource(path);
  try {
    return parse(source);
  } catch (cause) {
    throw new Error(`${path}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
