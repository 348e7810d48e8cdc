import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { loadCheckpoint, saveCheckpoint, type Checkpoint } from '../../engine/checkpoint/checkpoint.ts';
import { Captioner, type CaptionerConfig } from '../../engine/models/captioner.ts';
import { Parameters } from '../../engine/parameters.ts';
import { Random } from '../../engine/random.ts';
import { captionWords } from '../../engine/text/caption-words.ts';
import { Vocabulary } from '../../engine/text/vocabulary.ts';
import { AdamW } from '../../engine/training/adam-w.ts';
import { captionerLoss } from '../../engine/training/captioner-loss.ts';
import { packBatch } from '../../engine/batches/packed-batch.ts';
import { learningRate } from '../../engine/training/schedule.ts';
import { ARCHITECTURE, ENCODER_PREFIX } from '../../captioning/captioner-model.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import type { PhotoCaptions } from '../../photos/captions-file.ts';
import type { RecordFile } from '../../files/record-file.ts';
import type { CaptionerRunConfig, Stage } from './captioner-config.ts';
import { mirrorAndCrop } from './augmentation.ts';
import {
  featureTensor,
  nextTick,
  openFeatures,
  openPixels,
  pixelTensor,
  type Encoder,
  type Progress,
} from './photo-features.ts';
import { SelfCritic, type CritiquedBatch } from './self-critic.ts';
import { splitPhotos } from './split-photos.ts';
import { StageState, type StageProgress } from './stage-state.ts';
import { TrainableEncoder } from './trainable-encoder.ts';
import { validate } from './caption-validation.ts';

/** What a run reports while it works. */
export type TrainingEvent =
  | { kind: 'preparing'; what: string; done: number; of: number }
  | {
      kind: 'step';
      stage: string;
      epoch: number;
      step: number;
      steps: number;
      loss: number;
      reward?: number;
      rate: number;
      norm: number;
      tokensPerSecond: number;
      secondsLeft: number;
    }
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
  | { kind: 'saved'; stage: string; step: number };

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

const SECONDS_BETWEEN_CHECKPOINTS = 180;

/**
 * Trains a captioner, stage by stage, from where the run's folder says it stopped.
 *
 * @param pretrained gives the pretrained encoder (only asked when the run does not start from another)
 * @param signal aborting writes a checkpoint after the step in hand and returns; before the first step it just returns
 * @returns whether the run came to its end
 */
