import { readFile } from 'node:fs/promises';
import { DEFAULT_SETTINGS } from '../contract/constants/default-settings.ts';
import { Settings } from '../contract/data/settings.ts';
import { writeFileAtomically } from '../files/write-file.ts';

/** The settings, kept in a file. What is damaged or unknown in it is as if it were not there. */
export class SettingsStore {
  readonly #file: string;
  #settings: Settings;
  #writing: Promise<void> = Promise.resolve();

  private constructor(file: string, settings: Settings) {
    this.#file = file;
    this.#settings = settings;
  }

  static async open(file: string): Promise<SettingsStore> {
    let kept: unknown;
    try {
      kept = JSON.parse(await readFile(file, 'utf8'));
    } catch {
      kept = {};
    }
    return new SettingsStore(file, soundSettings(kept));
  }

  get(): Settings {
    return this.#settings;
  }

  /** Changes some settings; they are on disk when the promise is kept. */
  async set(change: Partial<Settings>): Promise<Settings> {
    const settings = Settings.parse({ ...this.#settings, ...change });
    this.#settings = settings;
    const write = this.#writing.then(() => writeFileAtomically(this.#file, `${JSON.stringify(settings, null, 2)}\n`));
    this.#writing = write.catch(() => undefined);
    await write;
    return settings;
  }
}

/** Each setting that is sound, else its default. */
function soundSettings(kept: unknown): Settings {
  const values = typeof kept === 'object' && kept !== null ? (kept as Record<string, unknown>) : {};
  const sound: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(Settings.shape)) {
    const parsed = schema.safeParse(values[name]);
    sound[name] = parsed.success ? parsed.data : DEFAULT_SETTINGS[name as keyof Settings];
  }
  return sound as Settings;
}
