import { join } from 'node:path';
import type { Json } from '../../engine/checkpoint/json.ts';
import type { ShowAttendTellParts } from '../../engine/published/show-attend-tell.ts';
import { readJson } from '../../files/read-file.ts';
import { SHOW_ATTEND_TELL } from './architectures.ts';
import type { PublishedFamily } from './published-family.ts';

/** What `model.json` says beside architecture and weights. */
export interface ShowAttendTellMetadata {
  family: string;
  /** All words in the order of their numbers. */
  vocabulary: string[];
}

/** The layout of the widely used PyTorch tutorial's model, which scripts/convert/show_attend_tell.py writes. */
export const showAttendTellFamily: PublishedFamily = {
  name: 'Show, Attend and Tell',
  modelType: SHOW_ATTEND_TELL,
  async describe(folder) {
    // Its network is read by the engine, without which models can be listed.
    const { showAttendTellConfig, showAttendTellWeights } = await import('../../engine/published/show-attend-tell.ts');
    const vocabulary = wordsOf(await readJson(join(folder.path, 'vocab.json')));
    const parts: ShowAttendTellParts = showAttendTellConfig(folder.config, vocabulary);
    const metadata: ShowAttendTellMetadata = { family: showAttendTellFamily.name, vocabulary };
    return {
      kind: 'captioner',
      architecture: SHOW_ATTEND_TELL,
      config: parts as unknown as Json,
      metadata: metadata as unknown as Json,
      companions: [],
      weights: (tensors) => showAttendTellWeights(tensors, parts),
    };
  },
};

/** Words by their numbers, which go from 0 without a gap. @throws Error where it is no such table */
function wordsOf(value: unknown): string[] {
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  const words: string[] = [];
  for (const [word, number] of entries) {
    if (Number.isInteger(number) && (number as number) >= 0 && (number as number) < entries.length) {
      words[number as number] = word;
    }
  }
  if (entries.length === 0 || Object.keys(words).length !== entries.length) {
    throw new Error('vocab.json is no table of words and their numbers, from 0 without a gap.');
  }
  return words;
}
