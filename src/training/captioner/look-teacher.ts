import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { PackedBatch } from '../../engine/batches/packed-batch.ts';
import { loadCheckpoint, saveCheckpoint } from '../../engine/checkpoint/checkpoint.ts';
import { WordClassifier } from '../../engine/models/word-classifier.ts';
import { Parameters } from '../../engine/parameters.ts';
import { Random } from '../../engine/random.ts';
import { AdamW } from '../../engine/training/adam-w.ts';
import type { LookTargets } from '../../engine/training/captioner-loss.ts';
import { learningRate } from '../../engine/training/schedule.ts';
import type { RecordFile } from '../../files/record-file.ts';
import { DirectoryStore } from '../../model-folders/directory-store.ts';
import { nextTick, type Progress } from '../training-events.ts';
import type { CaptionNouns } from './caption-nouns.ts';
import { featureTensor } from './photo-features.ts';

/** Things that a teacher of looking knows at most: those that are named most often. */
export const MOST_NOUNS = 160;
const EPOCHS = 3;
const PHOTOS_PER_BATCH = 64;
const SCHEDULE = { rate: 0.002, warmUp: 20, decay: 'cosine', floor: 0.02 } as const;

/** What a teacher learns from. */
export interface TeacherPhotos {
  /** Grids of the photos, by their places. */
  features: RecordFile;
  featureSize: number;
  /** For each photo, its place among the features and the word ids of its captions. */
  photos: readonly { index: number; ids: readonly (readonly number[])[] }[];
}

/**
 * Knows where on a grid the things are that captions name, from the captions alone (see `WordClassifier`), and says of a
 * captioner's nouns where it should look for them.
 */
export class LookTeacher {
  readonly #nouns: CaptionNouns;
  readonly #parameters: Parameters;
  readonly #classifier: WordClassifier;

  constructor(nouns: CaptionNouns, parameters: Parameters, featureSize: number) {
    this.#nouns = nouns;
    this.#parameters = parameters;
    this.#classifier = new WordClassifier(parameters, featureSize, nouns.names.length);
  }

  /**
   * The teacher that is kept in a folder, or a new one, which takes a minute and is kept there.
   * @param progress may throw, to stop
   */
  static async open(
    folder: string,
    nouns: CaptionNouns,
    learnFrom: TeacherPhotos,
    seed: number,
    progress: Progress,
  ): Promise<LookTeacher> {
    const store = new DirectoryStore(folder);
    const kept = existsSync(join(folder, 'model.json')) ? await loadCheckpoint(store) : undefined;
    const parameters = new Parameters(new Random(seed).next, kept?.weights);
    const teacher = new LookTeacher(nouns, parameters, learnFrom.featureSize);
    tf.dispose([...(kept?.weights.values() ?? [])]);
    if (kept) return teacher;
    try {
      await teacher.#learn(learnFrom, seed, progress);
      await saveCheckpoint(store, {
        architecture: 'word-classifier',
        config: {},
        metadata: { words: [...nouns.names] },
        weights: parameters.entries(),
        precision: 'float32',
      });
    } catch (error) {
      teacher.dispose();
      throw error;
    }
    return teacher;
  }

  async #learn({ features, featureSize, photos }: TeacherPhotos, seed: number, progress: Progress): Promise<void> {
    const optimiser = new AdamW(this.#parameters.entries(), { weightDecay: 0.01 });
    const random = new Random(seed + 1);
    const batches = Math.ceil(photos.length / PHOTOS_PER_BATCH);
    const steps = EPOCHS * batches;
    for (let step = 0, order: number[] = []; step < steps; step++) {
      if (step % batches === 0) order = random.shuffle([...photos.keys()]);
      const from = (step % batches) * PHOTOS_PER_BATCH;
      const chosen = order.slice(from, from + PHOTOS_PER_BATCH).map((i) => photos[i]!);
      const grid = featureTensor(features.read(chosen.map(({ index }) => index)), chosen.length, featureSize);
      const present = this.#present(chosen);
      const { value, grads } = tf.variableGrads(() => this.#classifier.loss(grid, present), optimiser.variables);
      optimiser.apply(grads, learningRate(SCHEDULE, step, steps));
      tf.dispose([value, grads, grid, present]);
      progress(step + 1, steps, 'learning where things are');
      await nextTick();
    }
  }

  /** 1 where a photo's captions name a thing, [photos, things]. */
  #present(photos: readonly { ids: readonly (readonly number[])[] }[]): tf.Tensor2D {
    const things = this.#nouns.names.length;
    const values = new Float32Array(photos.length * things);
    for (const [i, { ids }] of photos.entries()) {
      for (const id of ids.flat()) {
        const thing = this.#nouns.ofWord[id] as number;
        if (thing >= 0) values[i * things + thing] = 1;
      }
    }
    return tf.tensor2d(values, [photos.length, things]);
  }

  /**
   * Where the captions of a batch should look for their nouns.
   * @param grid of the batch's photos, [photos, locations, feature size]; left to the caller, as the result is
   * @returns nothing where they have none
   */
  targets(grid: tf.Tensor3D, { row, source, targets }: PackedBatch): LookTargets | undefined {
    const things = this.#nouns.names.length;
    const places: number[] = [];
    const maps: number[] = [];
    for (const [place, word] of targets.entries()) {
      const thing = this.#nouns.ofWord[word] as number;
      if (thing < 0) continue;
      places.push(place);
      maps.push((source[row[place] as number] as number) * things + thing);
    }
    if (places.length === 0) return undefined;
    return tf.tidy(() => {
      const [photos, locations] = grid.shape;
      const all = tf.reshape<tf.Rank.R2>(this.#classifier.maps(grid), [photos * things, locations]);
      return { places: Int32Array.from(places), maps: tf.gather(all, tf.tensor1d(maps, 'int32')) };
    });
  }

  dispose(): void {
    this.#parameters.dispose();
  }
}
