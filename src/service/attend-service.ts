import { readdir } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { AttendError } from '../contract/attend-error.ts';
import { PHOTO_FAILURES } from '../contract/constants/error-codes.ts';
import { toBeFound, type FoundMaps } from '../contract/constants/map-kinds.ts';
import type { Damage, ModelStatus } from '../contract/data/app.ts';
import type { Caption, CaptionOptions, CaptionResult, PartialCaption } from '../contract/data/captions.ts';
import type { ExportOutput } from '../contract/data/export.ts';
import type { Settings } from '../contract/data/settings.ts';
import { addPaths, addUpload, lookAgain } from './library/add-photos.ts';
import { fillConfidences } from './library/fill-confidences.ts';
import { History } from './library/history.ts';
import { Library } from './library/library.ts';
import { newId, refOf, toPhoto, type Entry } from './library/entry.ts';
import { replaceInCaptions } from './library/replace-in-captions.ts';
import { chosen, editedByHand, reviewed } from './library/review.ts';
import { search } from './library/search.ts';
import { photoFailure } from './library/photo-failure.ts';
import { PhotoPictures, type PictureKind } from './library/photo-pictures.ts';
import { photosOfOtherSessions, putOtherSessionsAway } from './library/library-file.ts';
import { holdData, type HeldData } from './library/held-data.ts';
import { BatchRun } from './batch.ts';
import { cacheFolder } from '../files/cache-folder.ts';
import { dataFolder } from '../files/data-folder.ts';
import { thirdPartyNotices } from '../files/third-party-notices.ts';
import type { Handlers } from './dispatch.ts';
import { Emitter } from './emitter.ts';
import { Downloads } from './export/downloads.ts';
import { exportPhotos } from './export/export-photos.ts';
import { MetadataWriter } from './export/metadata-writer.ts';
import { PictureHost, type PictureTasks } from './export/picture-tasks.ts';
import { pictureName } from './export/names.ts';
import { explanationOf } from './export/explanation-of.ts';
import { JobQueue, type Priority } from '../tasks/job-queue.ts';
import { ModelUploads } from './models/model-uploads.ts';
import { damagedDefaults } from '../model-folders/installed-models.ts';
import { ModelAdder, type AddingTasks } from './models/model-adder.ts';
import type { ModelTasks, PhotoJsonOptions } from './models/model-tasks.ts';
import { packageVersion, unpackedRoot } from '../files/package-root.ts';
import { tidyKeywords } from '../captioning/keywords.ts';
import type { PhotoRef } from '../captioning/photo-tasks.ts';
import type { PhotoResult } from '../captioning/result.ts';
import type { PhotoRead } from '../photos/photo-to-caption.ts';
import { LookAhead } from './look-ahead.ts';
import { SettingsStore } from './settings-store.ts';
import { toAttendError } from './describe-failure.ts';
import { cancelled } from './describe-failure.ts';
import { TASK_ERRORS } from './task-errors.ts';
import { LocalTasks } from '../tasks/local-tasks.ts';
import type { TaskRunner } from '../tasks/task-thread.ts';

export interface ServiceOptions {
  door: 'electron' | 'browser';
  /** Where the models run. */
  models: TaskRunner<ModelTasks>;
  /** Where pictures are drawn; default: here. */
  pictures?: TaskRunner<PictureTasks>;
  /** Where models are added; default: here. */
  adding?: TaskRunner<AddingTasks>;
  /** Default: as `dataFolder()` says. */
  data?: string;
  /** Default: as `cacheFolder()` says. */
  cache?: string;
  /** Folder of the sample photos; default: the package's. */
  samples?: string;
  /** The most bytes of an upload; null for none. */
  uploadLimit?: number | null;
}

/** A word's probability is looked at against so many others unless asked otherwise. */
const CANDIDATES = 5;
const OCCLUDED_SHARE = 0.5;

/**
 * Everything that Attend does for its windows: one library, one queue for the models, one batch. Doors pass requests
 * to `handlers` (see `dispatch`) and events from `events` on.
 */
