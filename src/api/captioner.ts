import { captionPhotos, type CaptionPhotosOptions } from '../captioning/caption-photos.ts';
import { loadCaptioner, type CaptionerModel } from '../captioning/captioner-model.ts';
import { findCaptioner } from '../captioning/find-captioner.ts';
import { neededKeywordFinder } from '../captioning/keyword-finder.ts';
import { markNotSure } from '../captioning/mark-not-sure.ts';
import { isFailed } from '../captioning/result.ts';
import type { BackendName } from '../contract/constants/backends.ts';
import type { CaptionedPhoto, CaptionOptions } from '../contract/data/captions.ts';
import { backendOfEnvironment, useBackend } from '../native/backend.ts';
import type { FailedPhoto } from '../photos/photo-to-caption.ts';

export interface OpenCaptionerOptions {
  /** A model's folder, or the name of one that is installed; left out: the default captioner. */
  model?: string;
  /** `onnx`, `native` or `wasm`; left out: what ATTEND_BACKEND says, or the first of them that loads. One a process. */
  backend?: BackendName;
}

/** A photo: the path of its file, or the file's bytes under a name. */
export type PhotoInput = string | { name: string; bytes: Uint8Array };

/** What can be asked of captions; what is left out is as the model has it. */
export interface CaptionRequest extends CaptionOptions {
  /** Whether further captions come with their words and maps. */
  alternativesWithMaps?: boolean;
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

  /** [rows, columns] of the maps. */
  get grid(): readonly [rows: number, columns: number] {
    return this.#model.grid;
  }

  /**
   * Captions one photo.
   * @throws Error with a sentence for a person where the photo cannot be read or a wish cannot be met; the signal's reason
   *   where it aborted
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
   * @throws Error at the first result where a wish cannot be met
   */
  async *captionAll(
    photos: Iterable<PhotoInput> | AsyncIterable<PhotoInput>,
    request: CaptionRequest = {},
  ): AsyncGenerator<CaptionedPhoto | FailedPhoto, void, undefined> {
    const { keywords: wantsKeywords, minConfidence, ...wishes } = request;
    const keywords = wantsKeywords ? await neededKeywordFinder(this.#model) : undefined;
    const options: CaptionPhotosOptions = { ...wishes, keywords };
    for await (const result of captionPhotos(this.#model, photos, options)) yield markNotSure(result, minConfidence);
  }

  /** Frees the model; nothing can be captioned after. */
  dispose(): void {
    this.#model.dispose();
  }
}

/**
 * Loads a captioner. Free it by `dispose()`.
 * @throws Error with a sentence for a person: no such model, a damaged file, a backend that cannot be had
 */
export async function openCaptioner({ backend, model }: OpenCaptionerOptions = {}): Promise<Captioner> {
  const folder = findCaptioner(model);
  await useBackend(backend ?? backendOfEnvironment());
  return new Captioner(await loadCaptioner(folder));
}
