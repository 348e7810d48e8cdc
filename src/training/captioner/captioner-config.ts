import { z } from 'zod';
import { Count, readConfig, RunName, ScheduleConfig, Share } from '../read-config.ts';

/** Where the captions of self-critical training come from. */
const SelfCriticalSettings = z.strictObject({
  /** How many captions a photo. */
  samples: Count,
  /**
   * `sample`: drawn from the model (Rennie et al. 2017); `beam`: the hypotheses of a beam as wide as there are samples
   * (Cornia et al. 2020, arXiv 1912.08226, section 3.3), whose mistakes are those that the search will make.
   */
  search: z.enum(['sample', 'beam']).default('sample'),
  /** The weight of one true caption's cross entropy beside them. */
  crossEntropyWeight: z.number().min(0),
});
export type SelfCriticalSettings = z.infer<typeof SelfCriticalSettings>;

/** One phase of a training run. The next stage starts from this one's best epoch. */
const Stage = z
  .strictObject({
    name: RunName,
    /** `cross-entropy`: teacher forcing; `self-critical`: reward CIDEr-D of sampled captions (Rennie et al. 2017). */
    objective: z.enum(['cross-entropy', 'self-critical']),
    /** Fine-tune the encoder above this tap (`s16`, `pre`, or a node); left out: the encoder stays as it is. */
    fineTune: z.strictObject({ above: z.string(), rate: z.number().positive() }).optional(),
    /** Whether photos are shown mirrored at random. */
    mirror: z.boolean(),
    /**
     * Photos are cropped at random to at least this part of each side (and mirrored). The encoder then sees every photo
     * anew each time, also where it is not trained; left out, its grids are computed once.
     */
    crop: z.number().positive().max(1).optional(),
    epochs: Count,
    photosPerBatch: Count,
    schedule: ScheduleConfig,
    dropout: Share,
    annotationDropout: Share,
    labelSmoothing: Share,
    penalty: z.number().min(0),
    /** Largest norm of the gradient; 0: no clipping. */
    clip: z.number().min(0),
    weightDecay: z.number().min(0),
    /** Decay of the averaged weights, which are the ones evaluated and kept; 0: no averaging. */
    averaging: Share,
    /** Self-critical only. */
    selfCritical: SelfCriticalSettings.optional(),
    /** How often a photo's mean annotation is kept from the decoder, which then has to look: see `CaptionerTraining`. */
    meanDropout: Share.optional(),
    /**
     * Nouns are drawn to where a word classifier finds their things (`LookTeacher`): KL(its map ‖ α) is added to the loss,
     * `weight` at first and less and less, nothing from the part `until` of the stage's steps on. For a frozen encoder.
     */
    look: z
      .strictObject({
        weight: z.number().positive(),
        until: z.number().positive().max(1),
        /** In the captions of how many photos a thing must be named for it to be known. */
        leastPhotos: Count.default(50),
      })
      .optional(),
    /** Hard attention only. */
    reinforce: z.strictObject({ rewardWeight: z.number().min(0), entropyWeight: z.number().min(0) }).optional(),
  })
  .refine(({ objective, selfCritical }) => (objective === 'self-critical') === (selfCritical !== undefined), {
    message: 'is needed by the objective self-critical, and by no other',
    path: ['selfCritical'],
  })
  .refine(
    ({ crop, fineTune, look, objective }) =>
      !look || (!fineTune && crop === undefined && objective === 'cross-entropy'),
    {
      message: 'goes with cross entropy on a frozen encoder and whole photos only',
      path: ['look'],
    },
  );
export type Stage = z.infer<typeof Stage>;

/** A whole training run of a captioner: `configs/captioner-….json`. */
const CaptionerRunConfig = z
  .strictObject({
    name: RunName,
    seed: z.number().int(),
    /** The folder name of the pretrained encoder, or several: then their grids lie one behind the other. */
    encoder: z.union([z.string(), z.array(z.string()).min(1)]),
    attention: z.enum(['soft', 'hard', 'none']),
    /** See `CaptionerConfig`. */
    query: z.enum(['state', 'word', 'top-down']).optional(),
    annotationSize: Count,
    attentionSize: Count,
    hiddenSize: Count,
    embeddingSize: Count,
    /** Words seen less often in the training captions become unknown. */
    minCount: Count,
    /** Longer captions are left out of the training. */
    maxWords: Count,
    /** Photos without a split count as `train`. */
    trainSplits: z.array(z.string()).min(1),
    /** What decides which epoch is best: the first photos of a split; see `splitPhotos` for a file without splits. */
    validation: z.strictObject({ split: z.string(), photos: Count, beam: Count }),
    /** Start from another run's end: its name. Its vocabulary and encoder are taken over. */
    startFrom: z.string().optional(),
    stages: z.array(Stage).min(1),
  })
  .refine(({ attention, stages }) => attention === 'hard' || stages.every(({ reinforce }) => !reinforce), {
    message: 'reinforce is for hard attention only',
    path: ['stages'],
  })
  .refine(({ attention, query, stages }) => attention !== 'none' || (!query && stages.every(({ look }) => !look)), {
    message: 'without attention there is neither query nor look',
    path: ['attention'],
  });
export type CaptionerRunConfig = z.infer<typeof CaptionerRunConfig>;

/** Reads a configuration. @throws Error that says which of its keys is missing, unknown or out of range */
export function readCaptionerConfig(path: string): Promise<CaptionerRunConfig> {
  return readConfig(path, CaptionerRunConfig);
}
