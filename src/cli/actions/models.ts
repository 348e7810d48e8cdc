import { existsSync } from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { listModels, modelsFolder, type ModelKind } from '../../model-folders/installed-models.ts';
import { addModel, chooseModel, removeModel } from '../../model-folders/published/add-model.ts';
import { listTranslators, readTranslator } from '../../translation/find-translator.ts';
import { languageName } from '../../translation/languages.ts';

/** A model as `attend models --json` has it. */
interface ListedModel {
  name: string;
  kind: ModelKind;
  /** Whether it is taken where nobody names another. */
  first: boolean;
  /** Of a published model, what its authors call its kind. */
  family?: string;
  from?: string;
  to?: readonly string[];
  bytes: number;
  folder: string;
}

/** `attend models`. */
export async function list({ json = false }: { json?: boolean }): Promise<void> {
  const models = (await Promise.all((['captioner', 'translator'] as const).map(describe))).flat();
  if (json) {
    process.stdout.write(`${JSON.stringify(models, null, 2)}\n`);
    return;
  }
  const width = Math.max(...models.map(({ name }) => name.length));
  for (const { bytes, family, first, from, kind, name, to } of models) {
    const languages =
      from === undefined ? '' : `, ${languageName(from)} to ${(to ?? []).map((code) => languageName(code)).join(', ')}`;
    const mark = first ? '*' : ' ';
    process.stdout.write(
      `${mark} ${name.padEnd(width)}  ${megabytes(bytes).padStart(9)}  ${family ?? kind}${languages}\n`,
    );
  }
  process.stdout.write('\n* is taken where nobody names another. "attend models add FOLDER" adds a published model.\n');
}

async function describe(kind: ModelKind): Promise<ListedModel[]> {
  const listed = listModels(kind, modelsFolder());
  // Translators have an order of their own: those for all texts come first.
  const first = kind === 'captioner' ? listed[0]?.name : (await listTranslators())[0]?.name;
  return Promise.all(
    listed.map(async ({ folder, name }): Promise<ListedModel> => {
      const common = { name, kind, first: name === first, bytes: await sizeOf(folder), folder };
      if (kind === 'captioner') return { ...common, ...(await familyOf(folder)) };
      const { from, title, to } = await readTranslator(folder);
      return { ...common, family: title, from, to };
    }),
  );
}

async function familyOf(folder: string): Promise<{ family?: string }> {
  const { metadata } = JSON.parse(await readFile(join(folder, 'model.json'), 'utf8')) as {
    metadata?: { family?: string };
  };
  return metadata?.family === undefined ? {} : { family: metadata.family };
}

async function sizeOf(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (file) => (await stat(join(folder, file))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** `attend models add`. */
export async function add(path: string): Promise<void> {
  if (!existsSync(path)) throw new Error(`There is no folder ${path}.`);
  const { bytes, family, folder, kind, name } = await addModel(path);
  process.stdout.write(
    `Added ${name}: a ${kind} of the family ${family}, ${megabytes(bytes)}, in ${folder}.\n` +
      `Take it with --model ${name}, or always with "attend models default ${name}".\n`,
  );
}

/** `attend models remove`. */
export async function remove(name: string): Promise<void> {
  process.stdout.write(`Removed ${await removeModel(name)}.\n`);
}

/** `attend models default`. */
export async function choose(wanted: string): Promise<void> {
  const { kind, name } = await chooseModel(wanted);
  process.stdout.write(`${name} is now the ${kind} that is taken where nobody names another.\n`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
