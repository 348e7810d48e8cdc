import { captionPhotos, type CaptionPhotosOptions } from '../captioning/caption-photos.ts';
import { loadCaptioner, type CaptionerModel } from '../captioning/captioner-model.ts';
import { findCaptioner } from '../captioning/find-captioner.ts';
import { neededKeywordFinder } from '../captioning/keyword-finder.ts';
import { markNotSure } from '../captioning/mark-not-sure.ts';
import { isFailed } from '../captioning/result.ts';
import type { DeviceName, DeviceReport } from '../contract/constants/devices.ts';
import type { MapKind } from '../contract/constants/map-kinds.ts';
import type { BackendName } from '../contract/constants/backends.ts';
import type { CaptionedPhoto, CaptionOptions } from '../contract/data/captions.ts';
import { ASKED, check, described } from './check.ts';
import { checkPhoto, type PhotoInput } from './photo-input.ts';
import { backendOfEnvironment, useBackend } from '../native/backend.ts';
import type { FailedPhoto } from '../photos/photo-to-caption.ts';

export interface OpenCaptionerOptions {
  /** A model's folder, or the name of one that is installed; left out: the default captioner. */
  model?: string;
  /** `onnx`, `native` or `wasm`; left out: what ATTEND_BACKEND says, or the first of them that loads. One a process. */
  backend?: BackendName;
  /**
   * Where photos are encoded: "cpu", "gpu" for a graphics card that is right and faster, or a card by its name. A card must
   * caption a sample photo as the processor does; else the processor is used, and `device` says why. Left out: what ATTEND_DEVICE says.
   */
  device?: DeviceName;
}

/** What can be asked of captions; what is left out is as the model has it. */
export interface CaptionRequest extends CaptionOptions {
  /** Whether further captions come with their words and maps. */
  alternativesWithMaps?: boolean;
  /**
   * What other maps words have beside where the model looked (`weights`): `posterior`, where it looked, given the word, of
   * recurrent captioners; `mattered`, what the word depends on, by a look for each cell.
   */
  maps?: MapKind;
  /** Whether what the photo could be filed under comes with the caption. */
  keywords?: boolean;
  /** A caption whose confidence is below it is marked `notSure`; default 1/3. */
  minConfidence?: number;
  /** Photos that go through the model together; default 8. */
  batchSize?: number;
  /** Aborting lets those photos come out that were read already. */
  signal?: AbortSignal;
}

/** A captioner in memory. */
export class Captioner {
  readonly #model: CaptionerModel;
  #isDisposed = false;

  /** @internal */
  constructor(model: CaptionerModel) {
    this.#model = model;
  }

  /** The model's name. */
  get name(): string {
    return this.#model.name;
  }

  /** What the model runs on. */
  get backend(): BackendName {
    return this.#model.backend;
  }

  /** Where photos are encoded, and why. */
  get device(): DeviceReport {
    return this.#model.device ?? { wanted: 'cpu', used: 'cpu', problem: null };
  }

  /** [rows, columns] of the maps. */
  get grid(): readonly [rows: number, columns: number] {
    return this.#model.grid;
  }

  /**
   * Captions one photo.
   * @throws Error with a sentence for a person where the photo cannot be read or a wish cannot be met; TypeError where the
   *   photo or the request is none; the signal's reason where it aborted
   */
  async caption(photo: PhotoInput, request: CaptionRequest = {}): Promise<CaptionedPhoto> {
    for await (const result of this.captionAll([photo], request)) {
      if (isFailed(result)) throw new Error(result.error);
      return result;
    }
    request.signal?.throwIfAborted();
    throw new Error('The photo was given up.');
  }

  /**
   * Captions many photos, a batch at a time, while the next are read: one result a photo, in their order. A photo that
   * cannot be captioned gives `{ file, error }` and does not stop the others.
   * @throws Error at the first result where a wish cannot be met; TypeError where the request is none, or a photo is neither
   *   a path nor bytes
   */
  async *captionAll(
    photos: Iterable<PhotoInput> | AsyncIterable<PhotoInput>,
    request: CaptionRequest = {},
  ): AsyncGenerator<CaptionedPhoto | FailedPhoto, void, undefined> {
    if (this.#isDisposed) throw new Error('This captioner was disposed of: open another one.');
    check(ASKED.captions, request, 'The request for captions');
    if (typeof photos === 'string' || !isIterable(photos)) {
      throw new TypeError(
        `captionAll takes a list of photos, and not ${described(photos)}; for one photo there is caption.`,
      );
    }
    const { keywords: wantsKeywords, minConfidence, ...wishes } = request;
    const keywords = wantsKeywords ? await neededKeywordFinder(this.#model) : undefined;
    const options: CaptionPhotosOptions = { ...wishes, keywords };
    for await (const result of captionPhotos(this.#model, checked(photos), options))
      yield markNotSure(result, minConfidence);
  }

  /** Frees the model; nothing can be captioned after. */
  dispose(): void {
    this.#isDisposed = true;
    this.#model.dispose();
  }
}

function isIterable(photos: unknown): boolean {
  return typeof photos === 'object' && photos !== null && (Symbol.iterator in photos || Symbol.asyncIterator in photos);
}

async function* checked(photos: Iterable<PhotoInput> | AsyncIterable<PhotoInput>): AsyncGenerator<PhotoInput> {
  for await (const photo of photos) {
    checkPhoto(photo);
    yield photo;
  }
}

/**
 * Loads a captioner. Free it by `dispose()`.
 * @throws Error with a sentence for a person: no such model, a damaged file, a backend that cannot be had; TypeError where
 *   the options are none
 */
export async function openCaptioner(options: OpenCaptionerOptions = {}): Promise<Captioner> {
  check(ASKED.openCaptioner, options, 'The options of openCaptioner');
  const { backend, device, model } = options;
  const folder = findCaptioner(model);
  await useBackend(backend ?? backendOfEnvironment());
  return new Captioner(await loadCaptioner(folder, device === undefined ? {} : { device }));
}
