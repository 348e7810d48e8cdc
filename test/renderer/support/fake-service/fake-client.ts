import type { AttendClient, Connection, DroppedFolder } from '../../../../src/client/attend-client.ts';
import type { RequestControl } from '../../../../src/contract/api.ts';
import { AttendError } from '../../../../src/contract/attend-error.ts';
import type { StepKind } from '../../../../src/contract/constants/step-kinds.ts';
import { isNotSure } from '../../../../src/contract/constants/not-sure-below.ts';
import { DEFAULT_SETTINGS } from '../../../../src/contract/constants/default-settings.ts';
import type { Damage, ModelStatus } from '../../../../src/contract/data/app.ts';
import type { Caption, CaptionResult, Word } from '../../../../src/contract/data/captions.ts';
import type { History, HistoryStep } from '../../../../src/contract/data/history.ts';
import type { Batch, Photo } from '../../../../src/contract/data/photos.ts';
import type { Settings } from '../../../../src/contract/data/settings.ts';
import type { EventName, EventOf } from '../../../../src/contract/events.ts';
import type { Input, Output, Progress, RequestName } from '../../../../src/contract/requests.ts';
import CAPTIONS from '../fixtures/captions.json' with { type: 'json' };
import { FakeModels } from './fake-models.ts';
import { traceCaption, traceSentence } from './fake-trace.ts';
import { treeOf } from './fake-tree.ts';
import { lookInside, translate, TRANSLATORS } from './fake-translator.ts';

type Handlers = {
  [Name in RequestName]?: (
    input: Input<Name>,
    control: { signal: AbortSignal; report: (progress: Progress<Name>) => void },
  ) => Output<Name> | Promise<Output<Name>>;
};

export interface FakeOptions {
  damages?: Damage[];
  door?: 'electron' | 'browser';
  /** Milliseconds from word to word. */
  pace?: number;
  translators?: boolean;
  settings?: Partial<Settings>;
  model?: Partial<ModelStatus>;
  /** Where the sample photos are served from. */
  samples?: string;
  /** Photos of the library at the start. */
  photos?: number;
  /** Whether a published captioner stands beside Attend's own. */
  captioners?: boolean;
}

/** The checksum of the weights that every caption comes from. */
const WEIGHTS = '0123456789abcdef';

interface Entry {
  photo: Photo;
  sample: (typeof CAPTIONS)[number];
  result: CaptionResult | null;
  keywords: string[] | null;
  model: string | null;
}

