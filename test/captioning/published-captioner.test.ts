import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { checkCaptioner, loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { checkVisionCaptioner } from '../../src/captioning/vision-captioner-model.ts';
import { findCaptioner } from '../../src/captioning/find-captioner.ts';
import { PhotoCaptioner } from '../../src/captioning/photo-captioner.ts';
import { VISION_ARCHITECTURE } from '../../src/model-folders/published/architectures.ts';
import { addModel } from '../../src/model-folders/published/add-model.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import type { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import type { CaptionerVectors } from '../engine/published/published-vectors.ts';

useTestBackend();

const published = (folder: string): string =>
  fileURLToPath(new URL(`../engine/published/fixtures/${folder}`, import.meta.url));

let home: string;
let before: string | undefined;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'attend-captioner-'));
  before = process.env['ATTEND_DATA'];
  process.env['ATTEND_DATA'] = home;
});
afterAll(async () => {
  if (before === undefined) delete process.env['ATTEND_DATA'];
  else process.env['ATTEND_DATA'] = before;
  await rm(home, { recursive: true, force: true });
});

const quiet = (): { signal: AbortSignal; report: () => void } => ({
  signal: new AbortController().signal,
  report: () => undefined,
});

describe('what model.json says of the shape of a published captioner', () => {
  it.each([
    ['config', { heads: 4 }],
    ['config.vision', { vision: { dropout: 0 } }],
    ['config.writer', { writer: { dropout: 0 } }],
  ])('is refused where nobody reads it: %s', async (where, config) => {
    const [unknown] = Object.keys(where === 'config' ? config : Object.values(config)[0]!);
    const checkpoint = { architecture: VISION_ARCHITECTURE, config, metadata: {}, weights: new Map(), files: [] };
    await expect(checkVisionCaptioner(checkpoint, home)).rejects.toThrow(
      `${where} has "${unknown}", which this Attend does not know`,
    );
  });
});

