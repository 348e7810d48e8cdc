import { readFile, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { MODEL_KINDS, type ModelKind } from '../../contract/constants/model-kinds.ts';
import type { InstalledModel } from '../../contract/data/models.ts';
import { speaksEnglish } from '../../engine/text/speaks-english.ts';
import { readJson } from '../../files/read-file.ts';
import { isLicence } from '../../model-folders/published/published-card.ts';
import { installedFolder, listModels, modelsFolder } from '../../model-folders/installed-models.ts';
import { listTranslators } from '../../translation/find-translator.ts';
import { readSpeeds, type Speed } from './speeds.ts';

/** A model that is there, and where. */
export interface FoundModel extends InstalledModel {
  readonly folder: string;
}

/**
 * The models that are there, for the command line and the page: captioners, then translators, each in the order in which
 * they are taken. None is loaded.
 */
export async function installedModels(models = modelsFolder()): Promise<FoundModel[]> {
  const speeds = await readSpeeds();
  return (await Promise.all(MODEL_KINDS.map((kind) => modelsOf(kind, models, speeds)))).flat();
}

async function modelsOf(kind: ModelKind, models: string, speeds: ReadonlyMap<string, Speed>): Promise<FoundModel[]> {
  const about =
    kind === 'captioner'
      ? await Promise.all(listModels(kind, models).map(captioner))
      : (await listTranslators(models)).map(({ folder, from, name, title, to }) => ({
          folder,
          name,
          title,
          from,
          to: [...to],
        }));
  return Promise.all(
    about.map(async (one, place) => ({
      ...one,
      kind,
      isFirst: place === 0,
      isAdded: resolve(one.folder, '..') === resolve(installedFolder()),
      bytes: await sizeOf(one.folder),
      licence: await licenceOf(one.folder),
      speed: speeds.get(one.name) ?? null,
    })),
  );
}

type About = Pick<FoundModel, 'folder' | 'name' | 'title' | 'from' | 'to'>;

async function captioner({ folder, name }: { folder: string; name: string }): Promise<About> {
  const { metadata = {} } = (await readJson(join(folder, 'model.json')).catch(() => ({}))) as {
    metadata?: { family?: string; vocabulary?: string[] };
  };
  const words = new Set(metadata.vocabulary ?? (await piecesOf(folder)));
  return { folder, name, title: metadata.family ?? null, from: null, to: speaksEnglish(words) ? ['en'] : [] };
}

/** The pieces of a published captioner's vocabulary, without the mark of a word's beginning. */
async function piecesOf(folder: string): Promise<string[]> {
  const { model } = (await readJson(join(folder, 'tokenizer.json')).catch(() => ({}))) as {
    model?: { vocab?: Record<string, number> };
  };
  return Object.keys(model?.vocab ?? {}).map((piece) => piece.replace(/^[\u0120\u2581]/, ''));
}

/** What the card says: of those that were added in a line of its own, of Attend's own in the text. */
async function licenceOf(folder: string): Promise<string | null> {
  const card = await readFile(join(folder, 'README.md'), 'utf8').catch(() => '');
  const [, line] = /^- Licence: (?!not stated)(.+)$/m.exec(card) ?? [];
  const [, own] = /weights\s+come\s+under\s+([\w.-]*\w)/.exec(card) ?? [];
  return [line, own].find((stated) => stated !== undefined && isLicence(stated)) ?? null;
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