/** A service in the page itself, with what a captioner really said of the sample photos. Nothing is computed. */
export class FakeClient implements AttendClient {
  readonly door: 'electron' | 'browser';
  readonly asked: { name: RequestName; input: unknown }[] = [];
  readonly downloads: { address: string; name: string }[] = [];
  copied: string | undefined;
  readonly models = new FakeModels();
  settings: Settings;
  readonly #options: FakeOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #listeners = new Map<EventName, Set<(event: never) => void>>();
  #isAway = false;
  readonly #connectionListeners = new Set<(connection: Connection) => void>();
  #batch: Batch = { state: 'idle', total: 0, done: 0, failed: 0, secondsLeft: null };
  #queue: string[] = [];
  readonly #done: { told: HistoryStep; ids: readonly string[]; undo: () => void }[] = [];
  #cacheBytes = 12_300_000;
  #next = 1;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.door = options.door ?? 'browser';
    this.settings = { ...DEFAULT_SETTINGS, ...options.settings };
    if (options.captioners) this.models.add();
    for (let i = 0; i < (options.photos ?? 0); i++) {
      const sample = CAPTIONS[i % CAPTIONS.length]!;
      const entry = this.#add(sample.file.replace('.', `-${i + 1}.`), sample);
      this.#keep(entry, this.#result(entry, {}));
    }
  }

  url(address: string): string {
    return address;
  }

  async request<Name extends RequestName>(
    name: Name,
    input: Input<Name>,
    control: RequestControl<Name> = {},
  ): Promise<Output<Name>> {
    this.asked.push({ name, input });
    await Promise.resolve();
    const signal = control.signal ?? new AbortController().signal;
    if (signal.aborted) throw new AttendError('cancelled', 'Cancelled.');
    const handler = this.handlers[name];
    if (!handler) throw new AttendError('not-here', `The fake service does not do ${name}.`);
    this.#mustBeThere();
    const answer = await handler(input as never, {
      signal,
      report: (progress: Progress<Name>) => control.onProgress?.(progress),
    });
    this.#mustBeThere();
    return answer;
  }

  #mustBeThere(): void {
    if (this.#isAway) throw new AttendError('connection-lost', 'Attend does not answer. Is it still running?');
  }

  subscribe<Name extends EventName>(name: Name, listener: (event: EventOf<Name>) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  onConnection(listener: (connection: Connection) => void): () => void {
    this.#connectionListeners.add(listener);
    queueMicrotask(() => listener('connected'));
    return () => this.#connectionListeners.delete(listener);
  }

  /** The service goes: nothing is answered, and nothing heard, until it comes back. */
  leave(connection: 'lost' | 'refused' = 'lost'): void {
    this.#isAway = true;
    for (const listener of this.#connectionListeners) listener(connection);
  }

  comeBack(): void {
    this.#isAway = false;
    for (const listener of this.#connectionListeners) listener('connected');
  }

  emit<Name extends EventName>(name: Name, event: EventOf<Name>): void {
    if (this.#isAway) return;
    for (const listener of this.#listeners.get(name) ?? []) listener(event as never);
  }

  async addFiles(
    files: readonly File[],
    control: { onAdded?: (photo: Photo) => void; onFailed?: () => void } = {},
  ): Promise<{ photos: Photo[]; failed: { name: string; message: string }[] }> {
    const photos = files.map((file, index) => {
      const named = CAPTIONS.find((sample) => sample.file === file.name);
      const entry = this.#add(file.name, named ?? CAPTIONS[index % CAPTIONS.length]!);
      if (file.name.includes('broken')) {
        entry.photo = {
          ...entry.photo,
          width: 0,
          height: 0,
          state: 'failed',
          error: {
            code: 'truncated',
            message: `“${file.name}” is damaged: the file ends in the middle of the picture.`,
          },
        };
      }
      control.onAdded?.(entry.photo);
      return entry.photo;
    });
    await Promise.resolve();
    return { photos, failed: [] };
  }

  /** Folders with models that were sent. */
  readonly sentModels: { name: string; files: string[] }[] = [];

  async addModel(
    folder: DroppedFolder,
    { onProgress, signal }: RequestControl<'models.add'> = {},
  ): Promise<{ name: string }> {
    this.sentModels.push({ name: folder.name, files: folder.files.map(({ name }) => name) });
    onProgress?.({ stage: 'load', bytes: 1e6, of: 4e6 });
    await wait(this.#options.pace ?? 0, signal);
    if (folder.name.includes('photos')) {
      throw new AttendError('bad-request', `There is no published model in ${folder.name}: config.json is missing.`);
    }
    return this.#modelsChanged(this.models.add());
  }

  /** Tells the page that the models are others, after it has the answer. */
  #modelsChanged<T>(answer: T, change: () => void = () => undefined): T {
    change();
    queueMicrotask(() => this.emit('models', {}));
    return answer;
  }

  readonly dragged: unknown[] = [];

  dragFile(photoId: string, map: { caption: number; word: number | null } | null): boolean {
    if (this.door === 'browser') return false;
    this.dragged.push([photoId, map]);
    return true;
  }

  download(file: { address: string; name: string }): void {
    this.downloads.push(file);
  }

  async copyText(text: string): Promise<void> {
    this.copied = text;
    await Promise.resolve();
  }

  readonly handlers: Handlers = {
    'app.info': () => ({
      version: '0.1.0',
      door: this.door,
      platform: 'linux',
      node: '20.19.0',
      samples: CAPTIONS.length,
      uploadLimit: 64e6,
      embedsMetadata: true,
      damages: this.#options.damages ?? [],
    }),
    'app.model': () => ({
      state: 'ready',
      name: 'captioner-soft',
      checksum: WEIGHTS,
      backend: { name: 'native', reason: 'TensorFlow is installed.' },
      grid: [7, 7],
      hasPosterior: true,
      error: null,
      ...this.#options.model,
    }),
    'app.about': () => ({
      data: '/home/user/.local/share/attend',
      cache: { folder: '/home/user/.cache/attend', bytes: this.#cacheBytes },
      models: [
        {
          name: 'captioner-soft',
          card: '# captioner-soft\n\n## Limits\n\n- It calls a cow *a horse*.\n\n| a | b |\n| - | - |\n| 1 | 2 |\n',
        },
      ],
    }),
    'app.notices': () => ({ text: 'svelte 5 (MIT), in the bundles\n' }),
    'app.clearCache': () => ({ bytes: (this.#cacheBytes = 0) }),
    'settings.get': () => this.settings,
    'settings.set': (settings) => (this.settings = { ...this.settings, ...settings }),

    'photos.list': () => ({ photos: this.#photos(), batch: this.#batch }),
    'photos.samples': () => ({ photos: CAPTIONS.map((sample) => this.#add(sample.file, sample).photo) }),
    'photos.dialog': () => ({ photos: [this.#add(CAPTIONS[2]!.file, CAPTIONS[2]!).photo] }),
    'photos.remove': ({ photoIds }) => {
      const before = [...this.#entries];
      for (const id of photoIds) this.#entries.delete(id);
      return this.#step('remove', photoIds, () => {
        this.#entries.clear();
        for (const [id, entry] of before) this.#entries.set(id, entry);
      });
    },
    'photos.search': ({ review, text }) => {
      const words = text.toLowerCase().split(/\s+/);
      const matches = (photo: Photo): boolean =>
        (review?.includes(photo.review) ?? true) &&
        words.every((word) => `${photo.name} ${photo.caption ?? ''}`.toLowerCase().includes(word));
      return {
        photoIds: this.#photos()
          .filter(matches)
          .map(({ id }) => id),
      };
    },

    'caption.get': ({ photoId }) => {
      const { keywords, photo, result } = this.#entry(photoId);
      return { result, edited: photo.edited ? photo.caption : null, keywords };
    },
    'caption.run': async (input, { signal, report }) => {
      const entry = this.#entry(input.photoId);
      if (entry.photo.error) throw new AttendError(entry.photo.error.code, entry.photo.error.message);
      const result = this.#result(entry, input);
      const [best] = result.captions;
      for (let length = 1; length <= (best?.words.length ?? 0); length++) {
        await wait(this.#options.pace ?? 0, signal);
        report({ words: best!.words.slice(0, length), grid: result.grid });
      }
      if (input.keep ?? input.sample === undefined) this.#keep(entry, result);
      return result;
    },
    'review.set': ({ photoIds, state }) => {
      const stepped = this.#changed('review', photoIds, ({ photo }) => {
        const review = state === 'accepted' && photo.edited ? 'edited' : state;
        this.#change(photo.id, photo.caption === null ? {} : { review });
      });
      return { ...stepped, photos: photoIds.map((id) => this.#entry(id).photo) };
    },
    'history.get': () => this.#history(),
    'history.undo': ({ step }) => {
      const last = this.#done.at(-1);
      if (step !== undefined && last?.told.step !== step) throw new AttendError('not-found', 'Something was changed.');
      this.#done.pop();
      last?.undo();
      this.emit('history', this.#history());
      const changed = (last?.ids ?? []).map((id) => this.#entry(id).photo);
      this.emit('photos', { changed, removed: [] });
      return { done: last?.told ?? null, photoIds: changed.map(({ id }) => id) };
    },
    'history.redo': () => ({ done: null, photoIds: [] }),

    'caption.edit': ({ photoId, caption }) => {
      const stepped = this.#changed('edit', [photoId], (entry) =>
        this.#change(photoId, {
          caption: caption ?? entry.model,
          edited: caption !== null,
          review: caption === null ? 'new' : 'edited',
        }),
      );
      return { ...this.#entry(photoId).photo, ...stepped };
    },
    'caption.keywords': ({ photoId, keywords }) => {
      this.#changed('keywords', [photoId], (entry) => {
        entry.keywords = keywords && [...new Set(keywords.map((keyword) => keyword.trim()))];
      });
      return { keywords: this.#entry(photoId).keywords };
    },
    'caption.replace': ({ find, photoIds, preview = false, replacement }) => {
      const found = this.#photos().filter(
        ({ caption, id }) => caption?.includes(find) === true && (photoIds?.includes(id) ?? true),
      );
      const after = ({ caption }: Photo): string => (caption ?? '').replaceAll(find, replacement);
      const examples = found.map((photo) => ({
        photoId: photo.id,
        before: photo.caption ?? '',
        after: after(photo),
      }));
      const ids = found.map(({ id }) => id);
      const stepped = preview
        ? {}
        : this.#changed('replace', ids, ({ photo }) => this.#change(photo.id, { caption: after(photo), edited: true }));
      return { photos: found.length, places: found.length, examples: examples.slice(0, 3), ...stepped };
    },
    'caption.choose': ({ photoId, caption }) => {
      const entry = this.#entry(photoId);
      const { result } = entry;
      const chosen = result?.captions[caption];
      if (!result || !chosen) throw new AttendError('not-found', 'There is no such caption.');
      const captions = [chosen, ...result.captions.filter((one) => one !== chosen)];
      this.#changed('choose', [photoId], () => {
        entry.photo = { ...entry.photo, edited: false };
        this.#keep(entry, { ...result, captions });
        this.#change(photoId, { review: 'accepted' });
      });
      return this.#entry(photoId).result!;
    },
    'caption.candidates': ({ checksum, photoId, prefix }) => {
      const { sample } = this.#entry(photoId);
      const word = sample.words[prefix.length];
      const likely = word?.probability ?? 0.6;
      const others = ['white', 'large', 'small', 'is', 'the', 'running', 'black'].filter((one) => one !== word?.word);
      return {
        candidates: [
          { word: word?.word ?? null, probability: likely, unlooked: likely / 2 },
          ...others.slice(0, 4).map((one, i) => ({
            word: one,
            probability: ((1 - likely) * 0.5) / (i + 1) ** 1.5,
            unlooked: 0.1,
          })),
        ],
        weights: word?.weights ?? [],
        grid: sample.grid as [number, number],
        ...(checksum !== (this.#options.model?.checksum ?? WEIGHTS) && { writtenEarlier: true as const }),
      };
    },
    'caption.mattered': async ({ photoId, words }, { signal, report }) => {
      const { sample } = this.#entry(photoId);
      for (let done = 7; done <= 49; done += 7) {
        await wait(this.#options.pace ?? 0, signal);
        report({ done, total: 49 });
      }
      // Another cell than where it looked: the first for the first word, and so on.
      const [rows, columns] = sample.grid as [number, number];
      const cells = rows * columns;
      return {
        grid: [rows, columns],
        weights: words.map((_, i) => Array.from({ length: cells }, (__, cell) => Number(cell === i % cells))),
      };
    },
    'caption.posterior': async ({ photoId, words }) => {
      const { sample } = this.#entry(photoId);
      const [rows, columns] = sample.grid as [number, number];
      // The squares of where it looked, as parts of 1: sharper, and at the same places.
      const sharper = (weights: readonly number[]): number[] => {
        const squares = weights.map((weight) => weight ** 2);
        const sum = squares.reduce((a, b) => a + b, 0);
        return squares.map((one) => one / sum);
      };
      return { grid: [rows, columns], weights: words.map((_, i) => sharper(sample.words[i]?.weights ?? [])) };
    },
    'caption.occlusion': async ({ photoId, position }, { signal, report }) => {
      const { sample } = this.#entry(photoId);
      const { weights, probability } = sample.words[position]!;
      const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!);
      for (let done = 1; done <= 9; done++) {
        await wait(this.#options.pace ?? 0, signal);
        report({ done, total: 9 });
      }
      return {
        grid: sample.grid as [number, number],
        region: order.slice(0, 8),
        whole: probability,
        blanked: probability * 0.16,
        centre: { region: order.slice(8, 16), probability: probability * 0.9 },
        otherWord: { position: position === 0 ? 1 : 0, region: order.slice(16, 24), probability: probability * 0.85 },
        elsewhere: [{ region: order.slice(-8), probability: probability * 0.95 }],
        elsewhereMean: probability * 0.95,
      };
    },
    'caption.vocabulary': ({ text }) => {
      const words = text
        .toLowerCase()
        .split(/[^\p{L}']+/u)
        .filter(Boolean);
      const last = /\p{L}$/u.test(text) ? (words.at(-1) ?? '') : '';
      return {
        unknown: words.filter((word) => word.startsWith('zz')),
        completions: last === '' ? [] : VOCABULARY.filter((word) => word.startsWith(last) && word !== last).slice(0, 5),
      };
    },

    'batch.start': ({ photoIds, again }) => {
      const ids = (photoIds ?? [...this.#entries.keys()]).filter((id) => {
        const { photo } = this.#entry(id);
        return photo.width > 0 && (again === true || photo.caption === null);
      });
      const isRunning = this.#batch.state === 'running';
      this.#queue.push(...ids);
      for (const id of ids) this.#change(id, { state: 'waiting', error: null });
      const before = isRunning ? this.#batch : { done: 0, failed: 0, total: 0 };
      this.#batch = { ...before, state: 'running', total: before.total + ids.length, secondsLeft: null };
      if (!isRunning) void this.#work();
      return this.#batch;
    },
    'batch.pause': () => (this.#batch = { ...this.#batch, state: 'paused' }),
    'batch.resume': () => {
      this.#batch = { ...this.#batch, state: 'running' };
      void this.#work();
      return this.#batch;
    },
    'batch.cancel': () => {
      for (const id of this.#queue) this.#change(id, { state: 'none' });
      this.#queue = [];
      this.#batch = { ...this.#batch, state: 'idle' };
      return this.#batch;
    },

    'export.folder': () => ({ path: '/home/user/export' }),
    'export.run': async ({ photoIds, formats, target }, { signal, report }) => {
      const written: string[] = [];
      for (const id of photoIds) {
        await wait(this.#options.pace ?? 0, signal);
        const { photo } = this.#entry(id);
        for (const format of formats) written.push(`${photo.name}.${format}`);
        report({ done: written.length, total: photoIds.length * formats.length, file: photo.name });
      }
      const download = target.kind === 'download' ? { address: '/exports/1', name: 'captions.zip' } : null;
      return { written, skipped: [], unsure: 0, rejected: 0, failed: [], download };
    },
    'export.picture': () => ({ address: `${this.#options.samples ?? '/samples'}/dog-on-grass.jpg`, name: 'dog.png' }),

    'caption.translate': async ({ byHand, caption, to, words }, { signal }) => {
      await wait(this.#options.pace ?? 0, signal);
      if (byHand && caption.startsWith('Meine')) throw new AttendError('unknown-language', 'This is not English.');
      const { model, sentences, text } = translate(caption, 'en', to, 0);
      // Word for word, as its attention has it.
      const translated = sentences.flatMap(({ translations }) => translations[0]!.words);
      const carried = translated.map((one, i) => ({ ...one, weights: words[i]?.weights ?? [] }));
      return { caption: text, words: carried, keywords: [], to, translator: model };
    },

    'caption.beside': ({ model, photoId }) => {
      const { words } = this.#entry(photoId).sample;
      return { caption: `By ${model}.`, words: words.map((word) => ({ ...word, weights: [0.5, 0.5] })), grid: [1, 2] };
    },
    'models.list': () => ({ models: [...this.models.list] }),
    'models.card': ({ name }) => ({ card: `# ${name}\n\n- It was drawn.\n` }),
    'models.offer': ({ name }) => this.models.offer(name),
    'models.add': async ({ name }, { signal, report }) => {
      const { bytes: of } = this.models.offer(name);
      report({ stage: 'load', bytes: of / 4, of });
      await wait(this.#options.pace ?? 0, signal);
      report({ stage: 'convert', bytes: of, of });
      return this.#modelsChanged(this.models.add());
    },
    'models.dialog': () => this.#modelsChanged(this.models.add()),
    'models.choose': ({ name }) => this.#modelsChanged({}, () => this.models.choose(name)),
    'models.remove': ({ name }) => this.#modelsChanged({}, () => this.models.remove(name)),
    'models.measure': ({ name }) => this.#modelsChanged(this.models.measure(name)),

    'translate.models': () =>
      this.#options.translators === false ? { models: [], languages: [], through: [] } : TRANSLATORS,
    'translate.run': async (input, { signal, report }) => {
      await wait(this.#options.pace ?? 0, signal);
      const output = translate(input.text, input.from ?? 'en', input.to, input.alternatives ?? 0);
      for (const [sentence, translated] of output.sentences.entries()) {
        report({ sentence, of: output.sentences.length, translated });
      }
      return output;
    },
    'translate.lookInside': (input) => lookInside(input.text, input.model),

    'learn.caption': (input) =>
      traceCaption(
        input,
        this.#entry(input.photoId).sample.words.map(({ word }) => word),
      ),
    'learn.sentence': (input) => traceSentence(input),
    'learn.softAndHard': ({ photoId }) => {
      const { words } = this.#entry(photoId).sample;
      const cells = words[0]?.weights.length ?? 0;
      // One cell for each word, one behind the other.
      const hard = words.map((word, i) => ({
        ...word,
        weights: Array.from({ length: cells }, (_, cell) => Number(cell === i % cells)),
      }));
      const of = (model: string, own: typeof words) => ({ model, caption: `By ${model}.`, words: own });
      return {
        soft: of('captioner-soft', words),
        hard: of('captioner-hard', hard.slice(0, -1)),
        same: hard,
        grid: this.#entry(photoId).sample.grid as [number, number],
      };
    },
    'learn.captionTree': ({ beam = 3, photoId }) =>
      treeOf(
        this.#entry(photoId).sample.words.map(({ word }) => word),
        beam,
      ),
    'learn.sentenceTree': ({ beam = 5, model, text }) =>
      treeOf(
        lookInside(text, model)
          .target.slice(0, -1)
          .map((token) => token.text),
        beam,
      ),
  };

  /** Changes entries as one step that can be undone. */
  #changed(kind: StepKind, ids: readonly string[], change: (entry: Entry) => void): { step: number } {
    const before = ids.map((id) => ({ ...this.#entry(id) }));
    for (const id of ids) change(this.#entry(id));
    return this.#step(kind, ids, () => {
      for (const entry of before) this.#entries.set(entry.photo.id, entry);
    });
  }

  #step(kind: StepKind, ids: readonly string[], undo: () => void): { step: number } {
    const step = this.#next++;
    this.#done.push({ told: { step, kind, photos: ids.length }, ids, undo });
    this.emit('history', this.#history());
    return { step };
  }

  #history(): History {
    return { undo: this.#done.at(-1)?.told ?? null, redo: null };
  }

  async #work(): Promise<void> {
    while (this.#queue.length > 0 && this.#batch.state === 'running') {
      const id = this.#queue.shift()!;
      this.#change(id, { state: 'running' });
      await wait((this.#options.pace ?? 0) * 3);
      const entry = this.#entries.get(id);
      if (!entry) continue;
      if (entry.photo.name.includes('fails')) {
        const error = { code: 'file-gone', message: `“${entry.photo.name}” is no longer there.` } as const;
        this.#change(id, { state: 'failed', error });
        this.#batch = { ...this.#batch, failed: this.#batch.failed + 1 };
      } else {
        this.#keep(entry, this.#result(entry, {}));
        this.#batch = { ...this.#batch, done: this.#batch.done + 1 };
      }
      this.#batch = { ...this.#batch, secondsLeft: this.#queue.length * 2 };
      if (this.#queue.length === 0) this.#batch = { ...this.#batch, state: 'idle' };
      this.emit('batch', this.#batch);
    }
  }

  #photos(): Photo[] {
    return [...this.#entries.values()].map(({ photo }) => photo);
  }

  #entry(id: string): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new AttendError('not-found', 'The photo is no longer in the list.');
    return entry;
  }

  #change(id: string, fields: Partial<Photo>): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.photo = { ...entry.photo, ...fields };
    this.emit('photos', { changed: [entry.photo], removed: [] });
  }

  #add(name: string, sample: (typeof CAPTIONS)[number]): Entry {
    const id = `p${this.#next++}`;
    // As the service does: each photo has an address of its own.
    const address = `${this.#options.samples ?? '/samples'}/${sample.file}?id=${id}`;
    const photo: Photo = {
      id,
      name,
      path: null,
      width: sample.width,
      height: sample.height,
      thumbnail: address,
      picture: address,
      state: 'none',
      caption: null,
      edited: false,
      review: 'new',
      confidence: null,
      error: null,
      taken: null,
      // As the service does: no two alike.
      addedAt: new Date(Date.UTC(2026, 0, 1) + this.#next).toISOString(),
    };
    const entry: Entry = { photo, sample, result: null, keywords: null, model: null };
    this.#entries.set(id, entry);
    return entry;
  }

  #keep(entry: Entry, result: CaptionResult): void {
    entry.result = result;
    entry.model = result.captions[0]?.caption ?? null;
    const { confidence = null } = result.captions[0] ?? {};
    const { edited, caption } = entry.photo;
    this.#change(entry.photo.id, {
      state: 'done',
      error: null,
      caption: edited ? caption : entry.model,
      confidence,
      notSure: isNotSure(confidence) && !edited,
    });
  }

  #result(entry: Entry, input: Partial<Input<'caption.run'>>): CaptionResult {
    const { sample, photo } = entry;
    const words = this.#words(sample, input);
    const best: Caption = { caption: sentence(words), score: sample.score, confidence: sample.confidence, words };
    const others = sample.alternatives.map(({ caption, confidence, score }) => ({
      caption,
      score,
      confidence,
      words: this.#like(sample, caption),
    }));
    return {
      photoId: photo.id,
      captions: input.sample ? [best] : [best, ...others.slice(0, input.alternatives ?? 4)],
      grid: sample.grid as [number, number],
      keywords: [...sample.keywords],
      given: input.prefix?.length ?? 0,
      model: 'captioner-soft',
      checksum: WEIGHTS,
      backend: 'native',
      milliseconds: { read: 20, encode: 60, decode: 80 },
      at: '2026-01-01T00:00:00.000Z',
    };
  }

  #words(sample: (typeof CAPTIONS)[number], input: Partial<Input<'caption.run'>>): Word[] {
    if (input.sample) return this.#like(sample, `${sample.alternatives.at(-1)?.caption ?? ''} today`);
    const given = input.prefix ?? input.start?.toLowerCase().match(/[\p{L}']+/gu);
    if (!given) return sample.words;
    return this.#like(sample, [...given, ...sample.words.slice(given.length).map(({ word }) => word)].join(' '));
  }

  /** Words with the maps of the sample's own, as far as they go. */
  #like(sample: (typeof CAPTIONS)[number], text: string): Word[] {
    const words = text.toLowerCase().match(/[\p{L}']+/gu) ?? [];
    return words.map((word, i) => {
      const like = sample.words.find((one) => one.word === word) ?? sample.words[i % sample.words.length]!;
      const sure = like.word === word && like.confidence !== undefined ? { confidence: like.confidence } : {};
      return { word, probability: like.probability * 0.9, weights: like.weights, ...sure };
    });
  }
}

const VOCABULARY = ['a', 'airplane', 'and', 'beach', 'brown', 'dog', 'dogs', 'down', 'grass', 'man', 'running', 'snow'];

function sentence(words: readonly { word: string }[]): string {
  const text = words.map(({ word }) => word).join(' ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new AttendError('cancelled', 'Cancelled.'));
    });
  });
}
