import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_SETTINGS } from '../../src/contract/constants/default-settings.ts';
import { SettingsStore } from '../../src/service/settings-store.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let file: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  file = join(folder.path, 'settings.json');
});
afterEach(() => folder.remove());

describe('settings in a file', () => {
  it.each(['', '{', 'null', '"dark"', '7', '[]'])('are the defaults where it holds %j', async (text) => {
    await writeFile(file, text);
    const store = await SettingsStore.open(file);
    expect(store.get()).toEqual(DEFAULT_SETTINGS);
    expect(await readFile(store.damaged!, 'utf8')).toBe(text);
    // It is told once.
    expect((await SettingsStore.open(file)).damaged).toBeNull();
  });

  it('are sound one by one: what is damaged is as if it were not there, and is kept aside', async () => {
    const text = JSON.stringify({ theme: 'dark', beam: 'wide', alternatives: 21 });
    await writeFile(file, text);
    const store = await SettingsStore.open(file);
    expect(store.get()).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' });
    expect(await readFile(store.damaged!, 'utf8')).toBe(text);
  });

  it('keep what a newer Attend has written beside them', async () => {
    await writeFile(file, `\uFEFF${JSON.stringify({ theme: 'dark', hue: { of: 7 } })}\r\n`);
    const store = await SettingsStore.open(file);
    expect(store.damaged).toBeNull();
    expect(store.get()).toEqual({ ...DEFAULT_SETTINGS, theme: 'dark' });
    await store.set({ beam: 5 });
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ theme: 'dark', beam: 5, hue: { of: 7 } });
  });

  it('are not written over something that nobody could copy', async () => {
    await mkdir(file);
    const store = await SettingsStore.open(file);
    expect(store.damaged).toBe(file);
    await expect(store.set({ beam: 5 })).rejects.toThrow(/it is damaged, and no copy of it can be made/);
  });

  it('are on the disk when the promise is kept, whatever was wrong before', async () => {
    const store = await SettingsStore.open(join(folder.path, 'nowhere', 'else', 'settings.json'));
    await writeFile(join(folder.path, 'nowhere'), '');
    await expect(store.set({ theme: 'dark' })).rejects.toThrow();
    await expect(store.set({ theme: 'light' })).rejects.toThrow();
    const other = await SettingsStore.open(file);
    await Promise.all([other.set({ theme: 'dark' }), other.set({ beam: 5 })]);
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ theme: 'dark', beam: 5 });
  });

  it('go on being kept after one that could not be, which is as it was', async () => {
    const store = await SettingsStore.open(join(folder.path, 'later', 'settings.json'));
    await writeFile(join(folder.path, 'later'), '');
    await expect(store.set({ theme: 'dark' })).rejects.toThrow();
    expect(store.get()).toEqual(DEFAULT_SETTINGS);
    await rm(join(folder.path, 'later'));
    await store.set({ beam: 4 });
    const kept = (await SettingsStore.open(join(folder.path, 'later', 'settings.json'))).get();
    expect(kept).toEqual({ ...DEFAULT_SETTINGS, beam: 4 });
  });

  it('refuse what is none of them', async () => {
    const store = await SettingsStore.open(file);
    await expect(store.set({ beam: 0 })).rejects.toThrow();
    expect(store.get()).toEqual(DEFAULT_SETTINGS);
  });
});
