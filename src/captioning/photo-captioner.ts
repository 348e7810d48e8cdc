import * as tf from '@tensorflow/tfjs-core';
import { AttendError } from '../contract/attend-error.ts';
import type { MapsFrom, PartialCaption } from '../contract/data/captions.ts';
import type { CaptionTrace, SearchTree } from '../contract/data/traces.ts';
import type { BeamNode } from '../engine/decoding/beam-tree.ts';
import type { Hypothesis } from '../engine/decoding/hypothesis.ts';
import { disposeResults } from '../engine/decoding/decoder.ts';
import { captionSentence } from '../engine/text/caption-sentence.ts';
import { captionWords } from '../engine/text/caption-words.ts';
import { traceCaptioner } from '../engine/traces/captioner-trace.ts';
import { plainTrace } from '../engine/traces/plain-trace.ts';
import { plainTree } from '../engine/traces/plain-tree.ts';
import { checksumOf } from '../model-folders/model-files.ts';
import { prepareOperations } from '../native/backend.ts';
import { readPhoto } from '../photos/read-photo.ts';
import { isReadFor, type PhotoRead } from '../photos/photo-to-caption.ts';
import { RecentlyUsed } from '../tasks/recently-used.ts';
import type { TaskControl } from '../tasks/task-control.ts';
import { tokensOf } from './beginning.ts';
import type { CaptionerModel } from './captioner-model.ts';
import { meterOf } from './confidence/meter.ts';
import { describeFound, gridOf, rounded, significant, tenths, wordsOf } from './found.ts';
import { assertHasMaps, foundMaps } from './found-maps.ts';
import { keywordFinderFor } from './keyword-finder.ts';
import { mapsOf } from './maps-from.ts';
import type { DecoderWishes } from './ready-captioner.ts';
import { blank, centreRegion, elsewhere, isApart, mainRegion, otherWordRegion } from './occlusion.ts';
import type {
  CandidatesTask,
  CaptionFound,
  CaptionTask,
  CaptionTreeTask,
  EncodeTask,
  MapsFound,
  MapsTask,
  OcclusionFound,
  OcclusionTask,
  PhotoRef,
  TraceCaptionTask,
  VocabularyTask,
} from './photo-tasks.ts';
import { CaptionSearch, decoderOf, encodeImages } from './search.ts';

/** Photos whose grids are kept: whoever looks at one asks about it again and again. */
const KEPT = 12;
/** How many of the likeliest words a trace tells. */
const LIKELIEST = 5;
/** How many other regions a word's region is compared with. */
const REGIONS_ELSEWHERE = 8;

interface Encoded {
  /** With 8-bit RGB of the encoder's size. */
  readonly read: PhotoRead;
  /** One grid, or two for a second look. */
  readonly grids: readonly tf.Tensor3D[];
  /** That encoding took. */
  readonly milliseconds: number;
}

/** Answers everything that can be asked of a captioner about one photo. One request at a time. */
export class PhotoCaptioner {
  readonly model: CaptionerModel;
  /** Of its weights. */
  readonly checksum: string | undefined;
  /** By photo and number of looks; the latest last. */
  readonly #encoded = new RecentlyUsed<Encoded>(KEPT, ({ grids }) => tf.dispose([...grids]));

  /** By kind, photo and caption. */
  readonly #maps = new RecentlyUsed<number[][]>(KEPT);

  constructor(model: CaptionerModel) {
    this.model = model;
    this.checksum = checksumOf(model.files);
  }

  /**
   * Reads a photo as the model wants it. Needs nothing of the model's time: others may be captioned meanwhile.
   * @returns nothing where the photo is known
   * @throws PhotoError; the signal's reason when aborted
   */
  async read(photo: PhotoRef, signal: AbortSignal): Promise<PhotoRead | null> {
    return this.#encoded.names().some((name) => name.startsWith(`${photo.key} `)) ? null : this.#read(photo, signal);
  }

