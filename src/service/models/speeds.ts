import { join } from 'node:path';
import { BACKENDS, type BackendName } from '../../contract/constants/backends.ts';
import { cacheFolder } from '../../files/cache-folder.ts';
import { readJson } from '../../files/read-file.ts';
import { writeFileAtomically } from '../../files/write-file.ts';

/** How long a model took for a photo or a sentence. */
export interface Speed {
  readonly milliseconds: number;
  readonly backend: BackendName;
}

const file = (): string => join(cacheFolder(), 'speeds.json');

/** What was measured on this machine, by the models' names. What cannot be read counts as not measured. */
export async function readSpeeds(): Promise<Map<string, Speed>> {
  const kept = await readJson(file()).catch(() => ({}));
  if (typeof kept !== 'object' || kept === null) return new Map();
  return new Map(Object.entries(kept).filter((entry): entry is [string, Speed] => isSpeed(entry[1])));
}

/** Remembers what was measured last. @throws OutputError */
export async function keepSpeed(name: string, speed: Speed): Promise<void> {
  const speeds = (await readSpeeds()).set(name, speed);
  await writeFileAtomically(file(), `${JSON.stringify(Object.fromEntries(speeds), null, 2)}\n`);
}

function isSpeed(value: unknown): value is Speed {
  const { backend, milliseconds } = (value ?? {}) as Partial<Speed>;
  return (
    typeof milliseconds === 'number' &&
    Number.isFinite(milliseconds) &&
    (BACKENDS as readonly unknown[]).includes(backend)
  );
}
