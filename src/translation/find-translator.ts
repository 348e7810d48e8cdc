import { readFileSync, statSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { decodeManifest } from '../engine/checkpoint/manifest.ts';
import { MANIFEST } from '../engine/checkpoint/store.ts';
import { findNamedModel, noModel } from '../model-folders/find-model.ts';
import { defaultModel, listModels, modelsFolder } from '../model-folders/installed-models.ts';
import { isPublishedFolder } from '../model-folders/published/published-folder.ts';
import { describePublished } from '../model-folders/published/read-published.ts';
import { SEVERAL } from '../model-folders/published/marian-folder.ts';
import { isSameLanguage, knownLanguage, SameLanguageError, UnknownLanguageError } from './languages.ts';
import { PIVOT } from './pivot.ts';
import { loadingFrom } from '../model-folders/model-files.ts';
import type { TranslationDomain } from '../contract/constants/translation-domains.ts';
import { describeTranslator, type TranslatorDescription } from './translator-checkpoint.ts';

/** A translator that could be loaded. */
export interface TranslatorListing extends TranslatorDescription {
  readonly name: string;
  readonly folder: string;
  /** Whether it was trained to be compared with others, and not to translate as well as can be. */
  readonly isComparison: boolean;
}

/** A description and the state of the file that it was read from. */
interface KnownDescription {
  readonly stamp: string;
  readonly description: TranslatorDescription;
}

/** By file. A translation asks what translators there are, and their vocabularies take longer to read than a sentence. */
const descriptions = new Map<string, KnownDescription>();

/**
 * Reads what a translator is without its weights, unless it is known from before and its file stands as it did.
 *
 * @throws Error that names the folder
 */
export async function readTranslator(folder: string): Promise<TranslatorListing> {
  return loadingFrom(folder, async () => {
    const isPublished = isPublishedFolder(folder);
    const file = resolve(folder, isPublished ? 'config.json' : MANIFEST);
    const status = statSync(file);
    if (!status.isFile()) throw new Error('its description is no file.');
    const { ino, mtimeMs, size } = status;
    const stamp = `${ino} ${mtimeMs} ${size}`;
    const known = descriptions.get(file);
    const description =
      known?.stamp === stamp
        ? known.description
        : describeTranslator(isPublished ? await describePublished(folder) : await decodeManifest(readFileSync(file)));
    descriptions.set(file, { stamp, description });
    const name = basename(resolve(folder));
    return { ...description, name, folder, isComparison: name.startsWith('comparison-') };
  });
}

/**
 * The translators in a folder of models: the one that somebody chose, those for all texts first, of them those that know more languages, then by
 * name; those to be compared last, from no attention over one to many.
 */
export async function listTranslators(models = modelsFolder()): Promise<TranslatorListing[]> {
  const listed = listModels('translator', models);
  const found = await Promise.all(listed.map(({ folder }) => readTranslator(folder)));
  const chosen = models === modelsFolder() ? defaultModel('translator') : undefined;
  const maps = ({ heads, isComparison, layers }: TranslatorListing): number => (isComparison ? layers * heads : 0);
  return found.sort(
    (a, b) =>
      Number(b.name === chosen) - Number(a.name === chosen) ||
      Number(a.isComparison) - Number(b.isComparison) ||
      Number(a.domain !== undefined) - Number(b.domain !== undefined) ||
      b.to.length - a.to.length ||
      maps(a) - maps(b) ||
      (a.name < b.name ? -1 : 1),
  );
}

/** Puts those that were made for a kind of text first. @param listings best first */
export function bestFor(
  listings: readonly TranslatorListing[],
  wanted: TranslationDomain | undefined,
): TranslatorListing[] {
  if (wanted === undefined) return [...listings];
  return listings.toSorted((a, b) => Number(b.domain === wanted) - Number(a.domain === wanted));
}

/** Which translator is wanted. */
export interface WantedTranslator {
  /** A model's folder, or a name in the folder of models with or without "translator-"; nothing: the first that can. */
  model?: string | undefined;
  /** A language tag; nothing: any. */
  to?: string | undefined;
  /** A language tag; nothing: any. */
  from?: string | undefined;
  /** What is to be translated; nothing: any text. */
  domain?: TranslationDomain | undefined;
}

/**
 * The translator to take.
 * @throws UnknownLanguageError that lists the known languages; Error where there is no such model
 */
export async function findTranslator(wanted: WantedTranslator, models = modelsFolder()): Promise<TranslatorListing> {
  const candidates =
    wanted.model === undefined
      ? bestFor(await listTranslators(models), wanted.domain)
      : [await readTranslator(findNamedModel('translator', wanted.model, models))];
  if (candidates.length === 0) throw new Error(noModel('translator', models));
  return chooseTranslator(candidates, wanted);
}

/**
 * The translators to take one behind the other where none goes all the way: to English, and from it.
 * @returns undefined where there are no two
 * @throws SameLanguageError where the text is in that language already
 */
export function chooseThrough(
  candidates: readonly TranslatorListing[],
  { from, to }: Pick<WantedTranslator, 'from' | 'to'>,
): readonly [TranslatorListing, TranslatorListing] | undefined {
  if (from === undefined || to === undefined) return undefined;
  if (isSameLanguage(from, to)) throw new SameLanguageError(from, to);
  const find = (reads: string, writes: string): TranslatorListing | undefined =>
    candidates.find((one) => readsLanguage(one, reads) && knownLanguage(writes, one.to) !== undefined);
  const [first, second] = [find(from, PIVOT), find(PIVOT, to)];
  return first && second && [first, second];
}

/** Pairs of languages between which there is a way through English only. */
export function pairsThrough(listings: readonly TranslatorListing[]): { from: string; to: string }[] {
  const sources = distinct(listings.filter(({ to }) => to.includes(PIVOT)).map(({ from }) => from));
  const targets = distinct(listings.filter(({ from }) => from === PIVOT).flatMap(({ to }) => to));
  const isDirect = (from: string, to: string): boolean =>
    listings.some((one) => one.from === from && one.to.includes(to));
  return sources.flatMap((from) =>
    targets.flatMap((to) => (to === from || to === PIVOT || isDirect(from, to) ? [] : [{ from, to }])),
  );
}

function readsLanguage(listing: TranslatorListing, language: string): boolean {
  return knownLanguage(language, [listing.from]) !== undefined || listing.from === SEVERAL;
}

/**
 * The first that knows the languages.
 * @param candidates at least one
 * @throws UnknownLanguageError that lists the known languages
 */
export function chooseTranslator(
  candidates: readonly TranslatorListing[],
  { from, to }: Pick<WantedTranslator, 'from' | 'to'>,
): TranslatorListing {
  // Those that read any language come after those that are made for one.
  const reading = candidates
    .filter((one) => from === undefined || readsLanguage(one, from))
    .toSorted((a, b) => Number(a.from === SEVERAL) - Number(b.from === SEVERAL));
  if (reading.length === 0)
    throw new UnknownLanguageError('from', from ?? '', distinct(candidates.map((one) => one.from)));
  const found = reading.find((one) => to === undefined || knownLanguage(to, one.to) !== undefined);
  if (!found) throw new UnknownLanguageError('to', to ?? '', distinct(reading.flatMap((one) => one.to)));
  return found;
}

function distinct(codes: readonly string[]): string[] {
  return [...new Set(codes)];
}