  /** Encodes a photo that was read, ahead of what will be asked of it. Nothing where it was read for another model. */
  encode({ options, photo, read }: EncodeTask): void {
    const { secondLook = this.model.decoding.secondLook } = options;
    const mapsFrom = mapsOf(this.model, options.mapsFrom);
    const key = encodingOf(photo, secondLook, mapsFrom);
    // What must be got ready first waits until somebody asks.
    const isReady = !mapsFrom.rollout || !this.model.prepareOrigins;
    if (isReady && isReadFor(read, this.model) && !this.#encoded.get(key)) this.#keep(key, read, secondLook, mapsFrom);
  }

  /**
   * Captions a photo; `control.report` gets the best caption so far after every word, and the whole one before others
   * are searched for.
   * @throws PhotoError, AttendError; the signal's reason when aborted
   */
  async caption({ options, photo, read }: CaptionTask, control: TaskControl<PartialCaption>): Promise<CaptionFound> {
    const { decoding } = this.model;
    const mapsFrom = mapsOf(this.model, options.mapsFrom);
    const secondLook = options.secondLook ?? decoding.secondLook;
    const encoded = await this.#encode(photo, secondLook, mapsFrom, control, read);
    const find = await keywordFinderFor(this.model);
    const begin = performance.now();
    const search = new CaptionSearch(this.model, { ...options, keywords: find !== undefined });
    const meter = await meterOf(this.model, options.wording);
    const tell = (best: Hypothesis, isWhole: boolean): void =>
      control.report({ words: wordsOf(this.model, best), grid: gridOf(this.model), isWhole });
    const [found] = await search.run(decoderOf(this.model, encoded.grids, { looks: mapsFrom }), {
      signal: control.signal,
      keepDistributions: meter !== undefined,
      onStep: ([best]) => {
        if (best && best.tokens.length > 0) tell(best, false);
      },
      onCaption: ([caption]) => {
        if (caption) tell(caption, true);
      },
    });
    if (!found || found.captions.length === 0) {
      throw new AttendError('internal', 'No caption was found: every word has the probability 0.');
    }
    const confidences = meter && found.captions.map((caption) => meter.measure(caption));
    return {
      ...describeFound(this.model, found, find, confidences),
      ...(this.checksum !== undefined && { checksum: this.checksum }),
      given: this.model.vocabulary.group(search.prefix).length,
      milliseconds: {
        read: tenths(encoded.read.milliseconds),
        encode: tenths(encoded.milliseconds),
        decode: tenths(performance.now() - begin),
      },
    };
  }

  /**
   * The likeliest next words after some words, and where the model looked for them; and how likely they were had it
   * looked everywhere alike, which tells whether looking mattered.
   */
  async candidates(
    { photo, prefix, count, mapsFrom: wanted, read }: CandidatesTask,
    control: TaskControl<never>,
  ): Promise<{
    candidates: { word: string | null; probability: number; unlooked?: number }[];
    weights: number[];
    grid: [number, number];
  }> {
    const { decoding, vocabulary } = this.model;
    const mapsFrom = mapsOf(this.model, wanted);
    const { grids } = await this.#encode(photo, decoding.secondLook, mapsFrom, control, read);
    const tokens = tokensOf(this.model, prefix);
    const { logProbabilities, weights } = await this.#after(grids, tokens, { looks: mapsFrom });
    const unlooked = weights.length > 0 ? await this.#after(grids, tokens, { everywhereAlike: true }) : undefined;
    // What a caption can never hold explains nothing.
    const never = new Set(vocabulary.forbidden);
    const order = Array.from(logProbabilities.keys())
      .filter((token) => !never.has(token))
      .sort((a, b) => (logProbabilities[b] as number) - (logProbabilities[a] as number))
      .slice(0, count);
    return {
      candidates: order.map((token) => ({
        word: this.#wordOf(token, prefix.length === 0),
        probability: significant(Math.exp(logProbabilities[token] as number)),
        ...(unlooked && { unlooked: significant(Math.exp(unlooked.logProbabilities[token] as number)) }),
      })),
      weights: Array.from(weights, rounded),
      grid: gridOf(this.model),
    };
  }

  /**
   * Blanks where the model looked for a word; and, to compare with, regions of the same size: its shape elsewhere, the
   * photo's centre, and where another word of the caption looked.
   */
  async occlusion(
    { photo, words, position, share, mapsFrom: wanted, read }: OcclusionTask,
    control: TaskControl<{ done: number; total: number }>,
  ): Promise<OcclusionFound> {
    if (position >= words.length) {
      throw new AttendError('bad-request', `The caption has ${words.length} words; there is no word ${position + 1}.`);
    }
    const { decoding, encoder } = this.model;
    const mapsFrom = mapsOf(this.model, wanted);
    const { grids, read: seen } = await this.#encode(photo, decoding.secondLook, mapsFrom, control, read);
    const tokens = tokensOf(this.model, words);
    // Where each word begins: a word of several pieces is asked for by its first.
    const begins = words.map((_, place) => tokensOf(this.model, words.slice(0, place)).length);
    const rest = tokens.slice(0, begins[position]);
    const word = tokens[rest.length];
    const whole = await this.#after(grids, rest, { looks: mapsFrom });
    if (whole.weights.length === 0) {
      throw new AttendError('no-attention', 'This model has no attention: it did not look anywhere in particular.');
    }
    const { grid } = this.model;
    const region = mainRegion(whole.weights, share);
    const others = elsewhere(region, grid, REGIONS_ELSEWHERE);
    const { maps } = await this.#after(grids, tokens.slice(0, -1), { looks: mapsFrom });
    const other = otherWordRegion(
      begins.map((place) => maps[place] ?? []),
      position,
      region,
    );
    const middle = centreRegion(region.length, grid);
    // Who looked at the centre cannot be held against it.
    const centre = isApart(region, middle) ? middle : null;
    const regions = [region, ...(centre ? [centre] : []), ...(other ? [other.region] : []), ...others];
    const probabilities: number[] = [];
    for (const cells of regions) {
      control.signal.throwIfAborted();
      const blanked = encodeImages(
        this.model,
        [blank(seen.photo.pixels, encoder.inputSize, grid, cells)],
        decoding.secondLook,
      );
      try {
        const { logProbabilities } = await this.#after(blanked, rest);
        probabilities.push(significant(Math.exp(logProbabilities[word as number] as number)));
      } finally {
        tf.dispose(blanked);
      }
      control.report({ done: probabilities.length, total: regions.length });
      // Lets an abort arrive.
      await new Promise((resolve) => setTimeout(resolve));
    }
    const next = probabilities[Symbol.iterator]();
    const take = (): number => next.next().value as number;
    const blankedProbability = take();
    const centreFound = centre && { region: centre, probability: take() };
    const otherFound = other && { ...other, probability: take() };
    const elsewhereProbabilities = [...next];
    return {
      grid: gridOf(this.model),
      region,
      whole: significant(Math.exp(whole.logProbabilities[word as number] as number)),
      blanked: blankedProbability,
      centre: centreFound,
      otherWord: otherFound,
      elsewhere: others.map((cells, i) => ({ region: cells, probability: elsewhereProbabilities[i] as number })),
      elsewhereMean:
        others.length === 0 ? null : significant(elsewhereProbabilities.reduce((sum, p) => sum + p, 0) / others.length),
    };
  }

  /**
   * Maps of a caption's words, see `foundMaps`; of one look at the photo.
   * @throws AttendError `unknown-words`; `bad-request` where the model has none of the kind
   */
  async maps(
    { kind, photo, read, words }: MapsTask,
    control: TaskControl<{ done: number; total: number }>,
  ): Promise<MapsFound> {
    assertHasMaps(this.model, kind);
    const tokens = tokensOf(this.model, words);
    const key = `${kind} ${photo.key} ${words.join(' ')}`;
    const known = this.#maps.get(key);
    const { grids, read: seen } = await this.#encode(photo, this.model.decoding.secondLook, {}, control, read);
    const { pixels } = seen.photo;
    const [weights = []] = known
      ? [known]
      : await foundMaps(kind, this.model, { pixels, grid: grids[0] }, [tokens], {
          signal: control.signal,
          onCells: (done, total) => control.report({ done, total }),
        });
    this.#maps.set(key, weights);
    return { weights: weights.map((map) => map.map(rounded)), grid: gridOf(this.model) };
  }

  /**
   * Takes the step to the word after some words apart, of one look at the photo.
   * @throws AttendError `unknown-words`; `bad-request` for a captioner that is not recurrent; RangeError for a change
   *   that does not fit
   */
  async trace({ change, photo, prefix, read }: TraceCaptionTask, control: TaskControl<never>): Promise<CaptionTrace> {
    const { captioner, name, vocabulary } = this.model;
    if (!captioner) {
      throw new AttendError(
        'bad-request',
        `${name} cannot be taken apart step by step: only captioners of Attend’s own kind can. Take one of them first, in Models.`,
      );
    }
    const tokens = tokensOf(this.model, prefix);
    const { grids } = await this.#encode(photo, false, {}, control, read);
    await prepareOperations();
    const options = { count: LIKELIEST, never: vocabulary.forbidden };
    const step = traceCaptioner(captioner, grids[0] as tf.Tensor3D, tokens, options, change);
    return { step: plainTrace(step, (token) => this.#wordOf(token)), grid: gridOf(this.model), model: name };
  }

  /** Searches a photo's caption as `caption` does, and tells everything that the beam looked at. */
  async tree({ beam, photo, read }: CaptionTreeTask, control: TaskControl<never>): Promise<SearchTree> {
    const { decoding, name, vocabulary } = this.model;
    const { grids } = await this.#encode(photo, decoding.secondLook, {}, control, read);
    const keywords = (await keywordFinderFor(this.model)) !== undefined;
    const search = new CaptionSearch(this.model, { keywords, ...(beam !== undefined && { beam }) });
    let found: readonly BeamNode[] = [];
    const decoder = decoderOf(this.model, grids);
    await search.run(decoder, {
      signal: control.signal,
      onTree: ([nodes = []]) => (found = nodes),
    });
    const { best, nodes, tokens } = plainTree(found, (token) => this.#wordOf(token));
    return {
      nodes,
      best,
      text: captionSentence(vocabulary.decode(tokens.filter((token) => token !== vocabulary.end))),
      width: Math.min(vocabulary.size, beam ?? decoding.beam),
      lengthNormalisation: decoding.lengthNormalisation,
      ...(decoder.evidence && decoding.describedWeight && { describedWeight: decoding.describedWeight }),
      model: name,
    };
  }

  /** Which words the model does not know, and how the last one may go on: frequent words first. */
  vocabulary({ text, completions }: VocabularyTask): { unknown: string[]; completions: string[] } {
    const { vocabulary } = this.model;
    const words = captionWords(text);
    // While a word is being typed it is no mistake yet.
    const open = /[\p{L}\p{N}'-]$/u.test(text) ? words.at(-1) : undefined;
    const known =
      open === undefined || completions === 0
        ? []
        : vocabulary.words.filter((word) => word.startsWith(open) && word !== open && !word.startsWith('<'));
    const isOpen = (index: number): boolean => index === words.length - 1 && open !== undefined && known.length > 0;
    return {
      unknown: words.filter((word, index) => !vocabulary.has(word) && !isOpen(index)),
      completions: known.slice(0, completions),
    };
  }

  /** Frees everything, the model too. */
  dispose(): void {
    this.#encoded.clear();
    this.model.dispose();
  }

  /**
   * A token as it is printed; null: the end.
   * @param isFirst whether a caption begins with it, where what else goes on with a word may be a word of its own
   */
  #wordOf(token: number, isFirst = false): string | null {
    const { vocabulary } = this.model;
    if (token === vocabulary.end) return null;
    const [word = ''] = isFirst ? vocabulary.decode([token]) : [];
    const [written, ...rest] = word === '' ? [] : vocabulary.encode([word]);
    return written === token && rest.length === 0 ? word : (vocabulary.words[token] as string);
  }

  async #encode(
    photo: PhotoRef,
    secondLook: boolean,
    mapsFrom: MapsFrom,
    control: TaskControl<never>,
    ahead?: PhotoRead | null,
  ): Promise<Encoded> {
    const key = encodingOf(photo, secondLook, mapsFrom);
    const known = this.#encoded.get(key);
    if (known) return known;
    const read = isReadFor(ahead, this.model)
      ? ahead
      : (this.#readBefore(photo) ?? (await this.#read(photo, control.signal)));
    if (mapsFrom.rollout) await this.model.prepareOrigins?.();
    control.signal.throwIfAborted();
    return this.#keep(key, read, secondLook, mapsFrom);
  }

  #keep(key: string, read: PhotoRead, secondLook: boolean, mapsFrom: MapsFrom): Encoded {
    const begin = performance.now();
    const grids = encodeImages(this.model, [read.photo.pixels], secondLook, mapsFrom);
    const encoded = { read, grids, milliseconds: performance.now() - begin };
    this.#encoded.set(key, encoded);
    return encoded;
  }

  /** What was read of a photo that was encoded another way. */
  #readBefore({ key }: PhotoRef): PhotoRead | undefined {
    const name = this.#encoded.names().find((one) => one.startsWith(`${key} `));
    return name === undefined ? undefined : this.#encoded.get(name)?.read;
  }

  async #read(photo: PhotoRef, signal: AbortSignal): Promise<PhotoRead> {
    const begin = performance.now();
    const { encoder, resample } = this.model;
    const read = await readPhoto(photo.source, {
      size: [encoder.inputSize, encoder.inputSize],
      ...(resample && { resample }),
      name: photo.name,
      signal,
    });
    return { photo: read, resample, milliseconds: performance.now() - begin };
  }

  /**
   * What the model says about the word after some tokens; `maps`: where it looked for each of them, and for that word.
   */
  async #after(
    grids: readonly tf.Tensor3D[],
    tokens: readonly number[],
    how?: DecoderWishes,
  ): Promise<{ logProbabilities: Float32Array; weights: Float32Array; maps: Float32Array[] }> {
    const decoder = decoderOf(this.model, grids, how);
    let state = decoder.start();
    const maps: Float32Array[] = [];
    try {
      for (let i = 0; ; i++) {
        const step = decoder.step(state, Int32Array.of(i === 0 ? decoder.startToken : (tokens[i - 1] as number)));
        decoder.dispose(state);
        state = step.state;
        try {
          const weights = Float32Array.from(step.weights ? await step.weights.data() : []);
          maps.push(weights);
          if (i < tokens.length) continue;
          return { logProbabilities: Float32Array.from(await step.logProbabilities.data()), weights, maps };
        } finally {
          disposeResults(step);
        }
      }
    } finally {
      decoder.dispose(state);
    }
  }
}

/** What keeps encodings of one photo apart. */
function encodingOf({ key }: Pick<PhotoRef, 'key'>, secondLook: boolean, { rollout = false }: MapsFrom): string {
  return `${key} ${secondLook ? 2 : 1}${rollout ? ' rollout' : ''}`;
}