export class AttendService {
  readonly events = new Emitter();
  readonly handlers: Handlers;
  readonly downloads: Downloads;
  readonly library: Library;
  readonly history: History;
  /** What of what is kept turned out to be damaged; see the event `damage`. */
  readonly damages: Damage[];
  /** Folders that the user chose in a dialog: the only ones that are exported to. */
  readonly chosenFolders = new Set<string>();
  readonly #options: ServiceOptions;
  readonly #held: HeldData;
  readonly #settings: SettingsStore;
  readonly #queue = new JobQueue(cancelled);
  /** Exports to folders: two at once could give two photos one name. */
  readonly #exports = new JobQueue(cancelled);
  readonly #models: TaskRunner<ModelTasks>;
  readonly #drawing: TaskRunner<PictureTasks>;
  readonly #adding: TaskRunner<AddingTasks>;
  /** The folders of what is kept, and of what can be made again. */
  readonly #data: string;
  readonly #cache: string;
  readonly #pictures: PhotoPictures;
  readonly #uploads: ModelUploads;
  readonly #metadata = new MetadataWriter();
  readonly #ahead: LookAhead;
  readonly #batch: BatchRun;
  readonly #ending = new AbortController();
  #model: ModelStatus = { state: 'loading', name: null, backend: null, grid: null, error: null };

  static async open(options: ServiceOptions): Promise<AttendService> {
    const data = options.data ?? dataFolder();
    const held = await holdData(data);
    try {
      const events: { tell?: (changed: Entry[], removed: string[]) => void; warn?: (damage: Damage) => void } = {};
      const damages: Damage[] = [];
      const note = (damage: Damage): void => {
        damages.push(damage);
        events.warn?.(damage);
      };
      const library = await Library.open(held.session, (changed, removed) => events.tell?.(changed, removed), note);
      if (library.damage) note(library.damage);
      library.takeOver(await photosOfOtherSessions(data, held.session, note));
      // On a full disk what is there can be looked at all the same.
      await library.committed().then(
        () => putOtherSessionsAway(data),
        () => undefined,
      );
      const settings = await SettingsStore.open(join(data, 'settings.json'));
      const defaults = damagedDefaults();
      if (defaults !== undefined) note({ kind: 'settings', kept: defaults });
      if (settings.damaged !== null) note({ kind: 'settings', kept: settings.damaged });
      const service = new AttendService(options, held, library, settings, damages);
      // What a crash has left there nobody can fetch any more, nor undo.
      await service.downloads.clear();
      await library.letAllGo();
      events.tell = (changed, removed) => service.events.emit('photos', { changed: changed.map(toPhoto), removed });
      events.warn = (damage) => service.events.emit('damage', damage);
      void fillConfidences(library, service.#ending.signal);
      return service;
    } catch (error) {
      await held.release();
      throw error;
    }
  }

  private constructor(
    options: ServiceOptions,
    held: HeldData,
    library: Library,
    settings: SettingsStore,
    damages: Damage[],
  ) {
    this.#options = options;
    this.#held = held;
    this.library = library;
    this.history = new History(library, (history) => this.events.emit('history', history));
    this.#settings = settings;
    this.damages = damages;
    this.#models = options.models;
    this.#drawing = options.pictures ?? new LocalTasks<PictureTasks>(new PictureHost(), TASK_ERRORS);
    this.#adding = options.adding ?? new LocalTasks<AddingTasks>(new ModelAdder(), TASK_ERRORS);
    this.#data = options.data ?? dataFolder();
    this.#cache = options.cache ?? cacheFolder();
    this.#pictures = new PhotoPictures(library, this.#cache);
    this.#uploads = new ModelUploads(this.#cache);
    this.downloads = new Downloads(join(held.session, 'downloads'));
    this.#ahead = new LookAhead(this.#models, this.#queue);
    this.#batch = new BatchRun(
      library,
      (id, wanted, signal) => this.#caption(id, wanted, { priority: 'background', keep: true, signal }),
      (batch) => this.events.emit('batch', batch),
    );
    this.handlers = this.#makeHandlers();
  }

  get settings(): Settings {
    return this.#settings.get();
  }

