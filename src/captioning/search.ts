import * as tf from '@tensorflow/tfjs-core';
import type { CaptionOptions, MapsFrom } from '../contract/data/captions.ts';
import { beamSearch } from '../engine/decoding/beam.ts';
import { assertInteger } from '../engine/decoding/constraints.ts';
import type { BeamNode } from '../engine/decoding/beam-tree.ts';
import type { Decoder } from '../engine/decoding/decoder.ts';
import { chooseByEvidence, treeWithEvidence, type Evidence } from '../engine/decoding/evidence.ts';
import { EnsembleDecoder, mirroredLocations } from '../engine/decoding/ensemble.ts';
import type { Constraints, Hypothesis, SearchControl } from '../engine/decoding/hypothesis.ts';
import { sampleSearch } from '../engine/decoding/sample.ts';
import { Random } from '../engine/random.ts';
import { joinWords } from '../engine/text/caption-words.ts';
import { beginningOf } from './beginning.ts';
import type { CaptionerModel } from './ready-captioner.ts';
import type { DecoderWishes } from './ready-captioner.ts';
import type { Speaker } from './decoding-defaults.ts';
import { SEARCHED_CAPTIONS } from './keywords.ts';

/** What a search found for one photo. */
export interface FoundCaptions {
  /**
   * First the caption, then the further ones that were asked for, best first: those that ended before those that the
   * length limit cut off, no sentence twice. A further one may score above the caption, see `CaptionSearch`.
   */
  captions: Hypothesis[];
  /** The captions that keywords are looked for in, whatever further ones were asked for; best first, the caption is one. */
  searched: Hypothesis[];
}

/** How a search is watched. */
export interface CaptionControl extends SearchControl {
  /** Called with the captions, one a photo, once they stand and further ones are still searched for. */
  onCaption?: (captions: readonly (Hypothesis | undefined)[]) => void;
}

/**
 * The one way to a caption, for every door, the evaluation and the validation of a training run.
 *
 * The beam that the model has (or the caller names) decides the caption and where keywords come from. A wider beam, as
 * many further captions need it, can find another sentence; so it only adds further ones, and the caption stays what it is
 * without them. With `sample` captions are drawn instead; the first is drawn before the others, and is the same without
 * them.
 */
export class CaptionSearch {
  /** The forced beginning of every caption, as tokens. */
  readonly prefix: readonly number[];
  readonly #speaker: Speaker;
  readonly #constraints: Constraints;
  readonly #beam: number;
  readonly #alternatives: number;
  readonly #lengthNormalisation: number;
  readonly #sample: CaptionOptions['sample'];
  readonly #searched: number;

  /**
   * @param options.keywords whether what keywords are looked for in is wanted, which takes a few steps more
   * @throws RangeError on options out of range; AttendError where captions cannot begin as they should
   */
  constructor(speaker: Speaker, options: Omit<CaptionOptions, 'secondLook'> & { keywords?: boolean } = {}) {
    const { decoding } = speaker;
    const { alternatives = 0, beam = decoding.beam, keywords = false, sample } = options;
    assertInteger('beam', beam, 1);
    assertInteger('alternatives', alternatives, 0);
    this.prefix = beginningOf(speaker, options);
    this.#speaker = speaker;
    this.#constraints = captionConstraints(speaker, this.prefix);
    this.#beam = beam;
    this.#alternatives = alternatives;
    this.#lengthNormalisation = options.lengthNormalisation ?? decoding.lengthNormalisation;
    this.#sample = sample;
    this.#searched = keywords ? SEARCHED_CAPTIONS : 1;
  }

  /**
   * Searches the captions of the decoder's photos.
   * @returns one a photo; empty where every word has the probability 0
   * @throws the signal's reason when aborted
   */
  async run(decoder: Decoder<unknown>, control: CaptionControl = {}): Promise<FoundCaptions[]> {
    return this.#sample ? this.#draw(decoder, this.#sample, control) : this.#search(decoder, control);
  }

