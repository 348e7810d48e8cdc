import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadCaptioner, type CaptionerModel } from '../../src/captioning/captioner-model.ts';
import {
  captionConstraints,
  CaptionSearch,
  decoderOf,
  encodeImages,
  type FoundCaptions,
} from '../../src/captioning/search.ts';
import type { CaptionOptions } from '../../src/contract/data/captions.ts';
import { bestLeaf, pathTo, type BeamNode } from '../../src/engine/decoding/beam-tree.ts';
import { beamSearch } from '../../src/engine/decoding/beam.ts';
import type { Decoder } from '../../src/engine/decoding/decoder.ts';
import { evidenceOf } from '../../src/engine/decoding/evidence.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { useTestBackend } from '../support/backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let model: CaptionerModel;
let images: Uint8Array[];

beforeAll(async () => {
  folder = await temporaryFolder();
  model = await loadCaptioner(await writeTinyModel(folder.path));
  const size = model.encoder.inputSize;
  images = [];
  for (let seed = 0; seed < 12; seed++) {
    const path = join(folder.path, `photo-${seed}.png`);
    await writeTinyPhoto(path, seed);
    images.push((await readPhoto(path, { size: [size, size] })).pixels);
  }
});
afterAll(async () => {
  model.dispose();
  await folder.remove();
});

async function find(options: CaptionOptions & { keywords?: boolean }): Promise<FoundCaptions[]> {
  const grids = encodeImages(model, images, false);
  try {
    return await new CaptionSearch(model, options).run(decoderOf(model, grids));
  } finally {
    for (const grid of grids) grid.dispose();
  }
}
const firsts = (found: readonly FoundCaptions[]): number[][] => found.map(({ captions }) => captions[0]!.tokens);

describe('the search for captions', () => {
  it.each([1, 2, 3])('gives the same caption whatever further ones are asked for, with a beam of %i', async (beam) => {
    const alone = firsts(await find({ beam }));
    for (const alternatives of [1, 2, 4, 8]) {
      const found = await find({ beam, alternatives });
      expect(firsts(found)).toEqual(alone);
      expect(found.map(({ captions }) => captions.length)).toEqual(images.map(() => alternatives + 1));
    }
    // It would not be so by itself: a beam that is wide enough finds other captions.
    expect(firsts(await find({ beam: 9 }))).not.toEqual(alone);
  });

  it('looks for keywords in the same captions, whatever further ones are asked for', async () => {
    const searched = async (alternatives: number): Promise<number[][][]> =>
      (await find({ alternatives, keywords: true })).map((found) => found.searched.map(({ tokens }) => tokens));
    const few = await searched(0);
    expect(few.map(({ length }) => length)).toEqual(images.map(() => 3));
    expect(await searched(1)).toEqual(few);
    expect(await searched(6)).toEqual(few);
  });

  it('gives further captions best first, and no sentence twice', async () => {
    for (const { captions } of await find({ beam: 2, alternatives: 6 })) {
      expect(new Set(captions.map(({ tokens }) => tokens.join())).size).toBe(captions.length);
      const ended = captions.slice(1).filter(({ finished }) => finished);
      expect(captions.slice(1, 1 + ended.length)).toEqual(ended);
      const scores = ended.map(({ score }) => score);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
    }
  });

  it('draws the first caption before the others', async () => {
    const sample = { seed: 7, temperature: 2, topP: 1 };
    const [alone] = firsts(await find({ sample }));
    const [found] = await find({ sample, alternatives: 5 });
    expect(found!.captions).toHaveLength(6);
    expect(found!.captions[0]!.tokens).toEqual(alone);
  });

  it.each<[string, CaptionOptions, string]>([
    [
      'a word that the model does not know',
      { start: 'a zebra' },
      'the word "zebra", so no caption can begin with "a zebra"',
    ],
    ['several of them, each once', { prefix: ['zebra', 'zebra', '<unk>'] }, 'the words "zebra", "<unk>", so'],
    ['a beginning that is no caption', { start: 'dog '.repeat(30) }, 'The beginning has 30 words'],
  ])('refuses %s', (_, options, message) => {
    expect(() => new CaptionSearch(model, options)).toThrow(message);
  });
});