describe.each([
  { family: 'blip', title: 'BLIP', beginning: 'a brown dog' },
  { family: 'vit-gpt2', title: 'VisionEncoderDecoder', beginning: 'a brown dog' },
])('a $title folder as its authors publish it', ({ beginning, family, title }) => {
  const folder = published(family);
  const photo = join(folder, 'photo.png');
  let vectors: CaptionerVectors;
  beforeAll(async () => {
    vectors = JSON.parse(await readFile(join(folder, 'vectors.json'), 'utf8')) as CaptionerVectors;
  });

  async function caption(path: string, options: Parameters<typeof captionPhotos>[2] = {}): Promise<CaptionedPhoto> {
    const model = await loadCaptioner(findCaptioner(path));
    try {
      for await (const result of captionPhotos(model, [photo], options)) {
        if ('error' in result) throw new Error(result.error);
        return result;
      }
    } finally {
      model.dispose();
    }
    throw new Error('No photo came out.');
  }

  it('sees the pixels that its image processor makes', async () => {
    const model = await loadCaptioner(folder);
    const size = model.encoder.inputSize;
    const { pixels } = await readPhoto(photo, { size: [size, size], resample: model.resample! });
    model.dispose();
    const apart = Array.from(pixels, (pixel, i) => Math.abs(pixel - vectors.pixels[i]!));
    expect(Math.max(...apart)).toBeLessThanOrEqual(1);
  });

  it('captions a photo as it stands, with a map for every word', async () => {
    const found = await expectNoLeak(() => caption(folder, { alternatives: 2, beam: 4 }));
    expect(found.alternatives.length).toBeGreaterThan(0);
    const model = await loadCaptioner(folder);
    expect(found.grid).toEqual([...model.grid]);
    model.dispose();
    for (const { probability, weights, word } of found.words) {
      expect(word).not.toMatch(/^##|[Ġ ]/);
      expect(probability).toBeGreaterThan(0);
      expect(weights).toHaveLength(found.grid[0] * found.grid[1]);
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
    }
  });

  it('is refused without what tells how photos are prepared', async () => {
    const path = join(home, `half-${family}`);
    await cp(folder, path, { recursive: true });
    await rm(join(path, 'preprocessor_config.json'));
    await expect(addModel(path)).rejects.toThrow('preprocessor_config.json is missing');
  });

  it('goes on from a beginning', async () => {
    const found = await caption(folder, { start: beginning });
    expect(found.caption.toLowerCase().startsWith(beginning)).toBe(true);
    // The last word may go on.
    expect(found.words.slice(0, 2).map(({ word }) => word)).toEqual(['a', 'brown']);
    expect(found.words[2]!.word).toMatch(/^dog/);
  });

  it('says why a word stands there, and whether what it looked at mattered', async () => {
    const captioner = new PhotoCaptioner(await loadCaptioner(folder));
    const ref = { key: 'photo', name: 'photo', source: photo };
    const { candidates, weights } = await captioner.candidates(
      { photo: ref, prefix: ['a', 'brown'], count: 4 },
      quiet(),
    );
    expect(candidates).toHaveLength(4);
    for (const { probability, unlooked } of candidates) expect(unlooked).not.toBe(probability);
    expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
    const { size, forbidden, words: pieces } = captioner.model.vocabulary;
    const all = await captioner.candidates({ photo: ref, prefix: ['a', 'brown'], count: size }, quiet());
    const told = all.candidates.map(({ word }) => word);
    // The end of a sentence, which GPT-2 also begins with; none of the other special tokens.
    expect(told.filter((word) => word === null)).toHaveLength(1);
    expect(told).toHaveLength(size - forbidden.length);
    for (const token of forbidden) expect(told).not.toContain(pieces[token]);
    // GPT-2 begins a caption with a piece that elsewhere goes on with a word.
    const first = await captioner.candidates({ photo: ref, prefix: [], count: size }, quiet());
    expect(first.candidates.map(({ word }) => word)).toContain('a');
    if (family === 'vit-gpt2') expect(first.candidates.map(({ word }) => word)).not.toContain('##a');
    const words = beginning.split(' ');
    const { blanked, whole } = await captioner.occlusion({ photo: ref, words, position: 2, share: 0.5 }, quiet());
    expect(whole).toBeGreaterThan(0);
    expect(blanked).not.toBe(whole);
    captioner.dispose();
  });

  it('shows the maps of a layer, of a head, or carried back, beside the same words', async () => {
    const usual = await caption(folder);
    const seen = [usual.words[0]!.weights];
    for (const mapsFrom of [{ layer: 0 }, { layer: 0, head: 1 }, { rollout: true }]) {
      const other = await caption(folder, { mapsFrom });
      expect(other.caption).toBe(usual.caption);
      const { weights } = other.words[0]!;
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
      for (const before of seen) expect(weights).not.toEqual(before);
      seen.push(weights);
    }
    await expect(caption(folder, { mapsFrom: { layer: 98 } })).rejects.toThrow(/^There is no layer 99: \S+ has \d\.$/);
  });

  it('keeps to what there is where something else was chosen for another model', async () => {
    const captioner = new PhotoCaptioner(await loadCaptioner(folder));
    const ref = { key: 'photo', name: 'photo', source: photo };
    const words = async (mapsFrom: object): Promise<unknown> =>
      (await captioner.caption({ photo: ref, options: { mapsFrom } }, quiet())).captions[0]!.words;
    expect(await words({ layer: 98 })).toEqual(await words({}));
    expect(await words({ rollout: true })).not.toEqual(await words({}));
    captioner.dispose();
  });

  it('is added, with checksums, and says the same', async () => {
    const added = await addModel(folder);
    expect(added).toMatchObject({ name: `captioner-${family}`, kind: 'captioner', family: title });
    const files = await checkCaptioner(added.folder);
    expect(files.map(({ file }) => file)).toContain('tokenizer.json');
    expect((await caption(added.name)).caption).toBe((await caption(folder)).caption);
    const [its, own] = [added.name, folder].map((one) => caption(one, { mapsFrom: { rollout: true } }));
    expect((await its)!.caption).toBe((await own)!.caption);
  });

  it('is refused where a file of it is damaged', async () => {
    const copy = join(home, `${family}-damaged`);
    await cp(folder, copy, { recursive: true });
    await truncate(join(copy, 'tokenizer.json'), 100);
    await expect(loadCaptioner(copy)).rejects.toThrow('tokenizer.json is not JSON');
    await writeFile(join(copy, 'tokenizer.json'), '{"model":{"type":"Unigram"}}');
    await expect(loadCaptioner(copy)).rejects.toThrow('cuts words by "Unigram"');
    await rm(join(copy, 'tokenizer.json'));
    await expect(loadCaptioner(copy)).rejects.toThrow('tokenizer.json: there is no such file');
  });
});

describe('a Show, Attend and Tell folder, as the script makes it of a checkpoint', () => {
  const folder = published('show-attend-tell');
  const photo = join(published('blip'), 'photo.png');

  async function caption(path: string): Promise<CaptionedPhoto> {
    const model = await loadCaptioner(findCaptioner(path));
    try {
      for await (const result of captionPhotos(model, [photo])) if (!('error' in result)) return result;
    } finally {
      model.dispose();
    }
    throw new Error('No photo came out.');
  }

  it('captions a photo with a map of 14 x 14 for every word, as it stands and added', async () => {
    const found = await expectNoLeak(() => caption(folder));
    expect(found.grid).toEqual([14, 14]);
    for (const { weights, word } of found.words) {
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
      expect(word).not.toMatch(/^</);
    }
    const added = await addModel(folder);
    expect(added).toMatchObject({ name: 'captioner-show-attend-tell', family: 'Show, Attend and Tell' });
    expect((await checkCaptioner(added.folder)).length).toBeGreaterThan(1);
    // float16 moves a probability a little.
    expect((await caption(added.name)).words[0]!.word).toBe(found.words[0]!.word);
  });

  it('says why a word stands there, how likely it were without looking, and whether looking mattered', async () => {
    const captioner = new PhotoCaptioner(await loadCaptioner(folder));
    const ref = { key: 'photo', name: 'photo', source: photo };
    const { candidates } = await captioner.candidates({ photo: ref, prefix: ['a'], count: 3 }, quiet());
    for (const { probability, unlooked } of candidates) expect(unlooked).not.toBe(probability);
    const words = ['a', 'brown', 'dog'];
    const { blanked, whole } = await captioner.occlusion({ photo: ref, words, position: 2, share: 0.5 }, quiet());
    expect(blanked).not.toBe(whole);
    captioner.dispose();
  });

  it('tells where it saw each word, which a transformer cannot', async () => {
    const captioner = new PhotoCaptioner(await loadCaptioner(folder));
    const ref = { key: 'photo', name: 'photo', source: photo };
    const task = { kind: 'posterior', photo: ref, words: ['a', 'brown', 'dog'] } as const;
    const { grid, weights } = await captioner.maps(task, quiet());
    expect(grid).toEqual([14, 14]);
    for (const map of weights) expect(map.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
    captioner.dispose();
    const transformer = new PhotoCaptioner(await loadCaptioner(published('blip')));
    await expect(transformer.maps(task, quiet())).rejects.toThrow('only recurrent captioners with attention can');
    transformer.dispose();
  });

  it('has one attention: there are no layers to choose from', async () => {
    const model = await loadCaptioner(folder);
    const asking = captionPhotos(model, [photo], { mapsFrom: { layer: 0 } }).next();
    await expect(asking).rejects.toThrow('show-attend-tell has one attention');
    model.dispose();
  });

  it('is refused where its words have a gap', async () => {
    const copy = join(home, 'sat-damaged');
    await cp(folder, copy, { recursive: true });
    await writeFile(join(copy, 'vocab.json'), '{"a":0,"the":2}');
    await expect(loadCaptioner(copy)).rejects.toThrow('vocab.json is no table of words and their numbers');
  });
});
