import { join } from 'node:path';
import { makeFolder } from '../../files/make-folder.ts';
import * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint, saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import type { Captioner } from '../../engine/models/captioner.ts';
import type { Parameters } from '../../engine/parameters.ts';
import { Random } from '../../engine/random.ts';
import type { Vocabulary } from '../../engine/text/vocabulary.ts';
import { AdamW } from '../../engine/training/adam-w.ts';
import { captionerLoss } from '../../engine/training/captioner-loss.ts';
import { packBatch } from '../../engine/batches/packed-batch.ts';
import { ARCHITECTURE, ENCODER_PREFIX } from '../../captioning/captioner-model.ts';
import { keywordFinderFor } from '../../captioning/keyword-finder.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import type { PhotoCaptions } from '../../photos/captions-file.ts';
import type { RecordFile } from '../../files/record-file.ts';
import { writeFileAtomically } from '../../files/write-file.ts';
import type { Progress, SavedEvent, StepEvent } from '../training-events.ts';
import {
  beginning,
  meanLoss,
  runStage,
  runStages,
  type LoopStage,
  type StageProgress,
  type Update,
} from '../training-loop.ts';
import { TrainingState } from '../training-state.ts';
import type { Beginning } from './beginning.ts';
import { assertForEngine, type CaptionerRunConfig, type Stage } from './captioner-config.ts';
import { mirrorAndCrop } from './augmentation.ts';
import { featureTensor, openFeatures, openPixels, pixelTensor } from './photo-features.ts';
import { captionNouns } from './caption-nouns.ts';
import { LookTeacher, MOST_NOUNS } from './look-teacher.ts';
import { SelfCritic, type CritiquedBatch } from './self-critic.ts';
import { prepareCaptioner } from './prepare-captioner.ts';
import type { TrainableEncoder } from './trainable-encoder.ts';
import { validate } from './caption-validation.ts';

/** What a run reports while it works. */
export type TrainingEvent =
  | { kind: 'preparing'; what: string; done: number; of: number }
  | (StepEvent & {
      /** Self-critical training: the mean CIDEr-D of the samples. */
      reward?: number;
    })
  | {
      kind: 'epoch';
      stage: string;
      epoch: number;
      loss: number;
      seconds: number;
      ciderD: number;
      bleu4: number;
      words: number;
      best: boolean;
      example: string;
    }
  | SavedEvent;

/** Where a run reads and writes. */
export interface TrainingPlaces {
  /** The photos' folder. */
  photos: string;
  captions: readonly PhotoCaptions[];
  /** The run's own folder: checkpoints, log. */
  run: string;
  /** The folder of all runs, where `startFrom` is looked up. */
  runs: string;
  /** Where decoded photos and features are kept. */
  cache: string;
}

/** A photo with its captions as word ids. */
interface Example {
  /** Its place among all photos of the run. */
  index: number;
  words: string[][];
  ids: number[][];
}

/** How far a stage has come. */
interface CaptionerProgress extends StageProgress {
  /** Hard attention's moving average of the reward. */
  baseline: number;
  /** What `seconds` was at the last validation. */
  secondsBefore: number;
}

/**
 * Trains a captioner, stage by stage, from where the run's folder says it stopped.
 *
 * @param startsFrom gives the pretrained encoder, or the captioner, that the run starts from (not asked where that is
 *   another run)
 * @param signal aborting writes a checkpoint after the step in hand and returns; before the first step it just returns
 * @returns whether the run came to its end
 */
export async function runCaptionerTraining(
  config: CaptionerRunConfig,
  places: TrainingPlaces,
  startsFrom: () => Promise<Beginning>,
  report: (event: TrainingEvent) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  let run: CaptionerRun | undefined;
  try {
    run = await CaptionerRun.prepare(config, places, startsFrom, report, signal);
    return await run.train();
  } catch (error) {
    if (signal?.aborted && error === signal.reason) return false;
    throw error;
  } finally {
    run?.close();
  }
}

