import { createRequire } from 'node:module';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { CardName, DeviceName, DeviceReport } from '../contract/constants/devices.ts';
import type { Hypothesis } from '../engine/decoding/hypothesis.ts';
import type { Encoder } from '../engine/encoder/encoder.ts';
import { cacheFolder } from '../files/cache-folder.ts';
import { unpackedRoot } from '../files/package-root.ts';
import { keyOf } from '../model-folders/model-files.ts';
import { CardNotes } from '../native/card-notes.ts';
import { cardsHere, type Cards } from '../native/cards.ts';
import { readPhoto } from '../photos/read-photo.ts';
import type { CaptionerModel } from './ready-captioner.ts';
import { CaptionSearch, decoderOf, encodeImages } from './search.ts';

/** The most by which an attention weight may differ from the processor's: they are shares of 1. */
export const CARD_TOLERANCE = 0.001;
/** Of milliseconds: a refusal that took longer is remembered. */
const LONG = 1000;

/** What one card has shown. */
export interface CardTrial {
  readonly card: CardName;
  /** Why it is not believed; null where it captions as the processor does. */
  readonly problem: string | null;
  /** That encoding the sample takes, on the card and on the processor, once both are warm; null where it was not reached. */
  readonly milliseconds: { readonly card: number; readonly processor: number } | null;
}

export interface CardOptions {
  /** Default: those of this computer. */
  cards?: () => Cards;
  /** Where it is noted what happened; default: the cache. */
  folder?: string;
  /** A photo to compare captions of; default: the first of the samples. */
  sample?: string | undefined;
}

/**
 * A captioner that encodes its photos on a graphics card, if one captions a sample photo as the processor does: the same
 * words, and no attention weight further off than `CARD_TOLERANCE`. Else it stays as it is, and its `device` says why. Words
 * are chosen on the processor in any case: their steps are too small for a card.
 *
 * With "gpu" the first card is taken that is right and also faster; one that is named need only be right.
 */
export async function encodeOnCard(
  model: CaptionerModel,
  wanted: DeviceName,
  options: CardOptions = {},
): Promise<CaptionerModel> {
  if (wanted === 'cpu') return model;
  const stay = (problem: string): CaptionerModel => ({ ...model, device: { wanted, used: 'cpu', problem } });
  if (model.backend !== 'onnx') {
    return stay(
      `Photos are encoded on the processor: only ONNX Runtime reaches graphics cards, and here ${model.backend} runs.`,
    );
  }
  const { cards = cardsHere } = options;
  const here = cards();
  const notes = notesOf(model, options);
  const problems: string[] = [];
  for (const card of wanted === 'gpu' ? here.offered : [wanted]) {
    const known = wanted === 'gpu' ? notes.problem(card) : undefined;
    if (known !== undefined) {
      problems.push(`${card}: ${known} ("attend doctor --device gpu" tries it again)`);
      continue;
    }
    const { encoder, trial } = await tryCard(model, card, here, notes, options, wanted === 'gpu');
    if (encoder) {
      let report: DeviceReport = { wanted, used: card, problem: null };
      const onCard = withFallback(encoder, model.encoder, (problem) => {
        report = {
          wanted,
          used: 'cpu',
          problem: `Photos are encoded on the processor since ${card} failed: ${problem}`,
        };
      });
      return {
        ...model,
        encoder: onCard,
        get device() {
          return report;
        },
        dispose() {
          encoder.dispose();
          model.dispose();
        },
      };
    }
    problems.push(`${card}: ${trial.problem}`);
  }
  const why = problems.length > 0 ? problems.join('; ') : 'ONNX Runtime was built without any for this system';
  return stay(`Photos are encoded on the processor, and on no graphics card (${why}).`);
}

/** Tries some cards, also those that were refused before. @returns what each has shown */
export async function tryCards(
  model: CaptionerModel,
  names: readonly CardName[],
  options: CardOptions = {},
): Promise<CardTrial[]> {
  const { cards = cardsHere } = options;
  const here = cards();
  const trials: CardTrial[] = [];
  for (const card of names) {
    const { encoder, trial } = await tryCard(model, card, here, notesOf(model, options), options, false);
    encoder?.dispose();
    trials.push(trial);
  }
  return trials;
}

function notesOf({ files }: CaptionerModel, { folder = join(cacheFolder(), 'cards') }: CardOptions): CardNotes {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/dist/version') as { version: string };
  return new CardNotes(folder, `${version}\n${keyOf(files)}`);
}

