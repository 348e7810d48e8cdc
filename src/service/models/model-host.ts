import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { parseBackendName, useBackend, type Backend } from '../../native/backend.ts';
import { deviceOfEnvironment, useDevice } from '../../native/device.ts';
import { AttendError } from '../../contract/attend-error.ts';
import type { DeviceName } from '../../contract/constants/devices.ts';
import type { ModelStatus } from '../../contract/data/app.ts';
import { mayBeEnglish, speaksEnglish } from '../../engine/text/speaks-english.ts';
import { captionPhotos } from '../../captioning/caption-photos.ts';
import { loadCaptioner } from '../../captioning/captioner-model.ts';
import { findCaptioner, findWithAttention, listCaptioners, modelsFolder } from '../../captioning/find-captioner.ts';
import { keywordFinderFor, loadKeywordFinder } from '../../captioning/keyword-finder.ts';
import { photoKeywords } from '../../captioning/keywords.ts';
import { attentiveOf } from '../../captioning/posterior.ts';
import { isFailed } from '../../captioning/result.ts';
import { translateCaptionedPhoto, translateCaptions } from '../../captioning/translate-caption.ts';
import { findNamedModel } from '../../model-folders/find-model.ts';
import { listModels, type ModelKind } from '../../model-folders/installed-models.ts';
import { chooseModel, removeModel } from '../../model-folders/published/add-model.ts';
import { readCards } from '../../model-folders/read-cards.ts';
import { openPhoto } from '../../photos/open-photo.ts';
import { installedModels, type FoundModel } from './list-models.ts';
import { measureCaptioner, measureTranslator } from './measure-model.ts';
import type { ModelTasks } from './model-tasks.ts';
import { keepSpeed } from './speeds.ts';
import { PhotoCaptioner } from '../../captioning/photo-captioner.ts';
import { TextTranslator, type OpenTranslator } from '../../translation/text-translator.ts';

export interface ModelHostOptions {
  /** The captioner's folder or name; left out: the one that comes with Attend. */
  captioner?: string | undefined;
  /** A translator's folder or name, taken before those that come with Attend. */
  translator?: string | undefined;
  /** The folder of the models; default: the package's. */
  models?: string | undefined;
  /** As ATTEND_BACKEND has it. */
  backend?: string | undefined;
  /** Where photos are encoded; left out: as ATTEND_DEVICE has it, or else whoever loads the captioner has it. */
  device?: DeviceName | undefined;
}

/** A captioner in memory, and which one it is. */
interface Loaded {
  readonly key: string;
  readonly captioner: Promise<PhotoCaptioner>;
}

/** The models and what they can be asked; lives in a thread of its own (or, in tests, beside its caller). */
export class ModelHost implements ModelTasks {
  readonly #options: ModelHostOptions;
  readonly #translator: TextTranslator;
  /** The captioner that was named at the start, until another is chosen. */
  #named: string | undefined;
  #loaded: Loaded | undefined;
  /** Another, that somebody asked for beside it. */
  #other: Loaded | undefined;
  #backend: Backend | null = null;
  /** Where captioners that are loaded from now on encode photos. */
  #device: DeviceName | undefined;

  constructor(options: ModelHostOptions = {}) {
    this.#options = options;
    const { models = modelsFolder(), translator } = options;
    this.#named = options.captioner;
    this.#translator = new TextTranslator({ models, preferred: translator, useBackend: () => this.#useBackend() });
  }

