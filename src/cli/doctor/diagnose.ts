import { createRequire } from 'node:module';
import { cpus, totalmem } from 'node:os';
import sharp from 'sharp';
import type { CardName, DeviceName } from '../../contract/constants/devices.ts';
import type { BackendName } from '../../contract/constants/backends.ts';
import { useBackend, type Backend } from '../../native/backend.ts';
import { cacheFolder } from '../../files/cache-folder.ts';
import { cardsHere } from '../../native/cards.ts';
import { onnxInstallation } from '../../native/onnx-installation.ts';
import { tryCards, type CardTrial } from '../../captioning/encode-on-card.ts';
import { captionPhotos } from '../../captioning/caption-photos.ts';
import { checkCaptioner, loadCaptioner } from '../../captioning/captioner-model.ts';
import { findCaptioner, listCaptioners, modelsFolder } from '../../captioning/find-captioner.ts';
import { listModels } from '../../model-folders/installed-models.ts';
import { readTranslator } from '../../translation/find-translator.ts';
import type { ModelFile } from '../../model-folders/model-files.ts';
import { packageVersion } from '../../files/package-root.ts';
import { isFailed } from '../../captioning/result.ts';
import { translate } from '../../translation/translate.ts';
import { checkTranslator, loadTranslator } from '../../translation/translator-model.ts';

const require = createRequire(import.meta.url);

/** The state of an installation. */
export interface Diagnosis {
  version: string;
  node: string;
  /** "linux x64". */
  system: string;
  processor: string;
  memoryBytes: number;
  backend: Backend | { name: null; reason: string };
  cards: CardsDiagnosis;
  /** Version of each package that does a part of the work; null where it is not installed. */
  packages: Record<string, string | null>;
  modelsFolder: string;
  /** The captioners. */
  models: ModelDiagnosis[];
  translators: TranslatorDiagnosis[];
  /** What would be faster, and what to do for it. */
  advice: string[];
  /** Whether photos can be captioned, and all translators that are there can translate. */
  works: boolean;
}

/** The graphics cards, as ONNX Runtime reaches them. */
export interface CardsDiagnosis {
  /** What it was built for on this system; none of them need be there. */
  offered: readonly CardName[];
  /** Those that were tried with the captioner that is taken first; empty where nobody asked. */
  tried: CardTrial[];
}

export interface ModelDiagnosis {
  name: string;
  folder: string;
  /** Every file, its checksum verified; empty where there is a problem. */
  files: ModelFile[];
  /** What is wrong; null where nothing is. */
  problem: string | null;
  /** Whether it is the one of the package that is taken where nobody names another. */
  isDefault: boolean;
  /** The caption of a test photo, after a first one that warmed everything up; null where there is none. */
  trial: { milliseconds: number; wholeGraph: boolean } | null;
}

export interface TranslatorDiagnosis {
  name: string;
  folder: string;
  /** "Transformer"; null where there is a problem, as are the languages. */
  title: string | null;
  from: string | null;
  to: readonly string[];
  /** Every file, its checksum verified; empty where there is a problem. */
  files: ModelFile[];
  problem: string | null;
  /** The translation of a test sentence, after a first one that warmed everything up; null where there is none. */
  trial: { milliseconds: number } | null;
}

/**
 * Looks at everything that captioning and translating need. Problems are part of the answer, never thrown.
 *
 * @param wanted the backend that is asked for
 * @param model a captioner's folder or name; left out: all models of the package, the translators too
 * @param folder the folder of the models
 * @param device the graphics cards that are tried: "gpu" for all of them
 */
export async function diagnose(
  wanted?: BackendName,
  model?: string,
  folder: string = modelsFolder(),
  device: DeviceName = 'cpu',
): Promise<Diagnosis> {
  const backend = await useBackend(wanted).catch((error: unknown) => ({
    name: null,
    reason: (error as Error).message,
  }));
  const models: ModelDiagnosis[] = [];
  for (const name of model === undefined ? listCaptioners(folder) : [model]) {
    const isDefault = model === undefined && models.length === 0;
    models.push(await diagnoseModel(name, folder, isDefault, backend.name !== null));
  }
  const translators: TranslatorDiagnosis[] = [];
  for (const { folder: own, name } of model === undefined ? listModels('translator', folder) : []) {
    translators.push(await diagnoseTranslator(name, own, backend.name !== null));
  }
  const cards = await diagnoseCards(backend, device, models[0]);
  const [processor] = cpus();
  return {
    version: packageVersion(),
    node: process.version,
    system: `${process.platform} ${process.arch}`,
    processor: `${cpus().length} x ${processor?.model.trim() ?? 'unknown'}`,
    memoryBytes: totalmem(),
    backend,
    cards,
    packages: {
      'onnxruntime-node': versionOf('onnxruntime-node'),
      '@tensorflow/tfjs-core': versionOf('@tensorflow/tfjs-core'),
      '@tensorflow/tfjs-node': versionOf('@tensorflow/tfjs-node'),
      '@tensorflow/tfjs-backend-wasm': versionOf('@tensorflow/tfjs-backend-wasm'),
      '@tensorflow-models/mobilenet': versionOf('@tensorflow-models/mobilenet'),
      sharp: sharp.versions.sharp,
      libvips: sharp.versions.vips,
    },
    modelsFolder: folder,
    models,
    translators,
    advice: adviceFor(backend, models, wanted),
    works:
      models.some(({ isDefault, trial }) => (isDefault || model !== undefined) && trial !== null) &&
      [...models, ...translators].every(({ problem }) => !problem),
  };
}

