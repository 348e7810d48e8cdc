import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import {
  loadCheckpoint,
  readCheckpoint,
  saveCheckpoint,
  type WeightArray,
} from '../../engine/checkpoint/checkpoint.ts';
import type { Json } from '../../engine/checkpoint/json.ts';
import type { TextModel } from '../../engine/models/text-model.ts';
import { Parameters } from '../../engine/parameters.ts';
import { Random } from '../../engine/random.ts';
import { SubwordTokenizer } from '../../engine/text/subword-tokenizer.ts';
import { AdamW } from '../../engine/training/adam-w.ts';
import { averageWeights } from '../../engine/training/average-weights.ts';
import { learningRate } from '../../engine/training/schedule.ts';
import { textBatch, textLoss } from '../../engine/training/text-loss.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import {
  createTextModel,
  describeTranslator,
  tokenizerOf,
  type TranslatorConfig,
  type TranslatorMetadata,
} from '../../translation/translator-checkpoint.ts';
import { nextTick } from '../captioner/photo-features.ts';
import { TrainingState } from '../training-state.ts';
import {
  learnVocabulary,
  readPairs,
  readTrainingTexts,
  TranslationExamples,
  type TextReport,
} from './translation-examples.ts';
import { validateTranslations, type TextScore, type ValidationText } from './translation-validation.ts';
import type { TranslatorRunConfig } from './translator-config.ts';

/** What a run reports while it works. */
export type TranslatorEvent =
  | { kind: 'preparing'; what: string }
  | { kind: 'data'; texts: TextReport[]; vocabulary: number; parameters: number }
  | {
      kind: 'step';
      epoch: number;
      step: number;
      steps: number;
      /** Label smoothing included, nats a token. */
      loss: number;
      rate: number;
      norm: number;
      tokensPerSecond: number;
      secondsLeft: number;
    }
  | {
      kind: 'validation';
      step: number;
      /** Mean training loss since the last validation. */
      loss: number;
      /** Mean over the texts. */
      bleu: number;
      texts: TextScore[];
      best: boolean;
      /** Of training, validation left out, from the first step. */
      seconds: number;
    }
  | { kind: 'saved'; step: number }
  | { kind: 'candidate'; name: string; bleu: number; texts: TextScore[] }
  | { kind: 'finished'; name: string; bleu: number; seconds: number };

/** Where a run reads and writes. */
export interface TranslatorPlaces {
  /** The folder that the configuration's files are relative to. */
  data: string;
  /** The run's own folder: vocabulary, checkpoints, result. */
  run: string;
  /** The folder of all runs, where `startFrom` is looked up. */
  runs: string;
}

/** How far a run has come. */
interface Progress {
  /** Steps done. */
  step: number;
  epoch: number;
  /** Batches of the epoch done. */
  place: number;
  /** The state of the generator of dropout. */
  random: number;
  /** Of training, without validation. */
  seconds: number;
  /** The best validation so far; nothing before the first. */
  best: number | null;
  /** Losses since the last validation, added up. */
  lossSum: number;
  lossCount: number;
}

const SECONDS_BETWEEN_CHECKPOINTS = 180;

/**
 * Trains a translator from where the run's folder says it stopped.
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
  await mkdir(places.run, { recursive: true });
  await writeFile(join(places.run, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  report({ kind: 'preparing', what: 'reading the texts' });
  const { texts, reports } = await readTrainingTexts(config, places.data);
  const validation = await Promise.all(
    config.validation.texts.map(async (text) => ({
      name: `${text.sourceLanguage}-${text.targetLanguage}`,
      targetLanguage: text.targetLanguage,
      pairs: (await readPairs(places.data, text)).slice(0, text.sentences),
    })),
  );
  report({ kind: 'preparing', what: 'the vocabulary' });
  const given = config.startFrom
    ? await loadCheckpoint(new DirectoryStore(join(places.runs, config.startFrom, 'final')))
    : undefined;
  const tokenizer = await vocabularyOf(places.run, () =>
    given ? tokenizerOf(given, describeTranslator(given)) : learnVocabulary(config, texts),
  );
  report({ kind: 'preparing', what: 'the examples' });
  const examples = new TranslationExamples(config, tokenizer, texts);
  const run = new TranslatorRun(config, places, report, tokenizer, examples, validation, reports, given?.weights);
  tf.dispose([...(given?.weights.values() ?? [])]);
  return run.train(signal);
}

/** The vocabulary that the run began with, or a new one. */
async function vocabularyOf(run: string, learn: () => SubwordTokenizer): Promise<SubwordTokenizer> {
  const file = join(run, 'vocabulary.json');
  if (existsSync(file)) return SubwordTokenizer.fromJSON(JSON.parse(await readFile(file, 'utf8')));
  const tokenizer = learn();
  await writeFile(file, `${JSON.stringify(tokenizer)}\n`);
  return tokenizer;
}

