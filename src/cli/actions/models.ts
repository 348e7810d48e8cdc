import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { dataSize } from '../../files/data-size.ts';
import { addFromHub, offerFromHub } from '../../model-folders/hub/add-from-hub.ts';
import { HubConnection } from '../../model-folders/hub/hub-connection.ts';
import { hubReference, isHubName } from '../../model-folders/hub/hub-name.ts';
import { addModel, chooseModel, removeModel, type AddedModel } from '../../model-folders/published/add-model.ts';
import { installedModels } from '../../service/models/list-models.ts';
import { languageName } from '../../translation/languages.ts';
import { UsageError } from '../exit.ts';
import { Interruption } from '../terminal/interruption.ts';
import { warnOfDefaults } from '../terminal/warn-of-defaults.ts';
import { bar, duration, Progress } from '../terminal/progress.ts';

/** `attend models`. */
export async function list({ json = false }: { json?: boolean }): Promise<void> {
  warnOfDefaults();
  const models = await installedModels();
  if (json) {
    process.stdout.write(`${JSON.stringify(models, null, 2)}\n`);
    return;
  }
  const width = Math.max(...models.map(({ name }) => name.length));
  for (const { bytes, from, isFirst, kind, licence, name, speed, title, to } of models) {
    const written = to.map((code) => languageName(code)).join(', ');
    const facts = [
      title ?? kind,
      from === null ? written : `${languageName(from)} to ${written}`,
      licence ?? '',
      speed === null ? '' : `${Math.round(speed.milliseconds)} ms a ${kind === 'captioner' ? 'photo' : 'sentence'}`,
    ];
    process.stdout.write(
      `${isFirst ? '*' : ' '} ${name.padEnd(width)}  ${dataSize(bytes).padStart(9)}  ${facts.filter((fact) => fact !== '').join(', ')}\n`,
    );
  }
  process.stdout.write(
    '\n* is taken where nobody names another. "attend models add FOLDER" or "… owner/name" adds a published model.\n',
  );
}

/** `attend models add`. */
export async function add(wanted: string, options: { revision?: string; yes?: boolean }): Promise<void> {
  if (existsSync(wanted)) {
    if (options.revision !== undefined) {
      throw new UsageError(
        `${wanted} is a folder here, which has no revisions. For the model of the Hub, go to another folder.`,
      );
    }
    tellAdded(await addModel(wanted));
    return;
  }
  // Of which Hub an address is, whoever asks it sees.
  if (!hubReference(wanted) && !/^https?:\/\//i.test(wanted)) {
    throw new Error(
      `There is no folder ${wanted}, and it is no name of a model on the Hub, which has the form owner/name.`,
    );
  }
  const [parent = ''] = wanted.split('/');
  if (isHubName(wanted) && existsSync(parent)) {
    throw new UsageError(
      `There is no ${wanted} here, though there is ${parent}. If you mean the model of that name on the Hub, go to another folder.`,
    );
  }
  const added = await load(wanted, options);
  if (added) tellAdded(added);
}

/** Loads a model from the Hub, once somebody has seen what it is. @returns nothing where they did not want it */
async function load(
  name: string,
  { revision, yes = false }: { revision?: string; yes?: boolean },
): Promise<AddedModel | undefined> {
  const connection = new HubConnection();
  const interruption = new Interruption('Stopped. What was loaded is kept; the same command goes on from there.');
  const progress = new Progress();
  const { signal } = interruption;
  try {
    const offer = await offerFromHub(connection, name, { revision, signal });
    const rest = offer.loaded < 100_000 ? '' : ` (${dataSize(offer.loaded)} of it are there already)`;
    process.stderr.write(
      `${offer.name}, revision ${offer.revision}\n` +
        `  family:  ${offer.family}\n` +
        `  licence: ${offer.licence ?? 'its authors state none'}\n` +
        `  size:    ${dataSize(offer.bytes)} to load${rest} from ${connection.host}\n`,
    );
    if (!yes && !(await isWanted(signal))) return undefined;
    const begin = performance.now();
    const added = await addFromHub(connection, offer, {
      signal,
      report: ({ bytes, of, stage }) => {
        if (stage === 'convert') {
          progress.show('writing its weights as float16 …');
          return;
        }
        const speed = (bytes - offer.loaded) / ((performance.now() - begin) / 1000);
        const left = speed > 0 ? `, ${duration((of - bytes) / speed)} left` : '';
        progress.show(`${bar(bytes / of)} ${dataSize(bytes)} of ${dataSize(of)}${left}`);
      },
    });
    return added;
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = interruption.exitCode;
    return undefined;
  } finally {
    progress.clear();
    interruption.dispose();
  }
}

async function isWanted(signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError('Nothing was loaded: say --yes where nobody can be asked.');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question('Load it? [y/N] ', { signal })).trim());
  } finally {
    terminal.close();
  }
}

function tellAdded({ bytes, family, folder, kind, name }: AddedModel): void {
  process.stdout.write(
    `Added ${name}: a ${kind} of the family ${family}, ${dataSize(bytes)}, in ${folder}.\n` +
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
