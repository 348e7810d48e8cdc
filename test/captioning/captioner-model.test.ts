import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { checkCaptioner, loadCaptioner } from '../../src/captioning/captioner-model.ts';
import { encodeManifest } from '../../src/engine/checkpoint/manifest.ts';
import { exportCaptioner } from '../../src/training/captioner/export-captioner.ts';
import { findCaptioner, listCaptioners } from '../../src/captioning/find-captioner.ts';
import { isFailed } from '../../src/captioning/result.ts';
import { expectNoLeak, itNative, useTestBackend } from '../support/backend.ts';
import {
  temporaryFolder,
  TINY_WORDS,
  writeTinyModel,
  writeTinyPhoto,
  writeTinyRun,
} from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let shipped: string;
let copy: string;
let photo: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  shipped = await writeTinyModel(folder.path);
  copy = join(folder.path, 'captioner-copy');
  photo = join(folder.path, 'photo.png');
  await writeTinyPhoto(photo, 3);
});
beforeEach(async () => {
  await rm(copy, { recursive: true, force: true });
  await cp(shipped, copy, { recursive: true });
});
afterAll(() => folder.remove());

async function captionWith(model: string): Promise<string> {
  const loaded = await loadCaptioner(model);
  try {
    for await (const result of captionPhotos(loaded, [photo])) return isFailed(result) ? result.error : result.caption;
    return '';
  } finally {
    loaded.dispose();
  }
}

describe('a captioner that is exported', () => {
  it('holds the captioner, the encoder, and a card', async () => {
    const files = (await readdir(shipped)).toSorted();
    expect(files.filter((file) => !file.startsWith('weights-'))).toEqual([
      'README.md',
      'encoder.bin',
      'encoder.json',
      'model.json',
    ]);
    expect(await readFile(join(shipped, 'README.md'), 'utf8')).toContain(`soft attention, ${TINY_WORDS.length} words`);
    const { metadata, weights } = JSON.parse(await readFile(join(shipped, 'model.json'), 'utf8'));
    expect(metadata.vocabulary).toEqual(TINY_WORDS);
    expect(metadata.preprocessing).toEqual({ size: 12, resize: 'squash', colour: 'sRGB', range: [0, 255] });
    expect(
      weights.every(
        ({ dtype, name }: { dtype: string; name: string }) => dtype === 'float16' && !name.startsWith('encoder/'),
      ),
    ).toBe(true);
  });

  it('captions as the checkpoint of the training run does', async () => {
    expect(await captionWith(shipped)).toBe(await captionWith(join(folder.path, 'run', 'final')));
  });

  it.each(['state', 'word', 'top-down'] as const)(
    'captions as its checkpoint does with two encoders side by side (%s)',
    async (query) => {
      const run = join(folder.path, `run-${query}`);
      await writeTinyRun(run, 'soft', { query, encoders: 2 });
      const model = join(folder.path, 'more', `captioner-${query}`);
      await exportCaptioner(run, model);
      const caption = await captionWith(model);
      expect(caption.split(' ').length).toBeGreaterThan(1);
      expect(caption).toBe(await captionWith(join(run, 'final')));
    },
  );

  it('loads without leaving tensors behind once it is disposed of', async () => {
    await expectNoLeak(async () => (await loadCaptioner(shipped)).dispose());
  });

  it('carries its own way of decoding', async () => {
    await exportCaptioner(join(folder.path, 'run'), copy, { decoding: { beam: 5, secondLook: true } });
    const model = await loadCaptioner(copy);
    expect(model.decoding).toMatchObject({ beam: 5, secondLook: true, noRepeat: 3 });
    model.dispose();
  });

  it('keeps the card that is there, or takes the one it is given', async () => {
    const card = join(copy, 'README.md');
    await writeFile(card, 'written by hand');
    await exportCaptioner(join(folder.path, 'run'), copy);
    expect(await readFile(card, 'utf8')).toBe('written by hand');
    await exportCaptioner(join(folder.path, 'run'), copy, { card: 'a new one' });
    expect(await readFile(card, 'utf8')).toBe('a new one');
  });

  it('replaces the old model as a whole and leaves nothing beside', async () => {
    await writeFile(join(copy, 'weights-9-0123456789abcdef.bin'), 'old');
    await exportCaptioner(join(folder.path, 'run'), copy);
    expect(await readdir(copy)).not.toContain('weights-9-0123456789abcdef.bin');
    expect((await readdir(folder.path)).filter((name) => /\.(new|old)-/.test(name))).toEqual([]);
  });

  it('does not take the place of a folder that is no model', async () => {
    const other = join(folder.path, 'letters');
    await mkdir(other, { recursive: true });
    await writeFile(join(other, 'letter.txt'), 'Dear');
    await expect(exportCaptioner(join(folder.path, 'run'), other)).rejects.toThrow('other things than a model');
    expect(await readdir(other)).toEqual(['letter.txt']);
  });

  it('comes from a run that has ended, or is told which checkpoint', async () => {
    await expect(exportCaptioner(join(folder.path, 'nowhere'), copy)).rejects.toThrow('There is no training run');
    const run = join(folder.path, 'unfinished');
    await writeTinyRun(run);
    await cp(join(run, 'final'), join(run, '1-decoder', 'best'), { recursive: true });
    await rm(join(run, 'final'), { recursive: true });
    await expect(exportCaptioner(run, copy)).rejects.toThrow(`--run ${join(run, '1-decoder', 'best')}`);
    const before = tf.memory().numTensors;
    await exportCaptioner(join(run, '1-decoder', 'best'), copy);
    expect(tf.memory().numTensors).toBe(before);
    expect(await captionWith(copy)).toBe(await captionWith(shipped));
  });
});