class TranslatorRun {
  readonly #config: TranslatorRunConfig;
  readonly #folder: string;
  readonly #report: (event: TranslatorEvent) => void;
  readonly #tokenizer: SubwordTokenizer;
  readonly #examples: TranslationExamples;
  readonly #validation: readonly ValidationText[];
  readonly #texts: readonly TextReport[];
  readonly #parameters: Parameters;
  readonly #modelConfig: TranslatorConfig;
  readonly #model: TextModel;
  readonly #optimiser: AdamW;
  readonly #state: TrainingState<Progress>;

  constructor(
    config: TranslatorRunConfig,
    places: TranslatorPlaces,
    report: (event: TranslatorEvent) => void,
    tokenizer: SubwordTokenizer,
    examples: TranslationExamples,
    validation: readonly ValidationText[],
    texts: readonly TextReport[],
    given: ReadonlyMap<string, tf.Tensor> | undefined,
  ) {
    this.#config = config;
    this.#folder = places.run;
    this.#report = report;
    this.#tokenizer = tokenizer;
    this.#examples = examples;
    this.#validation = validation;
    this.#texts = texts;
    const { architecture: _, ...shape } = config.model;
    this.#modelConfig = {
      sourceVocabularySize: tokenizer.size,
      targetVocabularySize: tokenizer.size,
      startToken: tokenizer.start,
      endToken: tokenizer.end,
      ...shape,
    };
    this.#parameters = new Parameters(new Random(config.seed).next, given);
    this.#model = createTextModel(this.#modelConfig, this.#parameters);
    const { beta2, weightDecay, averaging } = config.training;
    this.#optimiser = new AdamW(this.#parameters.entries(), { beta2, weightDecay, averaging });
    this.#state = new TrainingState(places.run, 'translator-training');
  }

  async train(signal: AbortSignal | undefined): Promise<boolean> {
    const { seed, training, validation } = this.#config;
    const random = new Random(seed * 1000);
    const progress = this.#state.exists ? await this.#state.restore(this.#optimiser) : beginning(random.state);
    random.state = progress.random;
    const parameters = this.#parameters.entries().reduce((sum, [, { size }]) => sum + size, 0);
    this.#report({ kind: 'data', texts: [...this.#texts], vocabulary: this.#tokenizer.size, parameters });

    const save = async (): Promise<void> => {
      progress.random = random.state;
      await this.#state.save(this.#optimiser, progress);
      this.#report({ kind: 'saved', step: progress.step });
    };
    const stopped = (): boolean => signal?.aborted ?? false;
    let lastSaved = performance.now();
    const speed = { tokens: 0, seconds: 0, steps: 0 };
    let epoch = this.#examples.epoch(progress.epoch);

    while (progress.step < training.updates) {
      if (stopped()) {
        await save();
        return false;
      }
      if (progress.place >= epoch.batches.length) {
        progress.epoch++;
        progress.place = 0;
        epoch = this.#examples.epoch(progress.epoch);
      }
      const start = performance.now();
      const rate = learningRate(training.schedule, progress.step, training.updates);
      const { loss, norm, tokens } = this.#update(epoch.batches[progress.place]!.map(epoch.pair), rate, random);
      if (!Number.isFinite(norm)) throw new Error(`The gradient is not finite at step ${progress.step}.`);
      const seconds = (performance.now() - start) / 1000;

      progress.step++;
      progress.place++;
      progress.seconds += seconds;
      progress.lossSum += loss;
      progress.lossCount++;
      speed.tokens += tokens;
      speed.seconds += seconds;
      speed.steps++;
      this.#report({
        kind: 'step',
        epoch: progress.epoch,
        step: progress.step,
        steps: training.updates,
        loss,
        rate,
        norm,
        tokensPerSecond: speed.tokens / speed.seconds,
        secondsLeft: (speed.seconds / speed.steps) * (training.updates - progress.step),
      });

      const { lastCheckpoints } = training;
      if (lastCheckpoints && progress.step % lastCheckpoints.every === 0) {
        await this.#keepCheckpoint(progress.step, lastCheckpoints);
      }
      if (progress.step % validation.every === 0 || progress.step === training.updates) {
        await this.#validate(progress);
        await save();
        lastSaved = performance.now();
      } else if (performance.now() - lastSaved > SECONDS_BETWEEN_CHECKPOINTS * 1000) {
        await save();
        lastSaved = performance.now();
      }
      await nextTick();
    }
    await this.#finish(progress);
    return true;
  }

  /** @param pairs of one batch @returns `loss`, nats a token; `norm` of the gradient; `tokens` predicted */
  #update(
    pairs: readonly { source: number[]; target: number[] }[],
    rate: number,
    random: Random,
  ): { loss: number; norm: number; tokens: number } {
    const { dropout, attentionDropout, feedForwardDropout, labelSmoothing, clip } = this.#config.training;
    const batch = textBatch(pairs, this.#tokenizer.start, this.#tokenizer.end);
    const training = { random, dropout, attentionDropout, feedForwardDropout };
    const { value, grads } = tf.variableGrads(
      () => textLoss(this.#model, batch, { training, labelSmoothing }),
      this.#optimiser.variables,
    );
    const loss = value.dataSync()[0]!;
    const norm = this.#optimiser.apply(grads, rate, clip);
    tf.dispose([value, grads]);
    return { loss, norm, tokens: batch.target.targets.length };
  }

  async #validate(progress: Progress): Promise<void> {
    await this.#optimiser.withAverage(async () => {
      const { bleu, texts } = await this.#score(this.#config.validation.beam);
      const best = progress.best === null || bleu > progress.best;
      if (best) {
        progress.best = bleu;
        await this.#saveModel('best', progress);
      }
      const loss = progress.lossSum / Math.max(1, progress.lossCount);
      this.#report({ kind: 'validation', step: progress.step, loss, bleu, texts, best, seconds: progress.seconds });
    });
    progress.lossSum = 0;
    progress.lossCount = 0;
  }

  async #score(beam: number): Promise<{ bleu: number; texts: TextScore[] }> {
    const search = { beam, lengthNormalisation: this.#config.validation.lengthNormalisation };
    const texts = await validateTranslations(this.#model, this.#tokenizer, this.#validation, search);
    return { bleu: texts.reduce((sum, { bleu }) => sum + bleu, 0) / texts.length, texts };
  }

  /** Keeps the weights as they are now, and of the older ones as many as are averaged at the end. */
  async #keepCheckpoint(step: number, { count, every }: { count: number; every: number }): Promise<void> {
    const weights = [...this.#parameters.entries()];
    await saveCheckpoint(new DirectoryStore(this.#checkpointFolder(step)), {
      architecture: this.#config.model.architecture,
      config: this.#modelConfig as unknown as Json,
      weights,
      precision: 'float32',
    });
    const oldest = step - (count - 1) * every;
    for (const name of await readdir(join(this.#folder, 'checkpoints'))) {
      if (Number(name) < oldest) await rm(join(this.#folder, 'checkpoints', name), { recursive: true, force: true });
    }
  }

  #checkpointFolder(step: number): string {
    return join(this.#folder, 'checkpoints', String(step));
  }

  /** Of the weights that the run leaves, those that translate best become the model. */
  async #finish(progress: Progress): Promise<void> {
    const { finalBeam } = this.#config.validation;
    let chosen = { name: '', bleu: -1 };
    const consider = async (name: string): Promise<void> => {
      const { bleu, texts } = await this.#score(finalBeam);
      this.#report({ kind: 'candidate', name, bleu, texts });
      if (bleu <= chosen.bleu) return;
      chosen = { name, bleu };
      const result = { weights: name, bleu, beam: finalBeam, texts: texts as unknown as Json };
      await this.#saveModel('final', progress, result);
    };

    await this.#optimiser.withAverage(() => consider('last'));
    for await (const [name, weights] of this.#candidates(progress.step)) {
      this.#install(weights);
      await consider(name);
    }
    this.#report({ kind: 'finished', ...chosen, seconds: progress.seconds });
  }

  /** The weights that the run has kept, other than the last. */
  async *#candidates(step: number): AsyncGenerator<[string, ReadonlyMap<string, WeightArray>]> {
    const best = await readCheckpoint(new DirectoryStore(join(this.#folder, 'best')));
    const { run } = best.metadata as Partial<TranslatorMetadata>;
    if (run?.['steps'] !== step) yield ['best at validation', best.weights];
    const { lastCheckpoints } = this.#config.training;
    if (!lastCheckpoints) return;
    const { count, every } = lastCheckpoints;
    const last = Math.floor(step / every) * every;
    const folders = Array.from({ length: count }, (_, i) => this.#checkpointFolder(last - i * every)).filter(
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
  async #saveModel(folder: string, { step, seconds }: Progress, result?: Json): Promise<void> {
    const { name, data } = this.#config;
    const metadata: TranslatorMetadata = {
      tokenizer: this.#tokenizer.toJSON(),
      from: data[0]!.sourceLanguage,
      to: [...new Set(data.map(({ targetLanguage }) => targetLanguage))],
      run: {
        name,
        config: this.#config,
        texts: this.#texts,
        steps: step,
        seconds: Math.round(seconds),
        ...(result === undefined ? {} : { result }),
      },
    };
    await saveCheckpoint(new DirectoryStore(join(this.#folder, folder)), {
      architecture: this.#config.model.architecture,
      config: this.#modelConfig as unknown as Json,
      // Through JSON and back: what is undefined is left out.
      metadata: JSON.parse(JSON.stringify(metadata)) as Json,
      weights: this.#parameters.entries(),
      precision: 'float32',
    });
  }
}

async function* readAll(folders: readonly string[]): AsyncGenerator<ReadonlyMap<string, WeightArray>> {
  for (const folder of folders) yield (await readCheckpoint(new DirectoryStore(folder))).weights;
}

function beginning(random: number): Progress {
  return { step: 0, epoch: 0, place: 0, random, seconds: 0, best: null, lossSum: 0, lossCount: 0 };
}