  load: ModelTasks['load'] = async ({ device }) => {
    try {
      await this.#encodeOn(this.#options.device ?? deviceOfEnvironment() ?? device);
      const { checksum, model } = await this.#captioner();
      const [rows, columns] = model.grid;
      const { attention, hasMaps } = model;
      return {
        ...this.#status(),
        state: 'ready',
        name: model.name,
        ...(checksum !== undefined && { checksum }),
        grid: hasMaps ? [rows, columns] : null,
        ...(attention && { attention }),
        ...(attentiveOf(model) && { hasPosterior: true }),
        ...(model.device && { device: model.device }),
      };
    } catch (error) {
      const failure = error instanceof AttendError ? error.toJSON() : internal(error);
      return { ...this.#status(), state: failure.code === 'no-captioner' ? 'missing' : 'failed', error: failure };
    }
  };

  cards: ModelTasks['cards'] = () => {
    const { models = modelsFolder(), translator } = this.#options;
    const named = (find: () => string): string[] => {
      try {
        return [find()];
      } catch {
        // That there is none is said where somebody needs it.
        return [];
      }
    };
    return readCards([
      ...named(() => findCaptioner(this.#named, models)),
      ...(translator === undefined ? [] : named(() => findNamedModel('translator', translator, models))),
      ...listModels('translator', models)
        .filter(({ name }) => !name.startsWith('comparison-'))
        .map(({ folder }) => folder),
    ]);
  };

  models: ModelTasks['models'] = async () => (await this.#installed()).map(({ folder: _, ...model }) => model);

  card: ModelTasks['card'] = async ({ name }) => {
    const [found] = await readCards([(await this.#find(name)).folder]);
    return found?.card ?? '';
  };

  choose: ModelTasks['choose'] = async ({ name }) => {
    const { kind } = await this.#find(name);
    await chooseModel(name);
    if (kind === 'captioner') this.#named = undefined;
    else this.#translator.prefer(undefined);
  };

  remove: ModelTasks['remove'] = async ({ name }) => {
    await this.#find(name);
    await removeModel(name);
  };

  measure: ModelTasks['measure'] = async ({ name, sample }, { signal }) => {
    const { folder, kind } = await this.#find(name);
    await this.#useBackend();
    const speed =
      kind === 'captioner' ? await measureCaptioner(folder, sample, signal) : await measureTranslator(folder, signal);
    await keepSpeed(name, speed);
    return speed;
  };

  readPhoto: ModelTasks['readPhoto'] = async (photo, { signal }) => {
    // None is loaded for this, and none is taken away from whoever works with it.
    const captioner = await this.#loaded?.captioner.catch(() => undefined);
    return captioner ? captioner.read(photo, signal) : null;
  };
  encode: ModelTasks['encode'] = async (task) => {
    const captioner = await this.#loaded?.captioner.catch(() => undefined);
    captioner?.encode(task);
  };
  caption: ModelTasks['caption'] = async (task, control) => (await this.#captioner()).caption(task, control);
  beside: ModelTasks['beside'] = async ({ model, photo }, { signal }) => {
    const captioner = await this.#asked(model);
    const { captions, grid } = await captioner.caption({ photo, options: {} }, { signal, report: () => undefined });
    const [best] = captions;
    return { caption: best?.caption ?? '', words: best?.words ?? [], grid };
  };
  candidates: ModelTasks['candidates'] = (task, control) =>
    this.#askWriter(task, (writer) => writer.candidates(task, control));
  occlusion: ModelTasks['occlusion'] = (task, control) =>
    this.#askWriter(task, (writer) => writer.occlusion(task, control));
  maps: ModelTasks['maps'] = (task, control) => this.#askWriter(task, (writer) => writer.maps(task, control));
  vocabulary: ModelTasks['vocabulary'] = async (task) => (await this.#captioner()).vocabulary(task);
  keywords: ModelTasks['keywords'] = async ({ captions }) => photoKeywords(await loadKeywordFinder(), captions);

  photoJson: ModelTasks['photoJson'] = async ({ name, bytes, options, read }, { signal }) => {
    const { keywords: wantsKeywords, language, model: asked, ...wanted } = options;
    // Before the photo is captioned: a language that nobody knows needs no captioner to say so.
    const translator = language === undefined ? undefined : await this.#translatorOfCaptions(language);
    const { model } = await (asked === undefined ? this.#captioner() : this.#asked(asked));
    // Here a photo that is none is the asker's error, with a code, and not a part of the answer.
    if (!read) await openPhoto(bytes, { name, signal });
    const keywords = wantsKeywords ? await keywordFinderFor(model) : undefined;
    for await (const result of captionPhotos(model, [{ name, bytes, read: read ?? undefined }], {
      ...wanted,
      keywords,
      signal,
    })) {
      if (!translator || isFailed(result)) return result;
      return translateCaptionedPhoto(translator.model, result, {
        to: translator.to,
        signal,
        ...(keywords && { keywords }),
      });
    }
    signal.throwIfAborted();
    throw new Error('The captioner gave no answer.');
  };

  translateCaption: ModelTasks['translateCaption'] = async ({ byHand = false, caption, to, words }, { signal }) => {
    if (byHand && !(await this.#mayBeEnglish(caption))) {
      throw new AttendError(
        'unknown-language',
        'This does not seem to be English, from which captions are translated.',
      );
    }
    const translator = await this.#translatorOfCaptions(to, byHand);
    signal.throwIfAborted();
    const find = await loadKeywordFinder();
    const wanted = { to: translator.to, signal, keywords: find };
    const [translated] = await translateCaptions(translator.model, [{ caption, words }], wanted);
    if (!translated) throw new Error('The translator gave no answer.');
    return { keywords: [], ...translated, to: translator.to, translator: translator.name };
  };

  translators: ModelTasks['translators'] = () => this.#translator.list();
  translate: ModelTasks['translate'] = (task, control) => this.#translator.translate(task, control);
  lookInside: ModelTasks['lookInside'] = (task, control) => this.#translator.lookInside(task, control);
  traceCaption: ModelTasks['traceCaption'] = async (task, control) => (await this.#captioner()).trace(task, control);
  traceSentence: ModelTasks['traceSentence'] = (task, control) => this.#translator.trace(task, control);
  softAndHard: ModelTasks['softAndHard'] = async ({ photo, read }, { signal }) => {
    const control = { signal, report: () => undefined };
    const task = { photo, read, options: {} };
    const soft = await (await this.#withAttention('soft')).caption(task, control);
    const [best] = soft.captions;
    const words = best?.words ?? [];
    const prefix = words.map(({ word }) => word);
    const captioner = await this.#withAttention('hard');
    const hard = await captioner.caption(task, control);
    const same = await captioner.caption({ ...task, options: { prefix } }, control);
    const told = ({ captions, model }: typeof hard) => ({
      model,
      caption: captions[0]?.caption ?? '',
      words: captions[0]?.words ?? [],
    });
    return {
      soft: told(soft),
      hard: told(hard),
      same: told(same).words.slice(0, words.length),
      grid: soft.grid,
    };
  };
  captionTree: ModelTasks['captionTree'] = async (task, control) => (await this.#captioner()).tree(task, control);
  sentenceTree: ModelTasks['sentenceTree'] = (task, control) => this.#translator.tree(task, control);

  /** Frees the models. */
  async dispose(): Promise<void> {
    this.#translator.dispose();
    await unload(this.#loaded);
    await unload(this.#other);
  }

  /** The captioner that is taken first now; the one before it goes. */
  #captioner(): Promise<PhotoCaptioner> {
    return this.#kept(this.#folder(), this.#loaded, (loaded) => (this.#loaded = loaded));
  }

  /** One that somebody names. @throws AttendError where it is none */
  async #asked(name: string): Promise<PhotoCaptioner> {
    const { folder, kind } = await this.#find(name, 'captioner');
    if (kind !== 'captioner') throw new AttendError('bad-request', `${name} translates: it captions no photos.`);
    return folder === this.#folder() ? this.#captioner() : this.#beside(folder);
  }

  /** The captioner that wrote a caption. @throws AttendError `not-found` where it is not there any more */
  async #writer(name: string | undefined): Promise<PhotoCaptioner> {
    const names = name === undefined ? [] : namesFor(name, 'captioner');
    if (name === undefined || names.includes(basename(this.#folder()))) return this.#captioner();
    const isThere = (await this.#installed()).some((model) => names.includes(model.name) && model.kind === 'captioner');
    if (isThere) return this.#asked(name);
    // One that was named at the start need not be among them, nor be called like its folder.
    const first = await this.#captioner();
    if (first.model.name === name) return first;
    const told = `This caption was written by ${name}, which is not there any more. Caption the photo anew to ask about its words.`;
    throw new AttendError('not-found', told);
  }

  /** Asks the captioner that wrote a caption; where it has other weights by now, the answer says so. */
  async #askWriter<Answer extends object>(
    { checksum, model }: { checksum?: string | undefined; model?: string | undefined },
    ask: (writer: PhotoCaptioner) => Promise<Answer>,
  ): Promise<Answer & { writtenEarlier?: true }> {
    const writer = await this.#writer(model);
    const answer = await ask(writer);
    return checksum === undefined || checksum === writer.checksum ? answer : { ...answer, writtenEarlier: true };
  }

  /** Of others than the first, the last one stays. */
  #beside(folder: string): Promise<PhotoCaptioner> {
    return this.#kept(folder, this.#other, (loaded) => (this.#other = loaded));
  }

  /** @param keep takes what is loaded, or nothing where that failed */
  #kept(
    folder: string,
    before: Loaded | undefined,
    keep: (loaded: Loaded | undefined) => void,
  ): Promise<PhotoCaptioner> {
    // A model that was replaced by another of its name lies in another folder of that name.
    const key = `${folder} ${statSync(folder).ino}`;
    if (before?.key === key) return before.captioner;
    const loading = {
      key,
      captioner: unload(before).then(() => this.#load(folder)),
    };
    keep(loading);
    loading.captioner.catch(() => {
      // The next request tries again: a model may be there by then.
      if (this.#loaded === loading || this.#other === loading) keep(undefined);
    });
    return loading.captioner;
  }

  /** A captioner of some attention: the first one, or another beside it. @throws AttendError `not-found` where there is none */
  async #withAttention(attention: 'soft' | 'hard'): Promise<PhotoCaptioner> {
    const first = await this.#captioner();
    if (first.model.captioner?.config.attention === attention) return first;
    const folder = await findWithAttention(attention, this.#options.models);
    if (folder === undefined) throw new AttendError('not-found', `There is no captioner with ${attention} attention.`);
    return this.#beside(folder);
  }

  /** Captioners that encode elsewhere go. */
  async #encodeOn(device: DeviceName): Promise<void> {
    if (device === this.#device) return;
    this.#device = device;
    useDevice(device);
    const before = [this.#loaded, this.#other];
    this.#loaded = this.#other = undefined;
    for (const one of before) await unload(one);
  }

  #folder(): string {
    const { models = modelsFolder() } = this.#options;
    if (this.#named === undefined && listCaptioners(models).length === 0) {
      throw new AttendError('no-captioner', firstSentence(messageOf(() => findCaptioner(undefined, models))));
    }
    return findCaptioner(this.#named, models);
  }

  async #load(folder: string): Promise<PhotoCaptioner> {
    await this.#useBackend();
    return new PhotoCaptioner(await loadCaptioner(folder));
  }

  #installed(): Promise<FoundModel[]> {
    return installedModels(this.#options.models);
  }

  /** @param expected its kind, which then need not be named */
  async #find(wanted: string, expected?: ModelKind): Promise<FoundModel> {
    const all = await this.#installed();
    const found = namesFor(wanted, expected)
      .map((own) => all.find(({ name }) => name === own))
      .find(Boolean);
    if (found) return found;
    const names = all.map(({ name }) => name).join(', ');
    throw new AttendError('not-found', `There is no model "${wanted}" here. There are: ${names}.`);
  }

  /** Whether a text that somebody wrote may be English, as far as the captioner knows it. */
  async #mayBeEnglish(text: string): Promise<boolean> {
    const captioner = await this.#captioner().catch(() => undefined);
    const vocabulary = captioner?.model.vocabulary;
    return !vocabulary || !speaksEnglish(vocabulary) || mayBeEnglish(text, vocabulary);
  }

  /** @param byHand people write of more than captions speak of */
  #translatorOfCaptions(to: string, byHand = false): Promise<OpenTranslator> {
    return this.#translator.open({ from: 'en', to, ...(byHand ? {} : { domain: 'captions' }) });
  }

  async #useBackend(): Promise<void> {
    this.#backend = await useBackend(parseBackendName(this.#options.backend));
  }

  #status(): ModelStatus {
    return { state: 'loading', name: null, backend: this.#backend, grid: null, error: null };
  }
}

async function unload(loaded: Loaded | undefined): Promise<void> {
  const captioner = await loaded?.captioner.catch(() => undefined);
  captioner?.dispose();
}

function internal(error: unknown): { code: 'internal'; message: string } {
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}

function messageOf(action: () => unknown): string {
  try {
    action();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

/** What to do about it at a command line is nothing to somebody before a window. */
const firstSentence = (message: string): string => /^.*?\.(?= [A-Z]|$)/.exec(message)?.[0] ?? message;

/** What a model may be called that somebody names: where its kind is known, it need not be said. */
function namesFor(wanted: string, kind?: ModelKind): string[] {
  return kind === undefined ? [wanted] : [wanted, `${kind}-${wanted}`];
}
