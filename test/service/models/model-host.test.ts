import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeManifest } from '../../../src/engine/checkpoint/manifest.ts';
import { ModelHost } from '../../../src/service/models/model-host.ts';
import { backendUnderTest, useTestBackend } from '../../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let host: ModelHost;
let bytes: Uint8Array;
beforeAll(async () => {
  folder = await temporaryFolder();
  host = new ModelHost({
    captioner: await writeTinyModel(folder.path),
    models: folder.path,
    backend: backendUnderTest,
  });
  await writeTinyPhoto(join(folder.path, 'a.png'), 1);
  bytes = await readFile(join(folder.path, 'a.png'));
});
afterAll(async () => {
  await host.dispose();
  await folder.remove();
});

describe('a photo as JSON', () => {
  const control = { signal: new AbortController().signal, report: () => undefined };
  const caption = (start: string) => host.photoJson({ name: 'a.png', bytes, options: { start } }, control);

  it('begins as it is told', async () => {
    expect(await caption('a dog')).toMatchObject({ file: 'a.png', caption: expect.stringMatching(/^A dog/) });
  });

  it('has keywords where they are asked for', async () => {
    const options = { start: 'the dog with the ball', keywords: true };
    const result = await host.photoJson({ name: 'a.png', bytes, options }, control);
    expect('keywords' in result && result.keywords?.slice(0, 2)).toEqual(['dog', 'ball']);
    expect(await caption('a dog')).not.toHaveProperty('keywords');
  });

  it.each([
    ['an unknown word', 'a zebra', 'unknown-words'],
    ['a beginning as long as a caption', 'a dog '.repeat(10), 'too-long'],
  ])('is refused with %s', async (_, start, code) => {
    await expect(caption(start)).rejects.toMatchObject({ code });
  });
});

describe('another captioner', () => {
  it('says what it says of a photo, and where it looked; one that is not there is not found', async () => {
    const control = { signal: new AbortController().signal, report: () => undefined };
    const photo = { key: 'a', name: 'a.png', source: bytes };
    const other = join(folder.path, 'captioner-zother');
    await cp(join(folder.path, 'captioner-tiny'), other, { recursive: true });
    const said = await host.beside({ photo, model: 'captioner-zother' }, control);
    expect(await host.beside({ photo, model: 'zother' }, control)).toEqual(said);
    const words = { photo, prefix: ['the'], count: 2 };
    const likely = await host.candidates({ ...words, model: 'captioner-zother' }, control);
    expect(await host.candidates({ ...words, model: 'zother' }, control)).toEqual(likely);
    const own = await host.caption({ photo, options: {} }, control);
    expect(said.caption).toBe(own.captions[0]?.caption);
    expect(said.words[0]?.weights).toHaveLength(said.grid[0] * said.grid[1]);
    await expect(host.beside({ photo, model: 'captioner-none' }, control)).rejects.toMatchObject({ code: 'not-found' });
    await rm(other, { recursive: true });
  });
});

describe('the captioner that wrote a caption', () => {
  it('is asked about its words, and told of where it is gone', async () => {
    const control = { signal: new AbortController().signal, report: () => undefined };
    const about = { photo: { key: 'a', name: 'a.png', source: bytes }, words: ['the', 'dog'] };
    const other = join(folder.path, 'captioner-writer');
    await cp(await writeTinyModel(join(folder.path, 'of-another-seed'), { attention: 'hard' }), other, {
      recursive: true,
    });
    const [own, its] = await Promise.all([
      host.maps({ ...about, kind: 'posterior' }, control),
      host.maps({ ...about, kind: 'posterior', model: 'captioner-writer' }, control),
    ]);
    expect(its.weights).not.toEqual(own.weights);
    const { model } = await host.caption({ photo: about.photo, options: {} }, control);
    expect(await host.maps({ ...about, kind: 'posterior', model }, control)).toEqual(own);
    await rm(other, { recursive: true });
    const gone = { ...about, position: 1, share: 0.5, model: 'captioner-writer' };
    await expect(host.occlusion(gone, control)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('written by captioner-writer, which is not there any more') as string,
    });
  });
});

describe('a captioner that has other weights by now', () => {
  it('says of its answers that an earlier version wrote the words, and nothing where it is the same or that is not known', async () => {
    const control = { signal: new AbortController().signal, report: () => undefined };
    const photo = { key: 'a', name: 'a.png', source: bytes };
    const { checksum, model } = await host.caption({ photo, options: {} }, control);
    expect(checksum).toMatch(/^[0-9a-f]{16}$/);
    expect((await host.load({ device: 'cpu' }, control)).checksum).toBe(checksum);
    const words = ['the', 'dog'];
    const ask = (writer: { model: string; checksum?: string | undefined }) =>
      Promise.all([
        host.maps({ photo, words, kind: 'posterior', ...writer }, control),
        host.occlusion({ photo, words, position: 1, share: 0.5, ...writer }, control),
        host.candidates({ photo, prefix: ['the'], count: 2, ...writer }, control),
      ]);
    for (const told of await ask({ model, checksum: 'that of before' })) expect(told.writtenEarlier).toBe(true);
    for (const told of [...(await ask({ model, checksum })), ...(await ask({ model }))]) {
      expect(told).not.toHaveProperty('writtenEarlier');
    }
  });
});

describe('a caption that somebody wrote in another language', () => {
  it('is not translated as if it were English', async () => {
    const control = { signal: new AbortController().signal, report: () => undefined };
    const text = { caption: 'Meine Schwester am Strand.', words: [], to: 'de' };
    await expect(host.translateCaption({ ...text, byHand: true }, control)).rejects.toMatchObject({
      code: 'unknown-language',
    });
    // What a captioner says is not asked about.
    await expect(host.translateCaption(text, control)).rejects.toMatchObject({ code: 'no-translator' });
  });
});

describe('soft and hard attention', () => {
  const control = { signal: new AbortController().signal, report: () => undefined };
  const ask = () => host.softAndHard({ photo: { key: 'a', name: 'a.png', source: bytes } }, control);

  it('are shown on one photo, of hard attention one location a word', async () => {
    const shipped = join(folder.path, 'captioner-tiny');
    const hard = join(folder.path, 'captioner-zhard');
    await cp(shipped, hard, { recursive: true });
    const {
      sha256: _own,
      formatVersion: _version,
      ...rest
    } = JSON.parse(await readFile(join(hard, 'model.json'), 'utf8'));
    rest.config.attention = 'hard';
    await writeFile(join(hard, 'model.json'), await encodeManifest(rest));
    const told = await ask();
    expect(told.soft.model).toBe('captioner-tiny');
    expect(told.hard.model).toBe('captioner-zhard');
    expect(told.same.map(({ word }) => word)).toEqual(told.soft.words.map(({ word }) => word));
    for (const { weights } of [...told.same, ...told.hard.words]) {
      expect(weights.filter((weight) => weight === 1)).toHaveLength(1);
      expect(weights.filter((weight) => weight === 0)).toHaveLength(weights.length - 1);
    }
    // Every cell of soft attention has some weight.
    for (const { weights } of told.soft.words) expect(Math.min(...weights)).toBeGreaterThan(0);
    await rm(hard, { recursive: true });
  });

  it('need a captioner with hard attention', async () => {
    await expect(ask()).rejects.toMatchObject({
      code: 'not-found',
      message: 'There is no captioner with hard attention.',
    });
  });
});