  async #search(decoder: Decoder<unknown>, control: CaptionControl): Promise<FoundCaptions[]> {
    const asked = this.#alternatives + 1;
    const widest = decoder.vocabularySize;
    const width = Math.min(widest, this.#beam);
    const { refill = false } = this.#speaker.decoding;
    const options = { ...this.#constraints, lengthNormalisation: this.#lengthNormalisation, refill };
    const { describedWeight: weight = 0 } = this.#speaker.decoding;
    const evidence = weight > 0 ? await decoder.evidence?.() : undefined;
    const choose = (found: readonly Hypothesis[], source: number): readonly Hypothesis[] =>
      evidence ? chooseByEvidence(found, evidence[source] as Evidence, weight) : found;
    // What the search finds by the way is enough for keywords: it is not made wider for them.
    const nBest = evidence ? width : Math.min(width, Math.max(asked, this.#searched));
    // Whatever else the search comes by may be the better one.
    const spare = evidence ? width * (this.#constraints.maxLength + 1) : 0;
    const found = await beamSearch(
      decoder,
      { ...options, width, nBest, spare },
      evidence ? watched(decoder, control, evidence, weight) : control,
    );
    const own = found.map(choose);
    const wider = Math.min(widest, asked);
    if (wider > width) control.onCaption?.(own.map(([best]) => best));
    const added =
      wider > width
        ? // Whoever watches has seen the caption come already.
          await beamSearch(decoder, { ...options, width: wider, nBest: wider }, unwatched(control))
        : [];
    return own.map((chosen, source) => ({
      captions: this.#withFurther(chosen, choose(added[source] ?? [], source)),
      searched: chosen.slice(0, this.#searched),
    }));
  }

  #withFurther([best, ...others]: readonly Hypothesis[], added: readonly Hypothesis[]): Hypothesis[] {
    if (!best) return [];
    const further = new Map<string, Hypothesis>();
    for (const one of [...others, ...added]) further.set(this.#text(one), one);
    further.delete(this.#text(best));
    const ranked = [...further.values()].sort((a, b) => Number(b.finished) - Number(a.finished) || b.score - a.score);
    return [best, ...ranked.slice(0, this.#alternatives)];
  }

  async #draw(
    decoder: Decoder<unknown>,
    { temperature = 1, topP = 0.9, seed = Math.floor(Math.random() * 2 ** 31) }: NonNullable<CaptionOptions['sample']>,
    control: CaptionControl,
  ): Promise<FoundCaptions[]> {
    const options = { ...this.#constraints, temperature, topP, random: new Random(seed).next };
    const first = await sampleSearch(decoder, options, control);
    if (this.#alternatives > 0) control.onCaption?.(first.map(([drawn]) => drawn));
    const others =
      this.#alternatives > 0
        ? await sampleSearch(decoder, { ...options, samplesPerSource: this.#alternatives }, unwatched(control))
        : [];
    return first.map((drawn, source) => ({
      captions: [...drawn, ...(others[source] ?? [])].map((one) => this.#scored(one)),
      searched: drawn,
    }));
  }

  /** With a score that can be compared with those of a search. */
  #scored(drawn: Hypothesis): Hypothesis {
    return { ...drawn, score: drawn.score / Math.max(1, drawn.logProbabilities.length) ** this.#lengthNormalisation };
  }

  #text({ tokens }: Hypothesis): string {
    return joinWords(this.#speaker.vocabulary.decode(tokens));
  }
}

/** A control to which trees are told with the evidence in their scores. */
function watched(
  { endToken }: Decoder<unknown>,
  control: CaptionControl,
  evidence: readonly Evidence[],
  weight: number,
): SearchControl {
  const { onTree } = control;
  if (!onTree) return control;
  const told = (nodes: readonly BeamNode[], source: number): BeamNode[] =>
    treeWithEvidence(nodes, evidence[source] as Evidence, weight, endToken);
  return { ...control, onTree: (trees) => onTree(trees.map(told)) };
}

function unwatched({ onCaption: _, onStep: __, onTree: ___, ...control }: CaptionControl): SearchControl {
  return control;
}

/**
 * Photos that go through the encoder together, however many are searched together: it is as fast with two as with eight,
 * and what lies between its layers takes a quarter of the memory.
 */
const ENCODED_AT_ONCE = 2;

/**
 * The grids of some photos (with where their vectors come from, for a rollout) and, for a second look, of their mirror images: each [photos, locations, channels].
 * @param images 8-bit RGB pixels of the encoder's size, one array a photo
 */
export function encodeImages(
  { encodeWithOrigins, encoder }: CaptionerModel,
  images: readonly Uint8Array[],
  secondLook: boolean,
  { rollout = false }: MapsFrom = {},
): tf.Tensor3D[] {
  const encode = (pixels: tf.Tensor4D): tf.Tensor3D =>
    rollout && encodeWithOrigins ? encodeWithOrigins(pixels) : encoder.encode(pixels);
  const size = encoder.inputSize;
  const encodeSome = (some: readonly Uint8Array[]): tf.Tensor3D[] => {
    const numbers = new Float32Array(some.length * size * size * 3);
    some.forEach((pixels, i) => numbers.set(pixels, i * pixels.length));
    const pixels = tf.tensor4d(numbers, [some.length, size, size, 3]);
    return secondLook ? [encode(pixels), encode(tf.reverse(pixels, 2))] : [encode(pixels)];
  };
  return tf.tidy(() => {
    const parts: tf.Tensor3D[][] = [];
    for (let at = 0; at < images.length; at += ENCODED_AT_ONCE) {
      parts.push(tf.tidy(() => encodeSome(images.slice(at, at + ENCODED_AT_ONCE))));
    }
    const [first = []] = parts;
    return parts.length <= 1
      ? first
      : first.map((_, look) => tf.concat(parts.map((part) => part[look] as tf.Tensor3D)));
  });
}

/** The decoder of photos from what `encodeImages` gave; the caller keeps the grids alive while it searches. */
export function decoderOf(model: CaptionerModel, grids: readonly tf.Tensor3D[], how?: DecoderWishes): Decoder<unknown> {
  const [grid, mirrored] = grids as [tf.Tensor3D, tf.Tensor3D?];
  const of = (one: tf.Tensor3D): Decoder<unknown> => model.decoder(one, how);
  const decoder = of(grid);
  if (!mirrored) return decoder;
  // What the mirrored look saw on the left lies on the right of the photo.
  const locations = mirroredLocations(...model.grid);
  return new EnsembleDecoder([{ decoder }, { decoder: of(mirrored), locations }]);
}

/** What every caption of a model obeys (see `DecodingDefaults`). @param prefix the forced beginning */
export function captionConstraints(
  { decoding, vocabulary }: Speaker,
  prefix: readonly number[],
): Constraints & { prefix: readonly number[] } {
  const { maxLength, neverLast, noRepeat, repeatable } = decoding;
  const ids = (words: readonly string[]): number[] =>
    words.filter((word) => vocabulary.has(word)).map((word) => vocabulary.id(word));
  return {
    maxLength,
    forbidden: vocabulary.forbidden,
    noRepeat,
    neverLast: ids(neverLast),
    ...(repeatable && { repeatable: ids(repeatable) }),
    prefix,
  };
}