  /** Loads the models before somebody needs them. */
  async warmUp(): Promise<ModelStatus> {
    const status = await this.#queue
      .add((signal) => this.#load(signal), { priority: 'background' })
      .catch((error: unknown): ModelStatus => ({
        ...this.#model,
        state: 'failed',
        error: toAttendError(error).toJSON(),
      }));
    this.#model = status;
    this.events.emit('model', status);
    return status;
  }

  /** Tells the next Attend that wants the same data where to find this one. @param address of the pages; null for the app */
  announce(address: string | null): Promise<void> {
    return this.#held.announce({ pid: process.pid, door: this.#options.door, address });
  }

  /** The token of a server over this data: the same at each start, so that an open page and a bookmark go on. */
  token(): Promise<string> {
    return this.#held.token();
  }

  /** Adds photos and folders from outside the page (open-with, command line) and tells the page to show them. */
  async openFromOutside(paths: readonly string[]): Promise<Entry[]> {
    const entries = await addPaths(this.library, paths);
    this.events.emit('opened', { photoIds: entries.map(({ id }) => id) });
    return entries;
  }

  /** A photo's thumbnail or display-sized picture. */
  picture(id: string, kind: PictureKind, signal?: AbortSignal): Promise<{ bytes: Buffer; contentType: string }> {
    return this.#pictures.get(id, kind, signal);
  }

  /** Draws what is to go on the clipboard. @returns PNG */
  async draw(input: Parameters<Handlers['export.picture']>[0], signal?: AbortSignal): Promise<Uint8Array> {
    const entry = this.library.get(input.photoId);
    let result = await this.library.result(entry.id);
    if (!result) throw new AttendError('nothing-to-export', 'This photo has no caption yet.');
    await this.library.hasSent(entry.id);
    let wanted: number | Caption | undefined = input.drawn ?? input.caption;
    const kind = toBeFound(input.maps);
    if (kind) {
      const own = typeof wanted === 'object' ? wanted : result.captions[wanted ?? 0];
      if (own) {
        const told = await this.#withMaps(kind, entry.id, own, signal, input.model);
        // What is said of the best caption (edited, reviewed) stays with it.
        if (typeof wanted === 'object') wanted = told;
        else result = { ...result, captions: result.captions.map((one) => (one === own ? told : one)) };
      }
    }
    return this.#drawing.run(
      'picture',
      {
        explanation: explanationOf(entry, result, this.library.fileOf(entry), wanted),
        word: input.word,
        style: { ...this.#settings.get().mapStyle, ...input.style },
      },
      { signal },
    );
  }

  /** One photo exactly as `attend caption --json` gives it, without the library. */
  async photoJson(
    photo: { name: string; bytes: Uint8Array },
    options: PhotoJsonOptions,
    signal?: AbortSignal,
  ): Promise<PhotoResult> {
    const ref = { key: `sent ${newId()}`, name: photo.name, source: photo.bytes };
    const read = await this.#read(ref, signal);
    return this.#queue.add((own) => this.#models.run('photoJson', { ...photo, read, options }, { signal: own }), {
      signal,
    });
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.library.close().catch(() => undefined);
    await this.library.letAllGo();
    await this.#models.close();
    await this.#drawing.close();
    await this.#adding.close();
    await this.#metadata.close();
    await this.downloads.clear();
    await this.#uploads.clear();
    await this.#held.release();
  }

  // ------------------------------------------------------------------------------------------------------ captions

  async #caption(
    id: string,
    options: CaptionOptions,
    control: {
      priority: Priority;
      keep: boolean;
      signal?: AbortSignal | undefined;
      onPartial?: ((partial: PartialCaption) => void) | undefined;
    },
  ): Promise<CaptionResult> {
    const { priority, keep, signal, onPartial } = control;
    const before = this.library.get(id);
    if (before.error && before.width === 0) throw new AttendError(before.error.code, before.error.message);
    if (keep && before.state !== 'waiting') this.library.change(id, { state: 'waiting' });
    const back = (): void => {
      if (keep && this.library.has(id)) this.library.change(id, { state: before.caption === null ? 'none' : 'done' });
    };
    try {
      await this.library.hasSent(id);
      const read = await this.#read(this.#ref(id), signal);
      const found = await this.#queue.add(
        (own) => {
          if (keep) this.library.change(id, { state: 'running' });
          return this.#models.run(
            'caption',
            { photo: this.#ref(id), read, options: this.#withSettings(options) },
            { signal: own, onReport: onPartial },
          );
        },
        { priority, signal },
      );
      const result: CaptionResult = { photoId: id, ...found, at: new Date().toISOString() };
      if (keep) await this.library.setResult(id, result);
      return result;
    } catch (error) {
      const failure = toAttendError(error);
      if (failure.code === 'cancelled' || !BLAMES_PHOTO.has(failure.code)) back();
      else if (keep && this.library.has(id)) {
        this.library.change(id, { state: 'failed', error: photoFailure(failure, before.name) });
      }
      throw failure;
    }
  }

  /** Loads the captioner where the settings want photos encoded. */
  #load(signal: AbortSignal): Promise<ModelStatus> {
    return this.#models.run('load', { device: this.settings.device }, { signal });
  }

  /** Reads a photo beside the queue, unless it was read ahead. */
  async #read(photo: PhotoRef, signal: AbortSignal | undefined): Promise<PhotoRead | null> {
    const ahead = this.#ahead.take(photo.key);
    if (ahead) return unlessCancelled(ahead, signal);
    // How a photo is read is for the captioner to say. Where there is none, whoever asks it next is told why.
    if (this.#model.state !== 'ready') {
      await this.#queue.add((own) => this.#load(own), { signal });
    }
    return this.#models.run('readPhoto', photo, { signal });
  }

  /** What a photo could be filed under. Not queued: no model runs for this. */
  #keywordsIn(captions: readonly Caption[]): Promise<string[]> {
    return this.#models.run('keywords', { captions: captions.map(({ caption }) => caption) });
  }

  #withSettings(options: CaptionOptions): CaptionOptions {
    const { alternatives, beam, mapsFrom, wording } = this.#settings.get();
    return { alternatives, mapsFrom, wording, ...(beam === null ? {} : { beam }), ...options };
  }

  #ref(id: string): PhotoRef {
    const entry = this.library.get(id);
    return refOf(entry, this.library.fileOf(entry));
  }

  /** Asks about a photo, which is read beside the queue: one that takes its time holds up nobody else. */
  async #askOfPhoto<Name extends 'candidates' | 'captionTree' | 'maps' | 'occlusion' | 'softAndHard' | 'traceCaption'>(
    task: Name,
    id: string,
    input: Omit<Parameters<ModelTasks[Name]>[0], 'photo' | 'read'>,
    signal: AbortSignal,
    onReport?: (report: never) => void,
  ): Promise<Awaited<ReturnType<ModelTasks[Name]>>> {
    await this.library.hasSent(id);
    const photo = this.#ref(id);
    const read = await this.#read(photo, signal);
    return this.#ask(task, { ...input, photo, read }, signal, onReport);
  }

  /** Asks about words of a photo's caption: the captioner that wrote them, unless another is named. */
  async #askOfWords<Name extends 'candidates' | 'maps' | 'occlusion'>(
    task: Name,
    id: string,
    input: Omit<Parameters<ModelTasks[Name]>[0], 'photo' | 'read'>,
    signal: AbortSignal,
    onReport?: (report: never) => void,
  ): Promise<Awaited<ReturnType<ModelTasks[Name]>>> {
    const { model, checksum } = input.model === undefined ? ((await this.library.result(id)) ?? {}) : input;
    return this.#askOfPhoto(task, id, { ...input, model, checksum }, signal, onReport);
  }

  #ask<
    Name extends
      'beside' | 'candidates' | 'captionTree' | 'maps' | 'occlusion' | 'softAndHard' | 'traceCaption' | 'vocabulary',
  >(
    task: Name,
    input: Parameters<ModelTasks[Name]>[0],
    signal: AbortSignal,
    onReport?: (report: never) => void,
  ): Promise<Awaited<ReturnType<ModelTasks[Name]>>> {
    return this.#queue.add(
      (own) =>
        this.#models.run(task, input as never, { signal: own, onReport: onReport as never }) as Promise<
          Awaited<ReturnType<ModelTasks[Name]>>
        >,
      { signal },
    );
  }

  // ------------------------------------------------------------------------------------------------------ requests

  #makeHandlers(): Handlers {
    const { history, library } = this;
    const notHere = (): never => {
      throw new AttendError('not-here', 'Only Attend’s own window can do this.');
    };
    /** The step of a request's answer, where something was changed. */
    const stepped = (step: number | undefined) => (step === undefined ? {} : { step });
    const lookAhead = (photo: PhotoRef): void => {
      const isNext = this.settings.captionOnOpen && this.#batch.status().state !== 'running';
      if (isNext && this.#model.state === 'ready') this.#ahead.begin(photo, this.#withSettings({}));
    };
    const added = (entries: readonly Entry[]) => ({ photos: entries.map(toPhoto) });

    return {
      'app.info': async () => ({
        version: packageVersion(),
        door: this.#options.door,
        platform: process.platform,
        node: process.version,
        samples: (await this.#samples()).length,
        uploadLimit: this.#options.uploadLimit ?? null,
        embedsMetadata: await this.#metadata.isAvailable(),
        damages: this.damages,
      }),
      'app.model': () => this.#model,
      'app.about': async (_, { signal }) => ({
        data: this.#data,
        cache: { folder: this.#cache, bytes: await this.#pictures.cache.bytes() },
        // Not queued: no model runs for this.
        models: await this.#models.run('cards', {}, { signal }),
      }),
      'app.notices': async () => ({ text: await thirdPartyNotices() }),
      'app.clearCache': async () => {
        await this.#pictures.cache.clear();
        return { bytes: await this.#pictures.cache.bytes() };
      },
      'settings.get': () => this.#settings.get(),
      'settings.set': async (change) => {
        const before = this.settings.device;
        const settings = await this.#settings.set(change);
        this.events.emit('settings', settings);
        if (settings.device !== before) void this.warmUp();
        return settings;
      },

      'photos.list': () => ({ photos: library.list().map(toPhoto), batch: this.#batch.status() }),
      'photos.upload': async ({ name, bytes }) => toPhoto(await addUpload(library, name, bytes, lookAhead)),
      'photos.open': async ({ paths }, { signal }) =>
        added(await addPaths(library, paths, { signal, onAlone: lookAhead })),
      'photos.dialog': notHere,
      'photos.paste': notHere,
      'photos.samples': async () => added(await addPaths(library, await this.#samples())),
      'photos.remove': async ({ photoIds }) => {
        for (const id of photoIds) this.#batch.forget(id);
        return stepped(await history.remove(photoIds));
      },
      'photos.search': ({ review, text }) => ({ photoIds: search(library.list(), text, review) }),

      'review.set': async ({ photoIds, state }) => {
        const step = await history.change('review', photoIds, (entry) => reviewed(entry, state));
        const there = photoIds.filter((id) => library.has(id)).map((id) => library.get(id));
        return { photos: there.filter((entry) => reviewed(entry, state)).map(toPhoto), ...stepped(step) };
      },
      'history.get': () => history.status(),
      'history.undo': ({ step }) => history.undo(step),
      'history.redo': () => history.redo(),

      'caption.get': async ({ photoId }) => ({
        result: await library.result(photoId),
        edited: library.get(photoId).edited,
        keywords: library.get(photoId).editedKeywords ?? null,
      }),
      'caption.run': async ({ photoId, priority = 'foreground', keep: wanted, ...options }, { signal, report }) => {
        const keep = wanted ?? options.sample === undefined;
        const caption = async (): Promise<CaptionResult> => {
          await lookAgain(library, [photoId]);
          return this.#caption(photoId, options, { priority, keep, signal, onPartial: report });
        };
        return keep ? this.#batch.beside(photoId, caption) : caption();
      },
      'caption.beside': async ({ model, photoId }, { signal }) => {
        await library.hasSent(photoId);
        return this.#ask('beside', { photo: this.#ref(photoId), model }, signal);
      },
      'caption.edit': async ({ photoId, caption }) => {
        library.get(photoId);
        const step = await history.change('edit', [photoId], () => editedByHand(caption));
        return { ...toPhoto(library.get(photoId)), ...stepped(step) };
      },
      'caption.keywords': async ({ photoId, keywords }) => {
        library.get(photoId);
        const editedKeywords = keywords ? tidyKeywords(keywords) : undefined;
        await history.change('keywords', [photoId], () => ({ editedKeywords }));
        return { keywords: library.get(photoId).editedKeywords ?? null };
      },
      'caption.replace': async ({ photoIds, preview = false, ...replacement }) => {
        const entries = photoIds?.flatMap((id) => (library.has(id) ? [library.get(id)] : [])) ?? library.list();
        const { change, ids, ...counted } = replaceInCaptions(entries, replacement);
        return { ...counted, ...stepped(preview ? undefined : await history.change('replace', ids, change)) };
      },
      'caption.choose': async ({ photoId, caption }) => {
        const result = await library.result(photoId);
        const wanted = result?.captions[caption];
        if (!result || !wanted) throw new AttendError('not-found', 'This photo has no such caption.');
        const captions = [wanted, ...result.captions.filter((_, index) => index !== caption)];
        const keywords = result.keywords && (await this.#keywordsIn(captions));
        await history.change('choose', [photoId], () => chosen(wanted, keywords));
        return { ...result, captions, ...(keywords && { keywords }) };
      },
      'caption.candidates': ({ photoId, count = CANDIDATES, ...about }, { signal }) =>
        this.#askOfWords('candidates', photoId, { ...about, count, mapsFrom: this.settings.mapsFrom }, signal),
      'caption.occlusion': ({ photoId, share = OCCLUDED_SHARE, ...about }, { signal, report }) =>
        this.#askOfWords('occlusion', photoId, { ...about, share, mapsFrom: this.settings.mapsFrom }, signal, report),
      'caption.mattered': ({ photoId, ...about }, { signal, report }) =>
        this.#askOfWords('maps', photoId, { ...about, kind: 'mattered' }, signal, report),
      'caption.posterior': ({ photoId, ...about }, { signal, report }) =>
        this.#askOfWords('maps', photoId, { ...about, kind: 'posterior' }, signal, report),
      'caption.translate': (input, { signal }) =>
        this.#queue.add((own) => this.#models.run('translateCaption', input, { signal: own }), { signal }),
      'caption.vocabulary': ({ text, completions = CANDIDATES }, { signal }) =>
        this.#ask('vocabulary', { text, completions }, signal),

      'batch.start': async ({ photoIds, again = false, options = {} }) => {
        if (photoIds) await lookAgain(library, photoIds);
        const batch = this.#batch.start(photoIds, again, options);
        await library.committed();
        return batch;
      },
      'batch.pause': () => this.#batch.pause(),
      'batch.resume': () => this.#batch.resume(),
      'batch.cancel': () => this.#batch.cancel(),

      'export.folder': notHere,
      'export.run': (input, { signal, report }) => {
        if (input.target.kind !== 'download' && this.#options.door !== 'electron') notHere();
        if (input.target.kind === 'folder' && !this.chosenFolders.has(input.target.path)) {
          throw new AttendError('forbidden', 'Choose the folder to export to first.');
        }
        const run = (own: AbortSignal): Promise<ExportOutput> =>
          exportPhotos(
            {
              library,
              drawing: this.#drawing,
              metadata: this.#metadata,
              downloads: this.downloads,
              translate: ({ caption, words }, to, asked) =>
                this.#queue.add(
                  (queued) => this.#models.run('translateCaption', { caption, words, to }, { signal: queued }),
                  { priority: 'background', signal: asked },
                ),
              withMaps: (kind, photoId, caption, asked) => this.#withMaps(kind, photoId, caption, asked),
              style: this.#settings.get().mapStyle,
            },
            input,
            { signal: own, report },
          );
        return input.target.kind === 'download' ? run(signal) : this.#exports.add(run, { signal });
      },
      'export.picture': async (input, { signal }) => {
        const bytes = await this.draw(input, signal);
        const entry = library.get(input.photoId);
        const result = await library.result(entry.id);
        const { words = [] } = input.drawn ?? result?.captions[input.caption ?? 0] ?? {};
        const name = pictureName(entry, words, input.word);
        return { address: await this.downloads.add(name, bytes), name };
      },
      'export.copy': notHere,
      'export.show': notHere,

      // Not queued: no model runs for this.
      'models.list': async (_, { signal }) => ({ models: await this.#models.run('models', {}, { signal }) }),
      'models.card': async ({ name }, { signal }) => ({ card: await this.#models.run('card', { name }, { signal }) }),
      'models.choose': async ({ name }, { signal }) => {
        await this.#models.run('choose', { name }, { signal });
        this.#modelsChanged();
        return {};
      },
      'models.measure': async ({ name }, { signal }) => {
        const [sample = null] = await this.#samples();
        const speed = await this.#queue.add((own) => this.#models.run('measure', { name, sample }, { signal: own }), {
          signal,
        });
        this.events.emit('models', {});
        return speed;
      },
      'models.remove': async ({ name }, { signal }) => {
        await this.#models.run('remove', { name }, { signal });
        this.#modelsChanged();
        return {};
      },
      'models.offer': (input, { signal }) => this.#adding.run('offer', input, { signal }),
      'models.add': async (input, { signal, report }) => {
        const added = await this.#adding.run('add', input, { signal, onReport: report });
        this.#modelsChanged();
        return added;
      },
      'models.addFolder': async ({ path }, { signal }) => {
        const added = await this.#adding.run('addFolder', { path }, { signal });
        this.#modelsChanged();
        return added;
      },
      'models.beginUpload': async ({ files, name }) => ({ upload: await this.#uploads.begin(name, files) }),
      'models.upload': async ({ at, bytes, file, upload }) => {
        await this.#uploads.write(upload, file, at, bytes);
        return {};
      },
      'models.endUpload': async ({ add, upload }, { signal }) => {
        if (!add) {
          await this.#uploads.forget(upload);
          return { name: null };
        }
        const added = await this.#uploads.end(upload, (path) =>
          this.#adding.run('addFolder', { path }, { signal }).catch((error: unknown) => {
            // To whoever sent it, it lies elsewhere.
            const { code, message } = toAttendError(error);
            throw new AttendError(code, message.replaceAll(`${dirname(path)}${sep}`, ''), { cause: error });
          }),
        );
        this.#modelsChanged();
        return added;
      },
      'models.dialog': notHere,

      // Not queued: no model runs for this.
      'translate.models': (_, { signal }) => this.#models.run('translators', {}, { signal }),
      'translate.run': (input, { signal, report }) =>
        this.#queue.add((own) => this.#models.run('translate', input, { signal: own, onReport: report }), { signal }),
      'translate.lookInside': (input, { signal }) =>
        this.#queue.add((own) => this.#models.run('lookInside', input, { signal: own }), { signal }),

      'learn.caption': ({ photoId, prefix, change = {} }, { signal }) =>
        this.#askOfPhoto('traceCaption', photoId, { prefix, change }, signal),
      'learn.sentence': (input, { signal }) =>
        this.#queue.add((own) => this.#models.run('traceSentence', input, { signal: own }), { signal }),
      'learn.softAndHard': ({ photoId }, { signal }) => this.#askOfPhoto('softAndHard', photoId, {}, signal),
      'learn.captionTree': ({ photoId, beam = this.settings.beam ?? undefined }, { signal }) =>
        this.#askOfPhoto('captionTree', photoId, { beam }, signal),
      'learn.sentenceTree': (input, { signal }) =>
        this.#queue.add((own) => this.#models.run('sentenceTree', input, { signal: own }), { signal }),
    };
  }

  /** A caption whose words have maps of a kind, too. */
  async #withMaps(
    kind: FoundMaps,
    photoId: string,
    caption: Caption,
    signal = new AbortController().signal,
    model?: string,
  ): Promise<Caption> {
    const words = caption.words.map(({ word }) => word);
    const { weights } = await this.#askOfWords('maps', photoId, { kind, words, model }, signal);
    return { ...caption, words: caption.words.map((word, i) => ({ ...word, [kind]: weights[i] ?? [] })) };
  }

  /** The captioner may be another one now, or the first one there is. */
  #modelsChanged(): void {
    this.events.emit('models', {});
    void this.warmUp();
  }

  async #samples(): Promise<string[]> {
    const folder = this.#options.samples ?? join(unpackedRoot(), 'assets', 'samples');
    const names = await readdir(folder).catch(() => []);
    return names
      .filter((name) => name.endsWith('.jpg'))
      .sort()
      .map((name) => join(folder, name));
  }
}

/** Waits for what goes on without whoever asked. @throws AttendError `cancelled` when the signal is aborted, at once */
function unlessCancelled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(cancelled());
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Errors that lie in the photo itself: it then stands in the library as failed. */
const BLAMES_PHOTO: ReadonlySet<string> = new Set(PHOTO_FAILURES);
