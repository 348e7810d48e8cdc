import { lstat, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileSink } from '../../../src/cli/results/sink.ts';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-sink-'));
  file = join(folder, 'results.jsonl');
});
afterEach(() => rm(folder, { recursive: true }));

const text = (): Promise<string> => readFile(file, 'utf8');

describe('a file of results', () => {
  it('is there from the beginning, and has each piece when it is written', async () => {
    const sink = await fileSink(file, false);
    expect(await text()).toBe('');
    await sink.write('one\n');
    expect(await text()).toBe('one\n');
    await sink.write('two\n');
    expect(await text()).toBe('one\ntwo\n');
    await sink.close();
  });

  it('that was there stays until the first result, and where none comes', async () => {
    await writeFile(file, 'of yesterday\n');
    await (await fileSink(file, false)).close();
    const sink = await fileSink(file, false);
    expect(await text()).toBe('of yesterday\n');
    await sink.write('one\n');
    await sink.write('two\n');
    await sink.close();
    expect(await text()).toBe('one\ntwo\n');
  });

  it('is gone on with where that is asked for', async () => {
    await writeFile(file, 'one\n');
    const sink = await fileSink(file, true);
    await sink.write('two\n');
    await sink.close();
    expect(await text()).toBe('one\ntwo\n');
  });

  it.skipIf(process.platform === 'win32')('that a link leads to is written where it is', async () => {
    const place = join(folder, 'elsewhere.jsonl');
    await writeFile(place, 'of yesterday\n');
    await symlink(place, file);
    const sink = await fileSink(file, false);
    await sink.write('one\n');
    await sink.close();
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect(await readFile(place, 'utf8')).toBe('one\n');
  });

  it('that cannot be written is told of at once', async () => {
    await expect(fileSink(folder, false)).rejects.toThrow(`cannot write ${folder}: there is a folder of that name`);
  });
});
