import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { HttpClient } from '../../src/client/http-client.ts';
import type { ModelStatus } from '../../src/contract/data/app.ts';
import type { BackendName } from '../../src/contract/constants/backends.ts';
import { packageRoot } from '../../src/files/package-root.ts';
import { BUILT } from '../harness/lanes.ts';

/** `attend serve` as a process of its own, with a library and a cache of its own, and the model ready. */
export interface ServedAttend {
  readonly address: string;
  readonly pid: number;
  readonly backend: BackendName;
  /** The folder that pictures are kept in. */
  readonly cache: string;
  /** A script's door to the same service. */
  readonly client: HttpClient;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** The model's folder. */
  model: string;
  /** Left out: the one that Attend takes by itself. */
  backend?: BackendName;
  /** An empty folder. */
  folder: string;
}

/** The pages as the app ships them: `attend serve` sends what lies in `out/renderer`. */
export async function buildPages(): Promise<void> {
  await promisify(execFile)(process.execPath, ['scripts/build.mjs'], { cwd: packageRoot() });
}

/** @throws Error where it does not start, or has no model on this backend */
export async function serveAttend({ backend, folder, model }: ServeOptions): Promise<ServedAttend> {
  const cache = join(folder, 'cache');
  const env: NodeJS.ProcessEnv = { ...process.env, ATTEND_DATA: join(folder, 'data'), ATTEND_CACHE: cache };
  if (backend !== undefined) env['ATTEND_BACKEND'] = backend;
  const attend = join(BUILT, 'dist', 'cli', 'attend.js');
  const child = spawn(process.execPath, [attend, 'serve', '--port', '0', '--model', model], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const address = await addressOf(child);
    const { origin, searchParams } = new URL(address);
    const tools = { download: () => undefined, copyText: () => Promise.resolve() };
    const client = new HttpClient(tools, origin, { authorization: `Bearer ${searchParams.get('token') ?? ''}` });
    const status = await modelOf(client);
    if (!status.backend || status.state !== 'ready')
      throw new Error(status.error?.message ?? 'The model is not ready.');
    return { address, pid: child.pid!, backend: status.backend.name, cache, client, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let stderr = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr = (stderr + text).slice(-4000)));
    child.stdout!.setEncoding('utf8').once('data', (text: string) => resolve(text.trim()));
    child.once('error', reject);
    child.once('close', (code) => reject(new Error(`"attend serve" ended with ${code}.\n${stderr.trim()}`)));
  });
}

async function modelOf(client: HttpClient): Promise<ModelStatus> {
  for (;;) {
    const status = await client.request('app.model', {});
    if (status.state !== 'loading') return status;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
