import { join } from 'node:path';
import { sha256 } from '../../engine/checkpoint/sha256.ts';
import { PieceVocabulary, type SpecialTokens } from '../../engine/text/piece-vocabulary.ts';
import { readBytes } from '../../files/read-file.ts';
import type { ModelFile } from '../model-files.ts';

/** A captioner's vocabulary in `model.json`: the files of its folder. */
export interface PieceFiles {
  format: 'pieces';
  description: ModelFile;
  settings: ModelFile;
}

/** What a published captioner's `model.json` says beside architecture and weights. */
export interface VisionCaptionerMetadata {
  family: string;
  tokenizer: PieceFiles;
  resample: 'lanczos3' | 'cubic' | 'linear';
  decoding: { beam: number; lengthNormalisation: number; maxLength: number; noRepeat: number; refill: true };
}

/** The files of a published captioner's vocabulary. @throws Error where one is missing */
export async function pieceFiles(path: string): Promise<PieceFiles> {
  return {
    format: 'pieces',
    description: await fileOf(path, 'tokenizer.json'),
    settings: await fileOf(path, 'tokenizer_config.json'),
  };
}

/** The vocabulary that `model.json` describes. @param read gives the bytes of a file whose checksum was right */
export async function openPieces(
  { description, settings }: PieceFiles,
  size: number,
  special: SpecialTokens,
  read: (file: ModelFile) => Promise<Uint8Array>,
): Promise<PieceVocabulary> {
  const json = async (file: ModelFile): Promise<object> => {
    const text = new TextDecoder().decode(await read(file));
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new Error(`${file.file} is not JSON.`, { cause });
    }
    if (typeof value !== 'object' || value === null) throw new Error(`${file.file} is not an object.`);
    return value;
  };
  const [described, set] = [await json(description), await json(settings)];
  try {
    return new PieceVocabulary(described, set, size, special);
  } catch (cause) {
    throw new Error(`${description.file} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

/** A file of a folder with its checksum. */
export async function fileOf(path: string, file: string): Promise<ModelFile> {
  const bytes = await readBytes(join(path, file));
  return { file, bytes: bytes.length, sha256: await sha256(bytes) };
}
