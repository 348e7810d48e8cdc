import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EXCLUSIVE, takeLock } from '../../../src/files/system-lock.ts';
import { DataInUseError, holdData } from '../../../src/service/library/held-data.ts';
import { temporaryFolder } from '../../support/tiny-captioner.ts';

let folder: { path: string; remove: () => Promise<void> };
let data: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  data = join(folder.path, 'data');
});
afterEach(() => folder.remove());

describe('a data folder', () => {
  it('is held by one at a time, and free again afterwards', async () => {
    const first = await holdData(data);
    await expect(holdData(data)).rejects.toThrow(DataInUseError);
    await first.release();
    const second = await holdData(data);
    expect(second.session).toBe(join(data, 'session'));
    await second.release();
  });

  it('goes to one alone of many that come at the same moment', async () => {
    await mkdir(data, { recursive: true });
    const all = await Promise.all(Array.from({ length: 30 }, () => takeLock(data)));
    expect(all.filter(Boolean)).toHaveLength(1);
    await all.find(Boolean)!.release();
  });

  it('is the same one by another path', async () => {
    const held = await holdData(data);
    await expect(holdData(join(folder.path, 'x', '..', 'data'))).rejects.toThrow(DataInUseError);
    await held.release();
  });

  it('stays with a holder that sleeps, and is free when its holder is killed', async () => {
    const bundle = join(folder.path, 'hold.mjs');
    await build({
      stdin: {
        contents: `
          import { holdData } from './src/service/library/held-data.ts';
          await holdData(process.argv[2]);
          process.stdout.write('held');
          setInterval(() => {}, 1000);`,
        resolveDir: fileURLToPath(new URL('../../..', import.meta.url)),
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile: bundle,
    });
    const holder = spawn(process.execPath, [bundle, data], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    holder.kill('SIGSTOP');
    await expect(holdData(data)).rejects.toThrow(DataInUseError);
    holder.kill('SIGKILL');
    await once(holder, 'close');
    await (await holdData(data)).release();
  });

  it('tells who comes second where the first one is', async () => {
    const first = await holdData(data);
    await first.announce({ pid: 42, door: 'browser', address: 'http://127.0.0.1:1/?token=x' });
    const error: unknown = await holdData(data).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ holder: { address: 'http://127.0.0.1:1/?token=x' } });
    expect((error as Error).message).toMatch(/process 42.*Its pages are at http/);
    await first.release();
  });

  it.skipIf(process.platform === 'win32')('is for its owner’s eyes alone, also where it was open before', async () => {
    await mkdir(data, { recursive: true });
    await chmod(data, 0o755);
    const held = await holdData(data);
    expect((await stat(data)).mode & 0o777).toBe(0o700);
    await held.release();
  });

  it('says in a sentence that there is a file where it should be', async () => {
    await writeFile(data, '');
    await expect(holdData(data)).rejects.toThrow(/there is a file where a folder should be. Set ATTEND_DATA/);
  });
});

it('is a file for one process alone where there are no abstract sockets', async () => {
  // As libuv and the BSDs' fcntl.h define them; this system ignores or refuses what is not its own.
  expect(EXCLUSIVE.windows).toBe(0x10000000);
  expect(EXCLUSIVE.bsd & 0x20).toBe(0x20);
  await mkdir(data, { recursive: true });
  const lock = await takeLock(data, undefined, 'win32');
  expect((await stat(join(data, 'lock'))).isFile()).toBe(true);
  await lock?.release();
});
