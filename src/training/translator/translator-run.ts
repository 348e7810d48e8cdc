import { readdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { readCheckpoint, saveCheckpoint, type WeightArray } from '../../engine/checkpoint/checkpoint.ts';
import type { Json } from '../../engine/checkpoint/json.ts';
import type { TextModel } from '../../engine/models/text-model.ts';
import { Parameters } from '../../engine/parameters.ts';
import { Random } from '../../engine/random.ts';
import type { SubwordTokenizer } from '../../engine/text/subword-tokenizer.ts';
import { AdamW } from '../../engine/training/adam-w.ts';
import { averageWeights } from '../../engine/training/average-weights.ts';
import { textBatch, textLoss } from '../../engine/training/text-loss.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import { createTextModel, type TranslatorMetadata } from '../../translation/translator-checkpoint.ts';
import type { SavedEvent, StepEvent } from '../training-events.ts';
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
import {
  prepareTranslator,
  runMetadata,
  type PreparedTranslator,
  type TranslatorPlaces,
} from './prepare-translator.ts';
import type { Epoch, TextReport, TranslationExamples } from './translation-examples.ts';
import { validateTranslations, type TextScore } from './translation-validation.ts';
import type { TranslatorRunConfig, TranslatorStage } from './translator-config.ts';

/** What a run reports while it works. */
export type TranslatorEvent =
  | { kind: 'preparing'; what: string }
  | { kind: 'data'; stage: string; texts: TextReport[]; vocabulary: number; parameters: number }
  | StepEvent
  | {
      kind: 'validation';
      stage: string;
      step: number;
      /** Mean training loss since the last validation. */
      loss: number;
      /** Mean over the texts. */
      bleu: number;
      texts: TextScore[];
      best: boolean;
      /** Of training, validation left out, from the stage's first step. */
      seconds: number;
    }
  | SavedEvent
  | { kind: 'candidate'; stage: string; name: string; bleu: number; texts: TextScore[] }
  | { kind: 'finished'; stage: string; name: string; bleu: number; seconds: number };

/** How far a stage has come. */
interface Progress extends StageProgress {
  epoch: number;
  /** Batches of the epoch done. */
  place: number;
}

/**
 * Trains a translator, stage by stage, from where the run's folder says it stopped.
 *
 * @param signal aborting writes a checkpoint after the step in hand and returns
 * @returns whether the run came to its end; then `final` in its folder has the model
 */
export async function runTranslatorTraining(
  config: TranslatorRunConfig,
  places: TranslatorPlaces,
  report: (event: TranslatorEvent) => void,
  signal?: AbortSignal,
): Promise<boolean> {
  const prepared = await prepareTranslator(config, places, report);
  const run = new TranslatorRun(config, places, report, prepared);
  tf.dispose([...(prepared.given?.values() ?? [])]);
  try {
    return await run.train(signal);
  } finally {
    run.dispose();
  }
}

class TranslatorRun {
  readonly #config: TranslatorRunConfig;
  readonly #folder: string;
  readonly #report: (event: TranslatorEvent) => void;
  readonly #prepared: PreparedTranslator;
  readonly #tokenizer: SubwordTokenizer;
  readonly #parameters: Parameters;
  readonly #model: TextModel;

  constructor(
    config: TranslatorRunConfig,
    places: TranslatorPlaces,
    report: (event: TranslatorEvent) => void,
    prepared: PreparedTranslator,
  ) {
    this.#config = config;
    this.#folder = places.run;
    this.#report = report;
    this.#prepared = prepared;
    this.#tokenizer = prepared.tokenizer;
    this.#parameters = new Parameters(new Random(config.seed).next, prepared.given);
    this.#model = createTextModel(prepared.modelConfig, this.#parameters);
  }

  dispose(): void {
    this.#parameters.dispose();
  }

  async train(signal: AbortSignal | undefined): Promise<boolean> {
    const { stages } = this.#config;
    return runStages(this.#folder, stages, async (stage, number, folder) => {
      const { examples, reports } = await this.#prepared.examples(stage, number);
      const part = new StageOfRun(stage, folder, reports);
      const progress = await this.#trainStage(part, number, examples, signal);
      if (!progress) return false;
      const isLast = number === stages.length - 1;
      await this.#finish(part, progress);
      if (isLast) await this.#saveModel(join(this.#folder, 'final'), part, progress, part.chosen.result);
      return true;
    });
  }

  async #trainStage(
    part: StageOfRun,
    number: number,
    examples: TranslationExamples,
    signal: AbortSignal | undefined,
  ): Promise<Progress | undefined> {
    const { seed } = this.#config;
    const { folder, reports, stage } = part;
    const { averaging, beta2, lastCheckpoints, name, updates, weightDecay } = stage;
    const parameters = this.#parameters.entries().reduce((sum, [, { size }]) => sum + size, 0);
    this.#report({ kind: 'data', stage: name, texts: [...reports], vocabulary: this.#tokenizer.size, parameters });

    const optimiser = new AdamW(this.#parameters.entries(), { beta2, weightDecay, averaging });
    const random = new Random(seed * 1000 + number);
    const epochs = { number: -1, epoch: undefined as Epoch | undefined };
    const loop: LoopStage<Progress, Update> = {
      name,
      steps: updates,
      schedule: stage.schedule,
      optimiser,
      random,
      beginning: (state) => ({ ...beginning(state), epoch: 0, place: 0 }),
      epochOf: ({ epoch }) => epoch,
      isValidated: (step) => step % stage.validateEvery === 0,
      update: async (rate, progress) => {
        if (epochs.epoch && progress.place >= epochs.epoch.batches.length) {
          progress.epoch++;
          progress.place = 0;
        }
        if (epochs.epoch === undefined || epochs.number !== progress.epoch) {
          epochs.number = progress.epoch;
          epochs.epoch = examples.epoch(progress.epoch);
        }
        const { batches, pair } = epochs.epoch;
        const done = this.#update(stage, batches[progress.place++]!.map(pair), rate, random, optimiser);
        const step = progress.step + 1;
        if (lastCheckpoints && step % lastCheckpoints.every === 0) {
          await this.#keepCheckpoint(folder, step, lastCheckpoints);
        }
        return done;
      },
      validate: (progress) => this.#validate(part, progress),
    };
    const state = new TrainingState<Progress>(folder, 'translator-training');
    const progress = await runStage(loop, state, this.#report, signal);
    if (!progress) return undefined;
    await optimiser.withAverage(() => this.#consider(part, 'last', progress));
    return progress;
  }

  /** @param pairs of one batch */
  #update(
    stage: TranslatorStage,
    pairs: readonly { source: number[]; target: number[] }[],
    rate: number,
    random: Random,
    optimiser: AdamW,
  ): Update {
    const { dropout, attentionDropout, feedForwardDropout, labelSmoothing, clip } = stage;
    const batch = textBatch(pairs, this.#tokenizer.start, this.#tokenizer.end);
    const training = { random, dropout, attentionDropout, feedForwardDropout };
    const { value, grads } = tf.variableGrads(
      () => textLoss(this.#model, batch, { training, labelSmoothing }),
      optimiser.variables,
    );
    const loss = value.dataSync()[0]!;
    const norm = optimiser.apply(grads, rate, clip);
    tf.dispose([value, grads]);
    return { loss, norm, tokens: batch.target.targets.length };
  }

  async #validate(part: StageOfRun, progress: Progress): Promise<void> {
    const { bleu, texts } = await this.#score(this.#config.validation.beam);
    const best = progress.best === null || bleu > progress.best;
    if (best) {
      progress.best = bleu;
      await this.#saveModel(join(part.folder, 'best'), part, progress);
    }
    const { seconds, step } = progress;
    const loss = meanLoss(progress);
    this.#report({ kind: 'validation', stage: part.stage.name, step, loss, bleu, texts, best, seconds });
  }

  async #score(beam: number): Promise<{ bleu: number; texts: TextScore[] }> {
    const search = { beam, lengthNormalisation: this.#config.validation.lengthNormalisation };
    const texts = await validateTranslations(this.#model, this.#tokenizer, this.#prepared.validation, search);
    return { bleu: texts.reduce((sum, { bleu }) => sum + bleu, 0) / texts.length, texts };
  }

  /** Keeps the weights as they are now, and of the older ones as many as are averaged at the end. */
  async #keepCheckpoint(
    folder: string,
    step: number,
    { count, every }: { count: number; every: number },
  ): Promise<void> {
    await saveCheckpoint(new DirectoryStore(checkpointFolder(folder, step)), {
      architecture: this.#config.model.architecture,
      config: this.#prepared.modelConfig as unknown as Json,
      weights: [...this.#parameters.entries()],
      precision: 'float32',
    });
    const oldest = step - (count - 1) * every;
    for (const name of await readdir(join(folder, 'checkpoints'))) {
      if (Number(name) < oldest) await rm(join(folder, 'checkpoints', name), { recursive: true, force: true });
    }
  }

  /** Of the weights that a stage leaves, those that translate best are its result; they are in place then. */
  async #finish(part: StageOfRun, progress: Progress): Promise<void> {
    const { folder, stage } = part;
    for await (const [name, weights] of this.#candidates(folder, stage, progress.step)) {
      this.#install(weights);
      await this.#consider(part, name, progress);
    }
    const final = await readCheckpoint(new DirectoryStore(join(folder, 'final')));
    this.#install(final.weights);
    const { bleu, name } = part.chosen;
    this.#report({ kind: 'finished', stage: stage.name, name, bleu, seconds: progress.seconds });
  }

  /** Scores the weights that are in place with the beam of the end, and keeps them where they are the best so far. */
  async #consider(part: StageOfRun, name: string, progress: Progress): Promise<void> {
    const { finalBeam } = this.#config.validation;
    const { bleu, texts } = await this.#score(finalBeam);
    this.#report({ kind: 'candidate', stage: part.stage.name, name, bleu, texts });
    if (bleu <= part.chosen.bleu) return;
    const result = { weights: name, bleu, beam: finalBeam, texts: texts as unknown as Json };
    part.chosen = { name, bleu, result };
    await this.#saveModel(join(part.folder, 'final'), part, progress, result);
  }

  /** The weights that a stage has kept, other than the last. */
  async *#candidates(
    folder: string,
    { lastCheckpoints }: TranslatorStage,
    step: number,
  ): AsyncGenerator<[string, ReadonlyMap<string, WeightArray>]> {
    const best = await readCheckpoint(new DirectoryStore(join(folder, 'best')));
    const { run } = best.metadata as Partial<TranslatorMetadata>;
    if (run?.['steps'] !== step) yield ['best at validation', best.weights];
    if (!lastCheckpoints) return;
    const { count, every } = lastCheckpoints;
    const last = Math.floor(step / every) * every;
    const folders = Array.from({ length: count }, (_, i) => checkpointFolder(folder, last - i * every)).filter(
      existsSync,
    );
    if (folders.length === 0) return;
    yield [`average of the last ${folders.length} checkpoints`, await averageWeights(readAll(folders))];
  }

  #install(weights: ReadonlyMap<string, WeightArray>): void {
    for (const [name, variable] of this.#parameters.entries()) {
      const { shape, data } = weights.get(name) as WeightArray;
      tf.tidy(() => {
        variable.assign(tf.tensor(data, shape));
      });
    }
  }

  /** The model with the weights that are in place. */
  async #saveModel(folder: string, part: StageOfRun, { step, seconds }: Progress, result?: Json): Promise<void> {
    const metadata = runMetadata(this.#config, this.#tokenizer, {
      stage: part.stage.name,
      texts: part.reports,
      steps: step,
      seconds: Math.round(seconds),
      ...(result === undefined ? {} : { result }),
    });
    await saveCheckpoint(new DirectoryStore(folder), {
      architecture: this.#config.model.architecture,
      config: this.#prepared.modelConfig as unknown as Json,
      // Through JSON and back: what is undefined is left out.
      metadata: JSON.parse(JSON.stringify(metadata)) as Json,
      weights: this.#parameters.entries(),
      precision: 'float32',
    });
  }
}

/** A stage while it is trained. */
class StageOfRun {
  readonly stage: TranslatorStage;
  readonly folder: string;
  readonly reports: readonly TextReport[];
  /** The best of the weights that were scored with the beam of the end. */
  chosen: { name: string; bleu: number; result?: Json } = { name: '', bleu: -1 };

  constructor(stage: TranslatorStage, folder: string, reports: readonly TextReport[]) {
    this.stage = stage;
    this.folder = folder;
    this.reports = reports;
  }
}

function checkpointFolder(folder: string, step: number): string {
  return join(folder, 'checkpoints', String(step));
}

async function* readAll(folders: readonly string[]): AsyncGenerator<ReadonlyMap<string, WeightArray>> {
  for (const folder of folders) yield (await readCheckpoint(new DirectoryStore(folder))).weights;
}