describe('the choice by the words that photos are described with', () => {
  const weight = 2;
  /** Of each photo: other words are likely in each; nothing is known of the special ones and of "a". */
  const evidence = (): Float32Array[] =>
    images.map((_, photo) =>
      Float32Array.from(model.vocabulary.words, (_, token) => (token < 4 ? 0 : -((token * 7 + photo * 5) % 11) - 0.1)),
    );
  /** Short captions, of which a beam has several that say different things. */
  const speaker = (describedWeight = weight): CaptionerModel => ({
    ...model,
    decoding: { ...model.decoding, maxLength: 5, describedWeight },
  });

  async function choose(
    options: CaptionOptions,
    trees?: (readonly BeamNode[])[],
    by = speaker(),
  ): Promise<FoundCaptions[]> {
    const grids = encodeImages(model, images, false);
    const decoder = Object.assign(decoderOf(model, grids), { evidence: () => Promise.resolve(evidence()) });
    try {
      return await new CaptionSearch(by, options).run(decoder, trees && { onTree: (told) => void trees.push(...told) });
    } finally {
      for (const grid of grids) grid.dispose();
    }
  }

  /** Everything that ends in a beam search, by the definition. */
  async function best(beam: number): Promise<{ tokens: number[]; score: number }[]> {
    const grids = encodeImages(model, images, false);
    const { lengthNormalisation } = model.decoding;
    const options = { ...captionConstraints(speaker(), []), lengthNormalisation, width: beam, nBest: beam, spare: 100 };
    const found = await beamSearch(decoderOf(model, grids), options);
    for (const grid of grids) grid.dispose();
    return found.map((all, photo) => {
      const ended = all.filter((one) => one.finished);
      const scored = (ended.length > 0 ? ended : all).map(({ score, tokens }) => ({
        tokens,
        score: score + weight * evidenceOf(tokens, evidence()[photo]!),
      }));
      return scored.reduce((a, b) => (b.score > a.score ? b : a));
    });
  }

  it.each([9, 12])('takes the best of all that a beam of %i finds, and its score says why', async (beam) => {
    const found = await choose({ beam });
    const expected = await best(beam);
    expect(firsts(found)).toEqual(expected.map(({ tokens }) => tokens));
    expect(found.map(({ captions }) => captions[0]!.score)).toEqual(expected.map(({ score }) => score));
    expect(firsts(found)).not.toEqual(firsts(await choose({ beam }, undefined, speaker(0))));
  });

  it('is the same whatever further captions are asked for, and those stand best first', async () => {
    const alone = firsts(await choose({}));
    for (const alternatives of [2, 6]) {
      const found = await choose({ alternatives });
      expect(firsts(found)).toEqual(alone);
      for (const { captions } of found) {
        expect(captions).toHaveLength(alternatives + 1);
        const scores = captions.slice(1).flatMap(({ finished, score }) => (finished ? [score] : []));
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
      }
    }
  });

  it('is what the tree of the search ends in', async () => {
    const trees: (readonly BeamNode[])[] = [];
    const found = await choose({}, trees);
    const ends = trees.map((nodes) => pathTo(bestLeaf(nodes)!, nodes).map((node) => nodes[node]!.token));
    const captions = found.map((one) => one.captions[0]!);
    expect(ends).toEqual(
      captions.map(({ finished, tokens }) => (finished ? [...tokens, model.vocabulary.end] : tokens)),
    );
  });

  it('leaves a search alone whose decoder knows no such words', async () => {
    const grids = encodeImages(model, images, false);
    const found = await new CaptionSearch(speaker()).run(decoderOf(model, grids) satisfies Decoder<unknown>);
    for (const grid of grids) grid.dispose();
    expect(firsts(found)).toEqual(firsts(await choose({}, undefined, speaker(0))));
  });
});

describe('the encoding of photos', () => {
  it.each([false, true])('is that of each alone, in their order (second look: %s)', (secondLook) => {
    const few = images.slice(0, 5);
    const together = encodeImages(model, few, secondLook);
    const alone = few.map((pixels) => encodeImages(model, [pixels], secondLook));
    expect(together.length).toBe(secondLook ? 2 : 1);
    for (const [look, grids] of together.entries()) {
      expect(grids.shape).toEqual([few.length, ...alone[0]![look]!.shape.slice(1)]);
      const numbers = grids.dataSync();
      const expected = alone.flatMap((one) => [...one[look]!.dataSync()]);
      expect(Math.max(...expected.map((value, i) => Math.abs(value - numbers[i]!)))).toBeLessThan(1e-5);
    }
    for (const grid of [together, ...alone].flat()) grid.dispose();
  });
});