export async function runCaptionerTraining(
  config: CaptionerRunConfig,
  places: TrainingPlaces,
  pretrained: () => Promise<Encoder>,
  report: (event: TrainingEvent) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  let run: CaptionerRun | undefined;
  try {
    run = await CaptionerRun.prepare(config, places, pretrained, report, signal);
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
  }

  static async prepare(
    config: CaptionerRunConfig,
    places: TrainingPlaces,
    pretrained: () => Promise<Encoder>,
    report: (event: TrainingEvent) => void,
    signal: AbortSignal | undefined,
  ): Promise<CaptionerRun> {
    const { train: trained, validation: validationPhotos } = splitPhotos(places.captions, config);
    const usable = (caption: string[]): boolean => caption.length > 0 && caption.length <= config.maxWords;
    const trainPhotos = trained
      .map(({ file, captions }) => ({ file, words: captions.map(captionWords).filter(usable) }))
      .filter(({ words }) => words.length > 0);
    if (trainPhotos.length === 0) throw new Error(`No caption has 1 to ${config.maxWords} words.`);

    const source = config.startFrom ? new DirectoryStore(join(places.runs, config.startFrom, 'final')) : undefined;
    const given = source ? await loadCheckpoint(source) : undefined;
    const givenWords = (given?.metadata as { vocabulary?: string[] } | undefined)?.vocabulary;
    const vocabulary = givenWords
      ? new Vocabulary(givenWords)
      : Vocabulary.fromTexts(
          trainPhotos.flatMap(({ words }) => words),
          config.minCount,
        );

    const encoder = new TrainableEncoder(given ? givenEncoder(given) : await pretrained());
    const size = encoder.graph.input.size;
    const [rows, columns, channels] = encoder.gridShape();
    const model: CaptionerConfig = {
      vocabularySize: vocabulary.size,
      startToken: vocabulary.start,
      endToken: vocabulary.end,
      grid: [rows, columns],
      featureSize: channels,
      annotationSize: config.annotationSize,
      attention: config.attention,
      attentionSize: config.attentionSize,
      hiddenSize: config.hiddenSize,
      embeddingSize: config.embeddingSize,
    };
    const parameters = new Parameters(new Random(config.seed).next, given?.weights);
    const captioner = new Captioner(model, parameters);
    tf.dispose([...(given?.weights.values() ?? [])]);

    const files = [...trainPhotos, ...validationPhotos].map((photo) => photo.file);
    const progress = preparing(report, signal);
    const pixels = await openPixels(places.cache, places.photos, files, size, progress).catch((error: unknown) => {
      parameters.dispose();
      encoder.dispose();
      throw error;
    });
    const train = trainPhotos.map(({ words }, index) => ({
      index,
      words,
      ids: words.map((caption) => vocabulary.encode(caption)),
    }));
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
    await mkdir(this.#places.run, { recursive: true });
    await writeFile(join(this.#places.run, 'config.json'), `${JSON.stringify(this.#config, null, 2)}\n`);
    for (const [number, stage] of this.#config.stages.entries()) {
      const folder = (of: Stage, place: number): string => join(this.#places.run, `${place + 1}-${of.name}`);
      const next = this.#config.stages[number + 1];
      // A stage whose successor was begun is over; only its result is needed, and that is in the successor's state.
      if (next && new StageState(folder(next, number + 1)).exists) continue;
      const finished = await this.#trainStage(stage, number, folder(stage, number));
      if (!finished) return false;
      await this.#takeBest(folder(stage, number));
    }
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
    const steps = batchesPerEpoch * stage.epochs;
    const random = new Random(this.#config.seed * 1000 + number);
    const state = new StageState(folder);
    const progress = state.exists ? await state.restore(optimiser, this.#encoder) : beginning(random.state);
    random.state = progress.random;

    const features = stage.fineTune || stage.crop !== undefined ? undefined : await this.#openFeatures(stage.mirror);
    const critic = stage.selfCritical
      ? new SelfCritic(
          this.#captioner,
          this.#vocabulary,
          this.#train.map(({ words }) => words),
        )
      : undefined;
    const baseline = { value: progress.baseline };
    const save = async (): Promise<void> => {
      progress.random = random.state;
      progress.baseline = baseline.value;
      await state.save(optimiser, this.#encoder, progress);
      this.#report({ kind: 'saved', stage: stage.name, step: progress.step });
    };
    let lastSaved = performance.now();
    const speed = { tokens: 0, seconds: 0, steps: 0 };

    while (progress.step < steps) {
      const epoch = Math.floor(progress.step / batchesPerEpoch);
      const place = progress.step % batchesPerEpoch;
      const order = new Random(this.#config.seed * 7919 + number * 101 + epoch).shuffle([...this.#train.keys()]);
      const chosen = order
        .slice(place * stage.photosPerBatch, (place + 1) * stage.photosPerBatch)
        .map((i) => this.#train[i] as Example);
      const start = performance.now();
      const rate = learningRate(stage.schedule, progress.step, steps);

      const input = this.#input(stage, chosen, features, random);
      const { batch, rowWeights, reward } = critic
        ? await this.#criticise(critic, input, chosen, stage, random)
        : { batch: allCaptions(chosen, this.#vocabulary), rowWeights: undefined, reward: undefined };
      const { value, grads } = tf.variableGrads(
        () =>
          captionerLoss(this.#captioner, this.#gridOf(input), batch, {
            training: { random, annotationDropout: stage.annotationDropout, dropout: stage.dropout },
            labelSmoothing: stage.labelSmoothing,
            penalty: stage.penalty,
            ...(rowWeights ? { rowWeights } : {}),
            ...(stage.reinforce ? { reinforce: { ...stage.reinforce, baseline } } : {}),
          }),
        optimiser.variables,
      );
      const loss = value.dataSync()[0] as number;
      const encoderShare = stage.fineTune ? stage.fineTune.rate / stage.schedule.rate : 1;
      const norm = optimiser.apply(
        grads,
        (name) => (name.startsWith(ENCODER_PREFIX) ? rate * encoderShare : rate),
        stage.clip,
      );
      tf.dispose([value, grads, input.tensor]);
      if (!Number.isFinite(norm))
        throw new Error(`The gradient is not finite at step ${progress.step} of ${stage.name}.`);

      const seconds = (performance.now() - start) / 1000;
      progress.step++;
      progress.epochLoss += loss;
      progress.epochSeconds += seconds;
      speed.tokens += batch.targets.length;
      speed.seconds += seconds;
      speed.steps++;
      this.#report({
        kind: 'step',
        stage: stage.name,
        epoch,
        step: progress.step,
        steps,
        loss,
        rate,
        norm,
        ...(reward === undefined ? {} : { reward }),
        tokensPerSecond: speed.tokens / speed.seconds,
        secondsLeft: (speed.seconds / speed.steps) * (steps - progress.step),
      });

      if (progress.step % batchesPerEpoch === 0) {
        await this.#endEpoch(stage, epoch, batchesPerEpoch, folder, optimiser, progress);
        await save();
        lastSaved = performance.now();
      } else if (this.#signal?.aborted || performance.now() - lastSaved > SECONDS_BETWEEN_CHECKPOINTS * 1000) {
        await save();
        lastSaved = performance.now();
      }
      if (this.#signal?.aborted) return false;
      await nextTick();
    }
    return true;
  }

  async #endEpoch(
    stage: Stage,
    epoch: number,
    batches: number,
    folder: string,
    optimiser: AdamW,
    progress: StageProgress,
  ): Promise<void> {
    await optimiser.withAverage(async () => {
      const grid = (indices: readonly number[]): tf.Tensor3D =>
        tf.tidy(() => this.#encoder.grid(this.#pixelsOf(indices)));
      const scores = await validate(
        this.#captioner,
        this.#vocabulary,
        this.#validation,
        grid,
        this.#config.validation.beam,
      );
      const best = scores.ciderD > progress.best;
      if (best) {
        progress.best = scores.ciderD;
        await this.#saveModel(join(folder, 'best'));
      }
      this.#report({
        kind: 'epoch',
        stage: stage.name,
        epoch,
        loss: progress.epochLoss / batches,
        seconds: progress.epochSeconds,
        best,
        ...scores,
      });
    });
    progress.epochLoss = 0;
    progress.epochSeconds = 0;
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

function beginning(random: number): StageProgress {
  // The reward of hard attention is a log-probability a token: an untrained model's is far below 0.
  return { step: 0, random, best: -Infinity, epochLoss: 0, epochSeconds: 0, baseline: -3 };
}

interface BatchInput {
  tensor: tf.Tensor;
  /** The tap whose output `tensor` is; nothing where it is the grid itself. */
  above: string | undefined;
}

/** The encoder in a model's checkpoint. */
function givenEncoder({ metadata, weights }: Checkpoint<tf.Tensor>): Encoder {
  const own = [...weights].filter(([name]) => name.startsWith(ENCODER_PREFIX));
  return {
    graph: (metadata as unknown as { encoder: Encoder['graph'] }).encoder,
    weights: new Map(own.map(([name, tensor]) => [name.slice(ENCODER_PREFIX.length), tf.clone(tensor)])),
  };
}

function allCaptions(chosen: readonly Example[], vocabulary: Vocabulary): ReturnType<typeof packBatch> {
  const sequences = chosen.flatMap(({ ids }) => ids);
  const photo = chosen.flatMap(({ ids }, i) => ids.map(() => i));
  return packBatch(sequences, photo, vocabulary.start, vocabulary.end);
}
