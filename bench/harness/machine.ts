import { createRequire } from 'node:module';
import { arch, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { packageVersion } from '../../src/files/package-root.ts';

const require = createRequire(import.meta.url);

/** Where and with what numbers were measured. */
export interface Machine {
  processor: string;
  cores: number;
  memoryGiB: number;
  system: string;
  node: string;
  attend: string;
  /** Versions of what does the work; null where it is not installed. */
  packages: Record<string, string | null>;
  /** What kept the machine busy just before: the mean number of processes that ran in the last minute. */
  loadBefore: number;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    attend: packageVersion(),
    packages: Object.fromEntries(
      ['@tensorflow/tfjs-core', '@tensorflow/tfjs-node', '@tensorflow/tfjs-backend-wasm', 'sharp'].map((name) => [
        name,
        versionOf(name),
      ]),
    ),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

function versionOf(name: string): string | null {
  try {
    return (require(`${name}/package.json`) as { version: string }).version;
  } catch {
    // sharp does not let its package.json be required.
    try {
      return (require(name) as { versions?: Record<string, string> }).versions?.[name] ?? null;
    } catch {
      return null;
    }
  }
}