/** @param mustWin whether a card that is no faster is refused */
async function tryCard(
  model: CaptionerModel,
  card: CardName,
  cards: Cards,
  notes: CardNotes,
  { sample }: CardOptions,
  mustWin: boolean,
): Promise<{ encoder?: Encoder; trial: CardTrial }> {
  const begin = performance.now();
  let milliseconds: CardTrial['milliseconds'] = null;
  let encoder: Encoder | undefined;
  const end = await notes.begin(card);
  try {
    if (!cards.offered.includes(card)) {
      const others = cards.offered.length > 0 ? `; there is ${cards.offered.join(', ')}` : '';
      throw new Error(`ONNX Runtime was built without it for this system${others}`);
    }
    if (!model.loadEncoder) throw new Error('this model was loaded for the processor');
    encoder = await model.loadEncoder(cards.open(card));
    const pixels = await readSample(model, sample);
    const own = { ...model, encoder };
    assertAlike(await captionOf(own, pixels), await captionOf(model, pixels));
    milliseconds = { card: timeOf(own, pixels), processor: timeOf(model, pixels) };
    if (mustWin && milliseconds.card >= milliseconds.processor) {
      const [its, processors] = [milliseconds.card, milliseconds.processor].map((time) => time.toFixed(1));
      throw new Error(`it is right, and no faster: ${its} ms for a photo, the processor ${processors}`);
    }
    await end();
    return { encoder, trial: { card, problem: null, milliseconds } };
  } catch (error) {
    encoder?.dispose();
    const problem = sentenceOf(error);
    await end(performance.now() - begin > LONG ? problem : undefined);
    return { trial: { card, problem, milliseconds } };
  }
}

async function readSample(model: CaptionerModel, sample?: string): Promise<Uint8Array> {
  const { inputSize } = model.encoder;
  const photo = await readPhoto(sample ?? (await firstSample()), {
    size: [inputSize, inputSize],
    ...(model.resample && { resample: model.resample }),
  });
  return photo.pixels;
}

async function firstSample(): Promise<string> {
  const folder = join(unpackedRoot(), 'assets', 'samples');
  const [first] = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.jpg')).sort();
  if (first === undefined) throw new Error(`there is no sample photo in ${folder} to compare captions of`);
  return join(folder, first);
}

async function captionOf(model: CaptionerModel, pixels: Uint8Array): Promise<Hypothesis> {
  const grids = encodeImages(model, [pixels], false);
  try {
    const [found] = await new CaptionSearch(model).run(decoderOf(model, grids));
    const [caption] = found?.captions ?? [];
    if (!caption) throw new Error('it finds no caption for the sample photo');
    return caption;
  } finally {
    tf.dispose(grids);
  }
}

/** @throws Error that says what is not the same */
function assertAlike(card: Hypothesis, processor: Hypothesis): void {
  if (card.tokens.join() !== processor.tokens.join()) throw new Error('it captions the sample photo with other words');
  let farthest = 0;
  processor.weights.forEach((weights, place) => {
    weights.forEach((weight, cell) => {
      const difference = Math.abs(weight - (card.weights[place]?.[cell] ?? NaN));
      // Of something that is no number everything is far.
      if (!(difference <= farthest)) farthest = Number.isNaN(difference) ? Infinity : difference;
    });
  });
  if (farthest > CARD_TOLERANCE) {
    throw new Error(`it looks elsewhere in the sample photo: a weight is ${farthest.toPrecision(2)} off`);
  }
}

/** That encoding takes, in milliseconds; the grid lies in memory after. */
function timeOf(model: CaptionerModel, pixels: Uint8Array): number {
  const begin = performance.now();
  tf.dispose(encodeImages(model, [pixels], false));
  return performance.now() - begin;
}

/** An encoder on a card, in whose place the processor's goes on where the card fails: a driver that was updated, say. */
function withFallback(card: Encoder, processor: Encoder, tell: (problem: string) => void): Encoder {
  let hasFailed = false;
  return {
    name: card.name,
    inputSize: card.inputSize,
    grid: card.grid,
    channels: card.channels,
    encode(pixels) {
      if (!hasFailed) {
        try {
          return card.encode(pixels);
        } catch (error) {
          hasFailed = true;
          tell(sentenceOf(error));
        }
      }
      return processor.encode(pixels);
    },
    dispose: () => card.dispose(),
  };
}

/** What ONNX Runtime says, without the places in its source. */
function sentenceOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const [line = text] = text.split('\n').filter((each) => each.trim() !== '');
  return (/was false\. (.*)$/.exec(line)?.[1] ?? line)
    .replace(/^\/\S+:\d+ /, '')
    .trim()
    .slice(0, 300);
}