describe('a captioner that is loaded', () => {
  const flip = async (file: string): Promise<void> => {
    const path = join(copy, file);
    const bytes = await readFile(path);
    const place = Math.floor(bytes.length / 2);
    bytes[place] = (bytes[place] as number) ^ 1;
    await writeFile(path, bytes);
  };
  const shard = async (): Promise<string> =>
    (await readdir(copy)).find((name) => name.startsWith('weights-')) as string;

  it.each<[string, () => Promise<unknown>, string]>([
    ['a wrong byte in the encoder', () => flip('encoder.bin'), 'encoder.bin is damaged'],
    ["a wrong byte in the encoder's graph", () => flip('encoder.json'), 'encoder.json is damaged'],
    ['a wrong byte in the weights', async () => flip(await shard()), 'is damaged'],
    ['a wrong byte in model.json', () => flip('model.json'), 'model.json'],
    ['a missing encoder', () => rm(join(copy, 'encoder.bin')), 'encoder.bin is missing'],
    ['a missing shard', async () => rm(join(copy, await shard())), 'is missing'],
    [
      'an encoder that is cut off',
      async () => writeFile(join(copy, 'encoder.bin'), (await readFile(join(copy, 'encoder.bin'))).subarray(0, 99)),
      'encoder.bin is cut off: it has 99 bytes',
    ],
    ['an empty folder', () => rm(join(copy, 'model.json')), 'There is no model in'],
  ])('refuses %s and names the folder', async (_, damage, message) => {
    await damage();
    await expectNoLeak(async () => {
      const failure = await loadCaptioner(copy).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(Error);
      expect((failure as Error).message).toContain(message);
      expect((failure as Error).message).toContain(copy);
    });
  });

  it.each<[string, object, object, string]>([
    ['captions that never end', {}, { maxLength: 1e9 }, 'decoding.maxLength is 1000000000; it must be'],
    ['a beam of a billion', {}, { beam: 1e9 }, 'decoding.beam is 1000000000; it must be'],
    ['a beam that is none', {}, { beam: 'wide' }, 'decoding.beam is "wide"'],
    ['last words that are none', {}, { neverLast: 7 }, 'neverLast and decoding.repeatable must be lists'],
    ['described words that weigh less than nothing', {}, { describedWeight: -1 }, 'decoding.describedWeight is -1; it'],
    ['a hidden state of no size', { hiddenSize: undefined }, {}, 'config.hiddenSize is missing'],
    ['a first word that is none of its own', { startToken: 99_999 }, {}, 'config.startToken is 99999; it must be'],
    ['an attention of another kind', { attention: 'x' }, {}, 'config.attention is "x"; it must be one of soft'],
    [
      'a setting of its shape that nobody reads',
      { heads: 4 },
      {},
      `config has "heads", which this Attend does not know`,
    ],
    ['a grid of a million cells', { grid: [1000, 1000] }, {}, 'config.grid.0 is 1000; it must be'],
  ])('refuses %s, and says which number it is', async (_, config, decoding, message) => {
    const manifest = JSON.parse(await readFile(join(copy, 'model.json'), 'utf8'));
    const { sha256: _own, formatVersion: _version, ...rest } = manifest;
    const changed = {
      ...rest,
      config: JSON.parse(JSON.stringify({ ...rest.config, ...config })),
      metadata: { ...rest.metadata, decoding: { ...rest.metadata.decoding, ...decoding } },
    };
    await writeFile(join(copy, 'model.json'), await encodeManifest(changed));
    await expectNoLeak(async () => {
      const failure = await loadCaptioner(copy).catch((error: unknown) => error);
      expect((failure as Error).message).toContain(message);
      expect((failure as Error).message).toContain(copy);
    });
  });

  it.each<[string, object, string]>([
    ['of another size', { size: 13 }, 'preprocessing.size is 13; photos are read with 12'],
    ['from 0 to 1', { range: [0, 1] }, 'preprocessing.range is [0,1]; photos are read with [0,255]'],
    ['of a cut photo', { resize: 'crop' }, 'preprocessing.resize is "crop"; photos are read with "squash"'],
  ])('refuses pixels %s, which it would not get', async (_, other, message) => {
    const manifest = JSON.parse(await readFile(join(copy, 'model.json'), 'utf8'));
    const { sha256: _own, formatVersion: _version, ...rest } = manifest;
    const { metadata } = rest;
    const preprocessing = { ...metadata.preprocessing, ...other };
    const changed = await encodeManifest({ ...rest, metadata: { ...metadata, preprocessing } });
    await writeFile(join(copy, 'model.json'), changed);
    await expectNoLeak(() => expect(loadCaptioner(copy)).rejects.toThrow(message));
  });

  it.each<[string, unknown, string]>([
    ['that are none of its own', ['dog', 'zebra'], 'described must be a list of the model'],
    ['that are no list', 'dog', 'described must be a list of the model'],
    ['twice', ['dog', 'dog'], "A word occurs twice in model.json's described"],
    ['without weights', ['dog'], 'described.reduce should be'],
  ])('refuses words that photos are described with %s', async (_, described, message) => {
    const manifest = JSON.parse(await readFile(join(copy, 'model.json'), 'utf8'));
    const { sha256: _own, formatVersion: _version, ...rest } = manifest;
    const changed = { ...rest, metadata: { ...rest.metadata, described } };
    await writeFile(join(copy, 'model.json'), await encodeManifest(changed));
    await expectNoLeak(() => expect(loadCaptioner(copy)).rejects.toThrow(message));
  });

  it('shares the encoder of another captioner, which lies beside it once', async () => {
    const sharing = await exportCaptioner(join(folder.path, 'run'), join(folder.path, 'captioner-sharing'), {
      encoderOf: shipped,
    });
    expect(sharing.files.map(({ file }) => file.replace(/^weights.*/, 'weights'))).toEqual([
      'README.md',
      'model.json',
      'weights',
    ]);
    expect(await captionWith(sharing.folder)).toBe(await captionWith(shipped));
    expect((await checkCaptioner(sharing.folder)).map(({ file }) => file)).toContain('encoder.bin');

    const manifest = async (of: string): Promise<void> => {
      const {
        sha256: _own,
        formatVersion: _version,
        ...rest
      } = JSON.parse(await readFile(join(sharing.folder, 'model.json'), 'utf8'));
      rest.metadata.encoder.of = of;
      await writeFile(join(sharing.folder, 'model.json'), await encodeManifest(rest));
    };
    await manifest('captioner-gone');
    await expect(loadCaptioner(sharing.folder)).rejects.toThrow(
      'Its encoder is that of captioner-gone, which is not here. Put its folder beside this one.',
    );
    await manifest('../captioner-tiny');
    await expect(loadCaptioner(sharing.folder)).rejects.toThrow('which is no name');
    await rm(sharing.folder, { recursive: true });
  });

  it('is not exported with the encoder of another captioner that has other weights', async () => {
    await writeFile(
      join(copy, 'encoder.bin'),
      (await readFile(join(copy, 'encoder.bin'))).map((byte) => byte ^ 1),
    );
    const target = join(folder.path, 'captioner-sharing');
    await expect(exportCaptioner(join(folder.path, 'run'), target, { encoderOf: copy })).rejects.toThrow(
      /its encoder is not that of .*captioner-copy: the weights are others/,
    );
  });

  it('reads no file outside its folder', async () => {
    const {
      sha256: _own,
      formatVersion: _version,
      ...rest
    } = JSON.parse(await readFile(join(copy, 'model.json'), 'utf8'));
    for (const file of rest.metadata.encoder.files) file.file = `../captioner-tiny/${file.file}`;
    await writeFile(join(copy, 'model.json'), await encodeManifest(rest));
    await expect(checkCaptioner(copy)).rejects.toThrow('which is not in its folder');
  });

  itNative('runs as whole graphs, or operation by operation where none can be written', async () => {
    const run = async (): Promise<[wholeGraph: boolean, caption: string]> => {
      const model = await loadCaptioner(shipped);
      const { wholeGraph } = model;
      model.dispose();
      return [wholeGraph, await captionWith(shipped)];
    };
    const cache = process.env['ATTEND_CACHE'];
    const [wholeGraph, caption] = await run();
    expect(wholeGraph).toBe(true);
    try {
      // No folder can be made inside a file.
      process.env['ATTEND_CACHE'] = photo;
      expect(await expectNoLeak(run)).toEqual([false, caption]);
    } finally {
      process.env['ATTEND_CACHE'] = cache;
    }
  });

  it('lists its files with what they were checked against', async () => {
    const model = await loadCaptioner(shipped);
    for (const { file, bytes } of model.files) expect((await stat(join(shipped, file))).size).toBe(bytes);
    expect(model.files.map(({ file }) => file)).toEqual(
      expect.arrayContaining(['model.json', 'encoder.json', 'encoder.bin']),
    );
    model.dispose();
  });
});

describe('looking for a captioner', () => {
  it('takes a folder, a name with or without its prefix, or the first there is', () => {
    expect(listCaptioners(folder.path)).toEqual(['captioner-copy', 'captioner-tiny']);
    expect(findCaptioner(shipped)).toBe(shipped);
    expect(findCaptioner('captioner-tiny', folder.path)).toBe(shipped);
    expect(findCaptioner('tiny', folder.path)).toBe(shipped);
    expect(findCaptioner(undefined, folder.path)).toBe(copy);
  });

  it('says what there is where the wanted one is not', () => {
    expect(() => findCaptioner('huge', folder.path)).toThrow('no model "huge"');
    expect(() => findCaptioner('huge', folder.path)).toThrow('captioner-copy, captioner-tiny');
    expect(() => findCaptioner(undefined, join(folder.path, 'nothing'))).toThrow('no captioner in');
  });
});
