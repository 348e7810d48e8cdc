import * as fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { readCheckpoint, saveCheckpoint } from '../../src/engine/checkpoint/checkpoint.ts';
import { CheckpointError } from '../../src/engine/checkpoint/checkpoint-error.ts';
import { DirectoryStore } from '../../src/model-folders/directory-store.ts';

// Every operation on the disk is counted, and from a chosen one on all of them fail: a crash.
const disk = vi.hoisted(() => ({ operations: 0, crashAt: Infinity, half: false }));
vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof fs>();
  const crash = (): void => {
    if (++disk.operations >= disk.crashAt) throw new Error('the power is gone');
  };
  return {
    ...real,
    mkdir: async (...args: Parameters<typeof real.mkdir>) => (crash(), real.mkdir(...args)),
    rename: async (...args: Parameters<typeof real.rename>) => (crash(), real.rename(...args)),
    rm: async (...args: Parameters<typeof real.rm>) => (crash(), real.rm(...args)),
    readdir: async (path: string) => (crash(), real.readdir(path)),
    open: async (...args: Parameters<typeof real.open>) => {
      crash();
      const handle = await real.open(...args);
      const writeFile = handle.writeFile.bind(handle);
      handle.writeFile = async (data) => {
        try {
          crash();
        } catch (error) {
          // Half of a file arrives.
          await writeFile((data as Uint8Array).subarray(0, (data as Uint8Array).length >> 1));
          throw error;
        }
        await writeFile(data);
      };
      const sync = handle.sync.bind(handle);
      handle.sync = async () => (crash(), sync());
      return handle;
    },
  };
});

let directory: string;
beforeEach(async () => {
  disk.crashAt = Infinity;
  directory = await fs.mkdtemp(join(tmpdir(), 'attend-store-'));
});
afterEach(async () => {
  disk.crashAt = Infinity;
  await fs.rm(directory, { recursive: true, force: true });
});

const save = (value: number): Promise<void> =>
  saveCheckpoint(new DirectoryStore(directory), {
    architecture: 'toy',
    config: { value },
    // Two weights stay, so that one shard has the same name in the old and the new checkpoint.
    weights: [0, 0, value, value + 1].map((x, i) => [`w${i}`, { shape: [3], data: Float32Array.of(x, x + 0.5, x) }]),
    precision: 'float32',
    // Two weights a shard.
    shardBytes: 24,
  });

async function load(): Promise<number> {
  const { config, weights } = await readCheckpoint(new DirectoryStore(directory));
  const { value } = config as { value: number };
  expect([...weights.values()].map(({ data }) => [...data])).toEqual(
    [0, 0, value, value + 1].map((x) => [x, x + 0.5, x]),
  );
  return value;
}

describe('a checkpoint in a folder', () => {
  it('is written, read back and replaced, and only its own files are removed', async () => {
    await fs.writeFile(join(directory, 'CARD.md'), 'about');
    await save(1);
    expect(await load()).toBe(1);
    await save(2);
    expect(await load()).toBe(2);
    const names = (await fs.readdir(directory)).toSorted();
    expect(names).toHaveLength(4);
    expect(names.slice(0, 2)).toEqual(['CARD.md', 'model.json']);
    expect(names.slice(2).every((name) => name.startsWith('weights-'))).toBe(true);
  });

  it('makes the folder', async () => {
    directory = join(directory, 'a', 'b');
    await save(1);
    expect(await load()).toBe(1);
  });

  it('is the old one or the new one after a crash at any moment, never a mix', async () => {
    await save(1);
    disk.operations = 0;
    await save(2);
    const operations = disk.operations;
    expect(operations).toBeGreaterThan(15);

    let old = 0;
    for (let crashAt = 1; crashAt <= operations; crashAt++) {
      disk.crashAt = Infinity;
      await save(1);
      disk.operations = 0;
      disk.crashAt = crashAt;
      await expect(save(2)).rejects.toThrow(`The model cannot be saved to ${directory}: the power is gone`);
      // The power is back.
      disk.crashAt = Infinity;
      const value = await load();
      expect([1, 2]).toContain(value);
      if (value === 1) old++;
    }
    // Both outcomes occur: the change is somewhere in the middle.
    expect(old).toBeGreaterThan(10);
    expect(old).toBeLessThan(operations);

    disk.crashAt = Infinity;
    await save(3);
    expect(await load()).toBe(3);
    expect(await fs.readdir(directory)).toHaveLength(3);
  });

  it('says what is missing', async () => {
    const store = new DirectoryStore(directory);
    await expect(readCheckpoint(store)).rejects.toThrow(`There is no model in ${directory}: model.json is missing.`);
    await save(1);
    const shard = (await fs.readdir(directory)).find((name) => name.startsWith('weights-2')) as string;
    await fs.rm(join(directory, shard));
    await expect(readCheckpoint(store)).rejects.toThrow(
      `The model in ${directory} is incomplete: ${shard} is missing.`,
    );
  });

  it('says why a file cannot be read or written', async () => {
    await fs.mkdir(join(directory, 'model.json'));
    await expect(readCheckpoint(new DirectoryStore(directory))).rejects.toThrow(
      /model\.json cannot be read: it is a folder\./,
    );
    await fs.writeFile(join(directory, 'file'), '');
    const error = await new DirectoryStore(join(directory, 'file')).write(new Map()).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CheckpointError);
    expect((error as Error).message).toContain('cannot be saved to');
  });
});
