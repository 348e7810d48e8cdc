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

/** A loss of scripts/torch/counterfactual.py: its weight, and by how many nats a word should be likelier than without. */
const CounterfactualSettings = z.strictObject({ weight: z.number().positive(), margin: z.number().positive() });

/** What only scripts/torch/train_captioner.py does; see `packCaptions`. */
const TorchSettings = z.strictObject({
  /** Of the time that the run has, beside the shares of the other stages; 1 where it is left out. */
  share: z.number().positive().optional(),
  /** Brightness and contrast of photos are drawn on 1 ± this. */
  recolour: Share.optional(),
  /** How often a word that is fed is the unknown one. */
  wordDropout: Share.optional(),
  /** Instead of what `fineTune.above` names: the layers whose output is at least so many times smaller than the photo. */
  reduction: Count.optional(),
  /** Photos with fewer captions get no reward. */
  leastCaptions: Count.optional(),
  /** The share of its weight that `look` keeps. */
  lookFloor: z.number().min(0).max(1).optional(),
  /** Words that name a thing should be likelier where the model looks than with weights that say nothing; with `look`. */
  elsewhere: CounterfactualSettings.optional(),
  /** And likelier than where the thing is erased from the photo; with `look`. */
  erase: CounterfactualSettings.optional(),
});

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
    meanDropout: z.number().min(0).max(1).optional(),
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
    /**
     * For a run that starts from a captioner: what is kept lies this far on the way from its weights to the trained ones
     * (Wortsman et al. 2022, arXiv 2109.01903), so that what it knew before is not lost to a few photos. Left out: 1.
     */
    mix: z.number().positive().max(1).optional(),
    /** For PyTorch's trainer only: the engine refuses a stage that has it. `look` goes with every stage then. */
    torch: TorchSettings.optional(),
    /** Hard attention only. */
    reinforce: z.strictObject({ rewardWeight: z.number().min(0), entropyWeight: z.number().min(0) }).optional(),
  })
  .refine(({ objective, selfCritical }) => (objective === 'self-critical') === (selfCritical !== undefined), {
    message: 'is needed by the objective self-critical, and by no other',
    path: ['selfCritical'],
  })
  .refine(({ fineTune, mix }) => mix === undefined || !fineTune, {
    message: 'goes with an encoder that stays as it is',
    path: ['mix'],
  })
  .refine(
    ({ crop, fineTune, look, objective, torch }) =>
      !look || torch !== undefined || (!fineTune && crop === undefined && objective === 'cross-entropy'),
    {
      message: 'goes with cross entropy on a frozen encoder and whole photos only',
      path: ['look'],
    },
  );
export type Stage = z.infer<typeof Stage>;

/** The shape of a captioner that is trained from its first weights. */
const Shape = z.strictObject({
  /** The folder name of the pretrained encoder, or several: then their grids lie one behind the other. */
  encoder: z.union([z.string(), z.array(z.string()).min(1)]),
  attention: z.enum(['soft', 'hard', 'none']),
  /** See `CaptionerConfig`. */
  query: z.enum(['state', 'word', 'top-down']).optional(),
  annotationSize: Count,
  attentionSize: Count,
  hiddenSize: Count,
  embeddingSize: Count,
});
export type CaptionerShape = z.infer<typeof Shape>;

/** A whole training run of a captioner: `configs/captioner-….json`. */
const CaptionerRunConfig = z
  .strictObject({
    name: RunName,
    seed: z.number().int(),
    /**
     * The name or folder of a captioner to go on with: its encoder, its decoder and its words, to which the frequent new
     * words of the captions come. Then nothing is said of the model's shape, but that `attention` may become `hard`.
     */
    captioner: z.string().optional(),
    ...Shape.partial().shape,
    /** Words seen less often in the training captions become unknown. */
    minCount: Count,
    /** Longer captions are left out of the training. */
    maxWords: Count,
    /** Photos without a split count as `train`. */
    trainSplits: z.array(z.string()).min(1),
    /** How often an epoch shows the photos of a split; once, where nothing is said. Rare kinds of photos get their weight. */
    repeat: z.record(z.string(), Count).optional(),
    /** What decides which epoch is best: the first photos of a split; see `splitPhotos` for a file without splits. */
    validation: z.strictObject({ split: z.string(), photos: Count, beam: Count }),
    /** Start from another run's end: its name. Its vocabulary and encoder are taken over. */
    startFrom: z.string().optional(),
    stages: z.array(Stage).min(1),
  })
  .refine((config) => config.captioner === undefined || (!config.startFrom && !hasShape(config)), {
    message:
      'decides the shape of the model: leave out startFrom, encoder, query, the sizes, and any attention but "hard"',
    path: ['captioner'],
  })
  .superRefine((config, context) => {
    if (config.captioner !== undefined) return;
    for (const issue of Shape.safeParse(shapeOf(config)).error?.issues ?? [])
      context.addIssue({ code: 'custom', message: issue.message, path: issue.path });
  })
  .refine(({ captioner, stages }) => captioner !== undefined || stages.every(({ mix }) => mix === undefined), {
    message: 'mix is for a run that starts from a captioner only',
    path: ['stages'],
  })
  .refine(
    ({ attention, captioner, stages }) =>
      captioner !== undefined || attention === 'hard' || stages.every(({ reinforce }) => !reinforce),
    {
      message: 'reinforce is for hard attention only',
      path: ['stages'],
    },
  )
  .refine(({ attention, query, stages }) => attention !== 'none' || (!query && stages.every(({ look }) => !look)), {
    message: 'without attention there is neither query nor look',
    path: ['attention'],
  });
export type CaptionerRunConfig = z.infer<typeof CaptionerRunConfig>;

/** What a configuration says of the model's shape. */
function shapeOf(config: Partial<CaptionerShape>): Partial<CaptionerShape> {
  const keys = Object.keys(Shape.shape) as (keyof CaptionerShape)[];
  return Object.fromEntries(keys.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])));
}

/** Whether a configuration says more of the shape than that the attention is hard, which needs no other weights. */
function hasShape(config: Partial<CaptionerShape>): boolean {
  const { attention, ...rest } = shapeOf(config);
  return (attention !== undefined && attention !== 'hard') || Object.keys(rest).length > 0;
}

/** The shape of a captioner that is not given by another. @throws Error where the run starts from a captioner */
export function ownShape(config: CaptionerRunConfig): CaptionerShape {
  return Shape.parse(shapeOf(config));
}

/** Reads a configuration. @throws Error that says which of its keys is missing, unknown or out of range */
export function readCaptionerConfig(path: string): Promise<CaptionerRunConfig> {
  return readConfig(path, CaptionerRunConfig);
}

/** @throws Error where a stage is for PyTorch's trainer only */
export function assertForEngine({ stages }: CaptionerRunConfig): void {
  const other = stages.find(({ torch }) => torch);
  if (other) {
    throw new Error(
      `The stage ${other.name} has "torch": it is trained by scripts/torch/train_captioner.py, with --python or from what ` +
        '--pack writes.',
    );
  }
}
