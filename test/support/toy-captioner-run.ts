import type { CaptionerRunConfig, Stage } from '../../src/training/captioner/captioner-config.ts';

/** A stage of a training that takes seconds. */
export const toyStage: Stage = {
  name: 'decoder',
  objective: 'cross-entropy',
  mirror: true,
  epochs: 2,
  photosPerBatch: 2,
  schedule: { rate: 0.01, warmUp: 2, decay: 'cosine', floor: 0 },
  dropout: 0.3,
  annotationDropout: 0.2,
  labelSmoothing: 0.1,
  penalty: 0.1,
  clip: 5,
  weightDecay: 0.01,
  averaging: 0.9,
};

/** A whole training of a tiny captioner on the toy encoder (`toyEncoder`): every kind of stage. */
export const toyRun: CaptionerRunConfig = {
  name: 'toy',
  seed: 3,
  encoder: 'toy',
  attention: 'soft',
  annotationSize: 6,
  attentionSize: 4,
  hiddenSize: 8,
  embeddingSize: 6,
  minCount: 1,
  maxWords: 20,
  trainSplits: ['train'],
  validation: { split: 'dev', photos: 2, beam: 2 },
  stages: [
    toyStage,
    { ...toyStage, name: 'encoder', fineTune: { above: 'pre', rate: 0.001 } },
    {
      ...toyStage,
      name: 'reward',
      objective: 'self-critical',
      selfCritical: { samples: 3, search: 'sample', crossEntropyWeight: 0.05 },
      penalty: 0,
    },
  ],
};
