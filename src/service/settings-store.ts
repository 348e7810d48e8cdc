import { DEFAULT_SETTINGS } from '../contract/constants/default-settings.ts';
import { Settings } from '../contract/data/settings.ts';
import { asideOf, copyAside } from '../files/journal.ts';
import { withoutMark } from '../files/read-file.ts';
import { readWhole } from '../files/read-whole.ts';
import { OutputError, writeFileAtomically } from '../files/write-file.ts';

/**
 * The settings, kept in a file. What is damaged in it is as if it were not there, told of, and kept aside byte for byte;
 * what this Attend does not know, as a newer one writes it, stays in it.
 */
export class SettingsStore {
  readonly #file: string;
  #settings: Settings;
  /** As they are on disk. */
  #written: Settings;
  /** What else the file holds. */
  readonly #unknown: Readonly<Record<string, unknown>>;
  /** Where the damaged file is kept; null where nothing was wrong. */
  readonly damaged: string | null;
  /** Whether no copy of it could be made yet. */
  #uncopied: boolean;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, { isDamaged, settings, unknown }: ReadSettings, aside: string | null) {
    this.#file = file;
    this.#settings = settings;
    this.#written = settings;
    this.#unknown = unknown;
    this.damaged = isDamaged ? (aside ?? file) : null;
    this.#uncopied = isDamaged && aside === null;
  }

  static async open(file: string): Promise<SettingsStore> {
    const read = soundSettings(await kept(file));
    const aside = asideOf(file);
    const isAside = read.isDamaged && (await copyAside(file, aside));
    const store = new SettingsStore(file, read, isAside ? aside : null);
    // So that it is told once.
    if (isAside) await store.set({}).catch(() => undefined);
    return store;
  }

  get(): Settings {
    return this.#settings;
  }

  /** Changes some settings; they are on disk when the promise is kept. What cannot be written is as it was. */
  async set(change: Partial<Settings>): Promise<Settings> {
    const settings = Settings.parse({ ...this.#settings, ...change });
    this.#settings = settings;
    const write = this.#writing.then(() => this.#write(settings));
    this.#writing = write.catch(() => {
      if (this.#settings === settings) this.#settings = this.#written;
    });
    await write;
    return settings;
  }

  async #write(settings: Settings): Promise<void> {
    if (this.#uncopied && !(await copyAside(this.#file))) {
      throw new OutputError(this.#file, 'it is damaged, and no copy of it can be made.');
    }
    this.#uncopied = false;
    await writeFileAtomically(this.#file, `${JSON.stringify({ ...this.#unknown, ...settings }, null, 2)}\n`);
    this.#written = settings;
  }
}

interface ReadSettings {
  readonly settings: Settings;
  readonly unknown: Readonly<Record<string, unknown>>;
  readonly isDamaged: boolean;
}

/** The value in the file; `{}` where there is none, undefined where it is no JSON or cannot be read. */
async function kept(file: string): Promise<unknown> {
  try {
    return JSON.parse(withoutMark((await readWhole(file)).toString('utf8')));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? {} : undefined;
  }
}

/** Each setting that is sound, else its default. */
function soundSettings(kept: unknown): ReadSettings {
  const isObject = typeof kept === 'object' && kept !== null && !Array.isArray(kept);
  const values = new Map(isObject ? Object.entries(kept) : []);
  const sound: Record<string, unknown> = {};
  let isDamaged = !isObject;
  for (const [name, schema] of Object.entries(Settings.shape)) {
    const parsed = schema.safeParse(values.get(name));
    // One that an earlier Attend did not have is no damage.
    isDamaged ||= !parsed.success && values.has(name);
    sound[name] = parsed.success ? parsed.data : DEFAULT_SETTINGS[name as keyof Settings];
    values.delete(name);
  }
  return { settings: sound as Settings, unknown: Object.fromEntries(values), isDamaged };
}