async function diagnoseModel(
  name: string,
  models: string,
  isDefault: boolean,
  hasBackend: boolean,
): Promise<ModelDiagnosis> {
  const diagnosis: ModelDiagnosis = { name, folder: name, files: [], problem: null, isDefault, trial: null };
  try {
    diagnosis.folder = findCaptioner(name, models);
    diagnosis.files = await checkCaptioner(diagnosis.folder);
    if (hasBackend) diagnosis.trial = await tryOut(diagnosis.folder);
  } catch (error) {
    diagnosis.problem = error instanceof Error ? error.message : String(error);
  }
  return diagnosis;
}

async function tryOut(folder: string): Promise<ModelDiagnosis['trial']> {
  const model = await loadCaptioner(folder, { device: 'cpu' });
  try {
    const bytes = await sharp({ create: { width: 64, height: 48, channels: 3, background: '#5a8f4c' } })
      .png()
      .toBuffer();
    const photo = { name: 'the test photo', bytes };
    let milliseconds = 0;
    for await (const result of captionPhotos(model, [photo, photo], { batchSize: 1 })) {
      if (isFailed(result)) throw new Error(result.error);
      const { read, encode, decode } = result.milliseconds;
      milliseconds = Math.round(read + encode + decode);
    }
    return { milliseconds, wholeGraph: model.wholeGraph };
  } finally {
    model.dispose();
  }
}

async function diagnoseCards(
  backend: Diagnosis['backend'],
  device: DeviceName,
  first: ModelDiagnosis | undefined,
): Promise<CardsDiagnosis> {
  if (backend.name !== 'onnx') return { offered: [], tried: [] };
  const { offered } = cardsHere();
  if (device === 'cpu' || first?.problem !== null) return { offered, tried: [] };
  const model = await loadCaptioner(first.folder, { device: 'cpu', forCards: true });
  try {
    return { offered, tried: await tryCards(model, device === 'gpu' ? offered : [device]) };
  } finally {
    model.dispose();
  }
}

async function diagnoseTranslator(name: string, folder: string, hasBackend: boolean): Promise<TranslatorDiagnosis> {
  const diagnosis: TranslatorDiagnosis = {
    name,
    folder,
    title: null,
    from: null,
    to: [],
    files: [],
    problem: null,
    trial: null,
  };
  try {
    const { from, title, to } = await readTranslator(folder);
    Object.assign(diagnosis, { from, title, to, files: await checkTranslator(folder) });
    if (hasBackend) diagnosis.trial = await tryTranslator(folder);
  } catch (error) {
    diagnosis.problem = error instanceof Error ? error.message : String(error);
  }
  return diagnosis;
}

async function tryTranslator(folder: string): Promise<TranslatorDiagnosis['trial']> {
  const model = await loadTranslator(folder);
  try {
    let milliseconds = 0;
    for (let i = 0; i < 2; i++) {
      const begin = performance.now();
      await translate(model, ['A dog runs through the snow.'], { to: model.to[0] as string });
      milliseconds = Math.round(performance.now() - begin);
    }
    return { milliseconds };
  } finally {
    model.dispose();
  }
}

function adviceFor(
  backend: Diagnosis['backend'],
  models: readonly ModelDiagnosis[],
  wanted: BackendName | undefined,
): string[] {
  const advice: string[] = [];
  if (backend.name !== null && backend.name !== 'onnx' && wanted !== undefined) {
    advice.push(`ATTEND_BACKEND=${wanted} forces this backend. Without it ONNX Runtime is used where it is installed.`);
  } else if (backend.name !== null && backend.name !== 'onnx') {
    advice.push(`ONNX Runtime is faster: "${onnxInstallation()}" installs it where it is to be had.`);
  }
  if (backend.name === 'native' && models.some(({ trial }) => trial?.wholeGraph === false)) {
    advice.push(
      `TensorFlow runs models operation by operation, because ${cacheFolder()} cannot be written. ` +
        'Set ATTEND_CACHE to a folder that can.',
    );
  }
  return advice;
}

function versionOf(name: string): string | null {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    return null;
  }
}
