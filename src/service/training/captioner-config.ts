import { readFile } from 'node:fs/promises';
import type { Schedule } from '../../engine/training/schedule.ts';

/** One phase of a training run. The next stage starts from this one's best epoch. */
export interface Stage {
  name: string;
  /** `cross-entropy`: teacher forcing; `self-critical`: reward CIDEr-D of sampled captions (Rennie et al. 2017). */
  objective: 'cross-entropy' | 'self-critical';
  /** Fine-tune the encoder above this tap (`s16`, `pre`, or a node); left out: the encoder stays as it is. */
  fineTune?: { above: string; rate: number };
  /** Whether photos are shown mirrored at random. */
  mirror: boolean;
  /**
   * Photos are cropped at random to at least this part of each side (and mirrored). The encoder then sees every photo
   * anew each time, also where it is not trained; left out, its grids are computed once.
   */
  crop?: number;
  epochs: number;
  photosPerBatch: number;
  schedule: Schedule;
  dropout: number;
  annotationDropout: number;
  labelSmoothing: number;
  penalty: number;
  clip: number;
  weightDecay: number;
  /** Decay of the averaged weights, which are the ones evaluated and kept; 0: no averaging. */
  averaging: number;
  /** Self-critical only. */
  selfCritical?: SelfCriticalSettings;
  /** Hard attention only. */
  reinforce?: { rewardWeight: number; entropyWeight: number };
}

/** Where the captions of self-critical training come from. */
export interface SelfCriticalSettings {
  /** How many captions a photo. */
  samples: number;
  /**
   * `sample`: drawn from the model (Rennie et al. 2017); `beam`: the hypotheses of a beam as wide as there are samples
   * (Cornia et al. 2020, arXiv 1912.08226, section 3.3), whose mistakes are those that the search will make.
   */
  search: 'sample' | 'beam';
  /** The weight of one true caption's cross entropy beside them. */
  crossEntropyWeight: number;
}

/** A whole training run of a captioner: `configs/captioner-….json`. */
export interface CaptionerRunConfig {
  name: string;
  seed: number;
  /** The folder name of the pretrained encoder. */
  encoder: string;
  attention: 'soft' | 'hard' | 'none';
  annotationSize: number;
  attentionSize: number;
  hiddenSize: number;
  embeddingSize: number;
  /** Words seen less often in the training captions become unknown. */
  minCount: number;
  /** Longer captions are left out of the training. */
  maxWords: number;
  trainSplits: string[];
  validation: { split: string; photos: number; beam: number };
  /** Start from another run's end: its name. Its vocabulary and encoder are taken over. */
  startFrom?: string;
  stages: Stage[];
}

/** Reads a configuration. @throws saying what is missing */
export async function readCaptionerConfig(path: string): Promise<CaptionerRunConfig> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Error(`Cannot read the configuration ${path}: ${(error as Error).message}.`, { cause: error });
  });
  let config: Partial<CaptionerRunConfig>;
  try {
    config = JSON.parse(text) as Partial<CaptionerRunConfig>;
  } catch (error) {
    throw new Error(`The configuration ${path} is not JSON: ${(error as Error).message}.`, { cause: error });
  }
  for (const key of REQUIRED) {
    if (config[key] === undefined) throw new Error(`The configuration ${path} lacks "${key}".`);
  }
  if (config.stages?.length === 0) throw new Error(`The configuration ${path} has no stages.`);
  return config as CaptionerRunConfig;
}

const REQUIRED = [
  'name',
  'seed',
  'encoder',
  'attention',
  'annotationSize',
  'attentionSize',
  'hiddenSize',
  'embeddingSize',
  'minCount',
  'maxWords',
  'trainSplits',
  'validation',
  'stages',
] as const satisfies (keyof CaptionerRunConfig)[];
