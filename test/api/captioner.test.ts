import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { drawAttention, openCaptioner, type Captioner } from '../../src/api/index.ts';
import { backendUnderTest, expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let captioner: Captioner;
const photo = (number: number): string => join(folder.path, `${number}.png`);

beforeAll(async () => {
  folder = await temporaryFolder();
  for (let i = 0; i < 4; i++) await writeTinyPhoto(photo(i), i + 1);
  await writeFile(join(folder.path, 'broken.png'), 'no photo');
  captioner = await openCaptioner({ model: await writeTinyModel(folder.path), backend: backendUnderTest });
});
afterAll(async () => {
  captioner.dispose();
  await folder.remove();
});

async function collect<T>(results: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const result of results) collected.push(result);
  return collected;
}

describe('openCaptioner', () => {
  it('captions a photo as the command line does, by path and by bytes', async () => {
    const model = await loadCaptioner(join(folder.path, 'captioner-tiny'));
    const [expected] = await collect(captionPhotos(model, [photo(1)], { alternatives: 2 }));
    model.dispose();
    const untimed = { milliseconds: expect.anything() as unknown };
    expect(await captioner.caption(photo(1), { alternatives: 2 })).toEqual({ ...expected, ...untimed });

    const bytes = await readFile(photo(1));
    const found = await captioner.caption({ name: 'mine', bytes }, { alternatives: 2 });
    expect(found).toEqual({ ...expected, ...untimed, file: 'mine' });
  });

  it('says what runs', () => {
    expect(captioner.name).toBe('captioner-tiny');
    expect(captioner.backend).toBe(backendUnderTest);
    const [rows, columns] = captioner.grid;
    expect(rows * columns).toBeGreaterThan(1);
  });

  it('gives one result a photo, in order, also where one is none', async () => {
    const files = [photo(3), join(folder.path, 'broken.png'), photo(0)];
    const results = await collect(captioner.captionAll(files));
    expect(results.map(({ file }) => file)).toEqual(files);
    expect(results[1]).toMatchObject({ error: expect.stringContaining('cannot read') as unknown });
    expect(results[2]).toMatchObject({ caption: expect.any(String) as unknown });
  });

  it('throws one sentence for a single photo that is none', async () => {
    await expect(captioner.caption(join(folder.path, 'broken.png'))).rejects.toThrow(/^cannot read .*broken\.png: /);
    await expect(captioner.caption(join(folder.path, 'nowhere.png'))).rejects.toThrow(/nowhere\.png/);
  });

  it('gives each of several that are asked at once what it gives one alone', async () => {
    const alone = [];
    for (const number of [0, 1, 2, 3]) alone.push((await captioner.caption(photo(number))).caption);
    const together = await Promise.all([0, 1, 2, 3].map((number) => captioner.caption(photo(number))));
    expect(together.map(({ caption }) => caption)).toEqual(alone);
    expect(new Set(alone).size).toBeGreaterThan(1);
  });

  it('begins captions as it is told, and refuses words that the model does not know', async () => {
    expect((await captioner.caption(photo(2), { start: 'A child' })).caption).toMatch(/^A child/);
    await expect(captioner.caption(photo(2), { start: 'zzz' })).rejects.toThrow('zzz');
  });

  it('stops with the signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(captioner.caption(photo(0), { signal })).rejects.toThrow('enough');
  });

  it('leaves no tensor behind', async () => {
    await expectNoLeak(() => captioner.caption(photo(0), { alternatives: 1, secondLook: true }));
  });

  it('tells a program in a sentence what it gave instead of a photo, a list or a wish', async () => {
    const given = async (photo: unknown, request?: object): Promise<string> =>
      captioner.caption(photo as string, request).then(
        () => 'captioned',
        (error: unknown) => String(error),
      );
    expect(await given(undefined)).toBe(
      'TypeError: A photo is the path of its file, or { name, bytes } with a Uint8Array, and not undefined.',
    );
    expect(await given({ bytes: new Uint8Array(3) })).toContain('and not an object (bytes).');
    expect(await given(photo(0), { beams: 3 })).toContain('The request for captions cannot be used: Unrecognized key');
    expect(await given(photo(0), { minConfidence: 2 })).toContain('cannot be used: minConfidence: ');
    expect(await given(photo(0), { signal: 'stop' })).toContain('signal: takes an AbortSignal');
    await expect(collect(captioner.captionAll(photo(0)))).rejects.toThrow('for one photo there is caption');
    await expect(openCaptioner({ backend: 'gpu' as 'wasm' })).rejects.toThrow('cannot be used: backend: ');
  });

  it('says that it was disposed of', async () => {
    const other = await openCaptioner({ model: join(folder.path, 'captioner-tiny') });
    other.dispose();
    other.dispose();
    await expect(other.caption(photo(0))).rejects.toThrow('This captioner was disposed of');
  });

  it('says which captioners there are where one is asked for that is none', async () => {
    await expect(openCaptioner({ model: 'nobody' })).rejects.toThrow('captioner-flickr8k-coco');
  });

  it('refuses a second backend in the same process', async () => {
    const other = backendUnderTest === 'wasm' ? 'native' : 'wasm';
    await expect(openCaptioner({ backend: other })).rejects.toThrow('already runs in this process');
  });
});

describe('drawAttention', () => {
  it('draws a sheet, a word, an SVG, a page and an animation of a caption', async () => {
    const caption = await captioner.caption(photo(0));
    const format = async (picture: Parameters<typeof drawAttention>[2]): Promise<string | undefined> =>
      (await sharp(await drawAttention(photo(0), caption, picture)).metadata()).format;
    expect(await format('png')).toBe('png');
    expect(await format({ word: 0 })).toBe('png');
    expect(await format('webp')).toBe('webp');
    expect((await drawAttention(photo(0), caption, 'svg')).toString()).toContain('<svg');
    expect((await drawAttention(photo(0), caption, 'html')).toString()).toContain(caption.caption);
  });

  it('refuses a word that is not there, and a caption without maps', async () => {
    const caption = await captioner.caption(photo(0));
    await expect(drawAttention(photo(0), caption, { word: 99 })).rejects.toThrow('no word 100');
    const blind = { ...caption, words: caption.words.map((word) => ({ ...word, weights: [] })) };
    await expect(drawAttention(photo(0), blind)).rejects.toThrow('has no attention');
    await expect(drawAttention(photo(0), caption, 'jpg' as 'png')).rejects.toThrow('takes "png", "svg"');
    await expect(drawAttention(photo(0), { file: 'x', error: 'y' } as never)).rejects.toThrow('this one has no words');
  });
});