class CaptionerRun {
  readonly #config: CaptionerRunConfig;
  readonly #places: TrainingPlaces;
  readonly #report: (event: TrainingEvent) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #vocabulary: Vocabulary;
  readonly #parameters: Parameters;
  readonly #captioner: Captioner;
  readonly #encoder: TrainableEncoder;
  readonly #files: string[];
  readonly #pixels: RecordFile;
  /** Files of features that stages have opened. */
  readonly #features: RecordFile[] = [];
  readonly #train: Example[];
  /** The weights that the run began with, by name, where a stage mixes with them. */
  readonly #first: ReadonlyMap<string, Float32Array>;
  readonly #validation: { index: number; references: string[] }[];

  private constructor(parts: {
    config: CaptionerRunConfig;
    places: TrainingPlaces;
    report: (event: TrainingEvent) => void;
    signal: AbortSignal | undefined;
    vocabulary: Vocabulary;
    parameters: Parameters;
    captioner: Captioner;
    encoder: TrainableEncoder;
    files: string[];
    pixels: RecordFile;
    train: Example[];
    validation: { index: number; references: string[] }[];
  }) {
    this.#config = parts.config;
    this.#places = parts.places;
    this.#report = parts.report;
    this.#signal = parts.signal;
    this.#vocabulary = parts.vocabulary;
    this.#parameters = parts.parameters;
    this.#captioner = parts.captioner;
    this.#encoder = parts.encoder;
    this.#files = parts.files;
    this.#pixels = parts.pixels;
    this.#train = parts.train;
    this.#validation = parts.validation;
    const mixes = parts.config.stages.some(({ mix }) => mix !== undefined);
    this.#first = new Map(
      mixes ? this.#parameters.entries().map(([name, weight]) => [name, weight.dataSync<'float32'>().slice()]) : [],
    );
  }

  static async prepare(
    config: CaptionerRunConfig,
    places: TrainingPlaces,
    startsFrom: () => Promise<Beginning>,
    report: (event: TrainingEvent) => void,
    signal: AbortSignal | undefined,
  ): Promise<CaptionerRun> {
    assertForEngine(config);
    const prepared = await prepareCaptioner(config, places.captions, places.runs, startsFrom);
    const { captioner, encoder, parameters, train: trainPhotos, validation: validationPhotos, vocabulary } = prepared;
    const files = [...trainPhotos, ...validationPhotos].map((photo) => photo.file);
    const progress = preparing(report, signal);
    const pixels = await openPixels(places.cache, places.photos, files, encoder.graph.input.size, progress).catch(
      (error: unknown) => {
        parameters.dispose();
        encoder.dispose();
        throw error;
      },
    );
    const train = trainPhotos.flatMap(({ words, times }, index): Example[] => {
      const ids = words.map((caption) => vocabulary.encode(caption));
      return Array.from({ length: times }, () => ({ index, words, ids }));
    });
    const validation = validationPhotos.map((photo, i) => ({
      index: trainPhotos.length + i,
      references: photo.captions,
    }));
    return new CaptionerRun({
      config,
      places,
      report,
      signal,
      vocabulary,
      parameters,
      captioner,
      encoder,
      files,
      pixels,
      train,
      validation,
    });
  }

  async train(): Promise<boolean> {
    await makeFolder(this.#places.run);
    await writeFileAtomically(join(this.#places.run, 'config.json'), `${JSON.stringify(this.#config, null, 2)}\n`);
    const finished = await runStages(this.#places.run, this.#config.stages, async (stage, number, folder) => {
      if (!(await this.#trainStage(stage, number, folder))) return false;
      await this.#takeBest(folder);
      return true;
    });
    if (!finished) return false;
    await this.#saveModel(join(this.#places.run, 'final'));
    return true;
  }

  /** Closes files; the weights of the model are freed. */
  close(): void {
    for (const file of [this.#pixels, ...this.#features]) file.close();
    this.#parameters.dispose();
    this.#encoder.dispose();
  }

  async #trainStage(stage: Stage, number: number, folder: string): Promise<boolean> {
    const trained = stage.fineTune
      ? this.#encoder.variablesAbove(stage.fineTune.above)
      : new Map<string, tf.Variable>();
    const variables: [string, tf.Variable][] = [
      ...this.#parameters.entries(),
      ...[...trained].map(([name, variable]): [string, tf.Variable] => [`${ENCODER_PREFIX}${name}`, variable]),
    ];
    const optimiser = new AdamW(variables, { weightDecay: stage.weightDecay, averaging: stage.averaging });
    const batchesPerEpoch = Math.ceil(this.#train.length / stage.photosPerBatch);
    let features: RecordFile | undefined;
    let teacher: LookTeacher | undefined;
    const critic = stage.selfCritical
      ? new SelfCritic(this.#captioner, this.#vocabulary, this.#references())
      : undefined;
    const steps = batchesPerEpoch * stage.epochs;
    const random = new Random(this.#config.seed * 1000 + number);
    const loop: LoopStage<CaptionerProgress, Update & { reward?: number }> = {
      name: stage.name,
      steps,
      schedule: stage.schedule,
      optimiser,
      random,
      // The part of the encoder that is not trained is stored as well: an earlier stage may have trained it.
      others: {
        save: () => this.#encoder.entries('frozen/'),
        restore: (weights) => this.#encoder.install(weights, 'frozen/'),
      },
      // The reward of hard attention is a log-probability a token: an untrained model's is far below 0.
      beginning: (state) => ({ ...beginning(state), baseline: -3, secondsBefore: 0 }),
      epochOf: ({ step }) => Math.floor(step / batchesPerEpoch),
      isValidated: (step) => step % batchesPerEpoch === 0,
      prepare: async () => {
        if (!stage.fineTune && stage.crop === undefined) features = await this.#openFeatures(stage.mirror);
        if (stage.look && features) teacher = await this.#openTeacher(features, folder, stage.look.leastPhotos);
      },
      update: (rate, progress) => {
        const chosen = this.#chosen(stage, number, batchesPerEpoch, progress.step);
        return this.#update(stage, chosen, { rate, steps, features, teacher, critic, random, optimiser, progress });
      },
      validate: (progress) => this.#validate(stage, folder, progress.step / batchesPerEpoch - 1, progress),
    };
    const state = new TrainingState<CaptionerProgress>(folder, 'captioner-training');
    try {
      return (await runStage(loop, state, this.#report, this.#signal)) !== undefined;
    } finally {
      teacher?.dispose();
    }
  }

  /** What people wrote about each photo, by its place: a photo that an epoch repeats has one place. */
  #references(): string[][][] {
    const references: string[][][] = [];
    for (const { index, words } of this.#train) references[index] = words;
    return references;
  }

  /** The photos of a step. */
  #chosen(stage: Stage, number: number, batchesPerEpoch: number, step: number): Example[] {
    const epoch = Math.floor(step / batchesPerEpoch);
    const place = step % batchesPerEpoch;
    const order = new Random(this.#config.seed * 7919 + number * 101 + epoch).shuffle([...this.#train.keys()]);
    return order
      .slice(place * stage.photosPerBatch, (place + 1) * stage.photosPerBatch)
      .map((i) => this.#train[i] as Example);
  }

  async #update(
    stage: Stage,
    chosen: readonly Example[],
    { critic, features, optimiser, progress, random, rate, steps, teacher }: StepParts,
  ): Promise<Update & { reward?: number }> {
    const input = this.#input(stage, chosen, features, random);
    const { batch, rowWeights, reward } = critic
      ? await this.#criticise(critic, input, chosen, stage, random)
      : { batch: allCaptions(chosen, this.#vocabulary), rowWeights: undefined, reward: undefined };
    const lookWeight = stage.look ? stage.look.weight * Math.max(0, 1 - progress.step / (stage.look.until * steps)) : 0;
    const look = teacher && lookWeight > 0 ? teacher.targets(input.tensor as tf.Tensor3D, batch) : undefined;
    const baseline = { value: progress.baseline };
    const { value, grads } = tf.variableGrads(
      () =>
        captionerLoss(this.#captioner, this.#gridOf(input), batch, {
          training: {
            random,
            annotationDropout: stage.annotationDropout,
            dropout: stage.dropout,
            meanDropout: stage.meanDropout ?? 0,
          },
          labelSmoothing: stage.labelSmoothing,
          penalty: stage.penalty,
          ...(rowWeights ? { rowWeights } : {}),
          ...(stage.reinforce ? { reinforce: { ...stage.reinforce, baseline } } : {}),
          ...(look && { look: { ...look, weight: lookWeight } }),
        }),
      optimiser.variables,
    );
    progress.baseline = baseline.value;
    const loss = value.dataSync()[0] as number;
    const encoderShare = stage.fineTune ? stage.fineTune.rate / stage.schedule.rate : 1;
    const norm = optimiser.apply(
      grads,
      (name) => (name.startsWith(ENCODER_PREFIX) ? rate * encoderShare : rate),
      stage.clip,
    );
    tf.dispose([value, grads, input.tensor, ...(look ? [look.maps] : [])]);
    return { loss, norm, tokens: batch.targets.length, ...(reward === undefined ? {} : { reward }) };
  }

  async #validate(stage: Stage, folder: string, epoch: number, progress: CaptionerProgress): Promise<void> {
    const grid = (indices: readonly number[]): tf.Tensor3D =>
      tf.tidy(() => this.#encoder.grid(this.#pixelsOf(indices)));
    if (stage.mix !== undefined) this.#mix(stage.mix);
    const scores = await validate(
      this.#captioner,
      this.#vocabulary,
      this.#validation,
      grid,
      this.#config.validation.beam,
    );
    const best = progress.best === null || scores.ciderD > progress.best;
    if (best) {
      progress.best = scores.ciderD;
      await this.#saveModel(join(folder, 'best'));
    }
    const seconds = progress.seconds - progress.secondsBefore;
    progress.secondsBefore = progress.seconds;
    this.#report({ kind: 'epoch', stage: stage.name, epoch, loss: meanLoss(progress), seconds, best, ...scores });
  }

  /** Moves the weights in place back towards those that the run began with. @param share of the trained ones */
  #mix(share: number): void {
    for (const [name, weight] of this.#parameters.entries()) {
      const first = this.#first.get(name) as Float32Array;
      const trained = weight.dataSync<'float32'>();
      const mixed = trained.map((value, i) => share * value + (1 - share) * (first[i] as number));
      tf.tidy(() => weight.assign(tf.tensor(mixed, weight.shape)));
    }
  }

  /** What a batch's photos are before the part that is trained: features, or pixels. */
  #input(stage: Stage, chosen: readonly Example[], features: RecordFile | undefined, random: Random): BatchInput {
    const indices = chosen.map(({ index }) => index);
    if (features) {
      const half = this.#files.length;
      const places = stage.mirror ? indices.map((index) => index + (random.next() < 0.5 ? half : 0)) : indices;
      return {
        tensor: featureTensor(features.read(places), places.length, this.#captioner.config.featureSize),
        above: undefined,
      };
    }
    const above = stage.fineTune?.above;
    const tensor = tf.tidy((): tf.Tensor => {
      const photos = this.#pixelsOf(indices);
      const changed = stage.mirror || stage.crop !== undefined;
      const pixels = changed ? mirrorAndCrop(photos, stage.crop ?? 1, random) : photos;
      return above === undefined ? this.#encoder.grid(pixels) : this.#encoder.upTo(above, pixels);
    });
    return { tensor, above };
  }

  #gridOf({ tensor, above }: BatchInput): tf.Tensor3D {
    return above === undefined ? (tensor as tf.Tensor3D) : this.#encoder.gridFrom(above, tensor as tf.Tensor4D);
  }

  async #criticise(
    critic: SelfCritic,
    input: BatchInput,
    chosen: readonly Example[],
    stage: Stage,
    random: Random,
  ): Promise<CritiquedBatch> {
    const grid = this.#gridOf(input);
    try {
      return await critic.batch(grid, chosen, stage.selfCritical as NonNullable<Stage['selfCritical']>, random);
    } finally {
      if (grid !== input.tensor) grid.dispose();
    }
  }

  #pixelsOf(indices: readonly number[]): tf.Tensor4D {
    return pixelTensor(this.#pixels.read(indices), indices.length, this.#encoder.graph.input.size);
  }

  async #openFeatures(mirrored: boolean): Promise<RecordFile> {
    const progress = preparing(this.#report, this.#signal);
    const { cache } = this.#places;
    const features = await openFeatures(cache, this.#pixels, this.#encoder, mirrored, progress);
    this.#features.push(features);
    return features;
  }

  /** @throws Error where the captions are not English */
  async #openTeacher(features: RecordFile, folder: string, leastPhotos: number): Promise<LookTeacher> {
    const find = await keywordFinderFor({ vocabulary: this.#vocabulary });
    if (!find) throw new Error('What captions name is known of English ones only; leave "look" out.');
    const progress = preparing(this.#report, this.#signal);
    progress(0, this.#train.length, 'finding nouns');
    const nouns = captionNouns(this.#references(), this.#vocabulary, find, { leastPhotos, most: MOST_NOUNS });
    if (nouns.names.length === 0) {
      throw new Error(`No thing is named in the captions of ${leastPhotos} photos; leave "look" out.`);
    }
    const { featureSize } = this.#captioner.config;
    const learnFrom = { features, featureSize, photos: this.#train };
    return LookTeacher.open(join(folder, 'teacher'), nouns, learnFrom, this.#config.seed, progress);
  }

  /** The model as it is now: decoder by its own names, encoder as `encoder/…`. */
  async #saveModel(folder: string): Promise<void> {
    await saveCheckpoint(new DirectoryStore(folder), {
      architecture: ARCHITECTURE,
      config: this.#captioner.config as never,
      metadata: { vocabulary: this.#vocabulary.words, encoder: this.#encoder.graph, run: this.#config } as never,
      weights: [...this.#parameters.entries(), ...this.#encoder.entries(ENCODER_PREFIX)],
      precision: 'float32',
    });
  }

  /** Puts the best epoch of a stage in place. */
  async #takeBest(folder: string): Promise<void> {
    const best = await loadCheckpoint(new DirectoryStore(join(folder, 'best')));
    for (const [name, variable] of this.#parameters.entries()) variable.assign(best.weights.get(name) as tf.Tensor);
    this.#encoder.install(best.weights, ENCODER_PREFIX);
    tf.dispose([...best.weights.values()]);
  }
}

/** Reports how far a preparation is. It takes minutes, and an abort must not wait for its end. */
function preparing(report: (event: TrainingEvent) => void, signal: AbortSignal | undefined): Progress {
  return (done, of, what) => {
    signal?.throwIfAborted();
    report({ kind: 'preparing', what, done, of });
  };
}

/** What a step of a stage works with. */
interface StepParts {
  rate: number;
  /** Of the whole stage. */
  steps: number;
  teacher: LookTeacher | undefined;
  features: RecordFile | undefined;
  critic: SelfCritic | undefined;
  random: Random;
  optimiser: AdamW;
  progress: CaptionerProgress;
}

interface BatchInput {
  tensor: tf.Tensor;
  /** The tap whose output `tensor` is; nothing where it is the grid itself. */
  above: string | undefined;
}

function allCaptions(chosen: readonly Example[], vocabulary: Vocabulary): ReturnType<typeof packBatch> {
  const sequences = chosen.flatMap(({ ids }) => ids);
  const source = chosen.flatMap(({ ids }, i) => ids.map(() => i));
  return packBatch(sequences, source, vocabulary.start, vocabulary.end);
}
