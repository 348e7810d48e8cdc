import { join } from 'node:path';
import type * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionOptions, PartialCaption } from '../../src/contract/data/captions.ts';
import { REQUESTS } from '../../src/contract/requests.ts';
import { withSpread } from '../../src/captioning/spread.ts';
import { captionPhotos } from '../../src/captioning/caption-photos.ts';
import { follow, type Followed } from '../../src/captioning/faithfulness/follow.ts';
import { replaceAttention } from '../../src/captioning/faithfulness/replaced-attention.ts';
import { encodeImages } from '../../src/captioning/search.ts';
import { CaptionerDecoder } from '../../src/engine/models/captioner-decoder.ts';
import { readPhoto } from '../../src/photos/read-photo.ts';
import { loadCaptioner } from '../../src/captioning/captioner-model.ts';
import type { CaptionFound, PhotoRef } from '../../src/captioning/photo-tasks.ts';
import type { TaskControl } from '../../src/tasks/task-control.ts';
import { PhotoCaptioner } from '../../src/captioning/photo-captioner.ts';
import { expectNoLeak, useTestBackend } from '../support/backend.ts';
import { temporaryFolder, TINY_WORDS, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();

let folder: { path: string; remove: () => Promise<void> };
let captioner: PhotoCaptioner;
let photo: PhotoRef;

beforeAll(async () => {
  folder = await temporaryFolder();
  captioner = new PhotoCaptioner(await loadCaptioner(await writeTinyModel(folder.path)));
  const path = join(folder.path, 'photo.png');
  await writeTinyPhoto(path, 3);
  photo = { key: path, name: 'photo.png', source: path };
});
afterAll(async () => {
  captioner.dispose();
  await folder.remove();
});

const quiet = <Report>(report: (report: Report) => void = () => undefined): TaskControl<Report> => ({
  signal: new AbortController().signal,
  report,
});
const caption = (options: CaptionOptions, report?: (partial: PartialCaption) => void): Promise<CaptionFound> =>
  captioner.caption({ photo, options }, quiet(report));
const wordsOf = (found: CaptionFound, index = 0): string[] => found.captions[index]!.words.map(({ word }) => word);

describe('captioning one photo', () => {
  it('finds what captioning many photos finds', async () => {
    const found = await caption({ alternatives: 2 });
    for await (const result of captionPhotos(captioner.model, [photo.key], { alternatives: 2 })) {
      expect('words' in result && result.words).toEqual(withSpread(found.captions[0]!.words));
      expect('score' in result && result.score).toBe(found.captions[0]!.score);
      expect('alternatives' in result && result.alternatives).toEqual(
        found.captions.slice(1).map(({ caption, score }) => ({ caption, score })),
      );
    }
  });

  it('tells the whole caption before further ones are searched for', async () => {
    const reports: PartialCaption[] = [];
    const found = await caption({ alternatives: 4, beam: 2 }, (partial) => reports.push(partial));
    const whole = reports.filter(({ isWhole }) => isWhole);
    expect(whole).toHaveLength(1);
    expect(reports.at(-1)).toBe(whole[0]);
    expect(whole[0]!.words.map(({ word }) => word)).toEqual(wordsOf(found));
    const alone: PartialCaption[] = [];
    await caption({ alternatives: 1, beam: 2 }, (partial) => alone.push(partial));
    expect(alone.some(({ isWhole }) => isWhole)).toBe(false);
  });

  it('tells what the photo could be filed under', async () => {
    const { captions, keywords } = await caption({ prefix: ['the', 'dog', 'with', 'the', 'ball'] });
    expect(captions[0]!.caption).toMatch(/^The dog with the ball/);
    expect(keywords?.slice(0, 2)).toEqual(['dog', 'ball']);
  });

  it('gives every alternative its own words and maps', async () => {
    const { captions, grid } = await caption({ alternatives: 3 });
    expect(captions).toHaveLength(4);
    expect(new Set(captions.map(({ caption }) => caption)).size).toBe(4);
    for (const { words } of captions) {
      for (const { weights } of words) {
        expect(weights).toHaveLength(grid[0] * grid[1]);
        expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
      }
    }
  });

  it('reports the best caption so far after every word', async () => {
    const lengths: number[] = [];
    const found = await caption({ beam: 1, prefix: ['the', 'dog', 'in'] }, ({ words }) => lengths.push(words.length));
    const count = found.captions[0]!.words.length;
    expect(lengths.slice(0, count)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  });

  it.each<[string, CaptionOptions]>([
    ['a beginning as it was typed', { start: 'The dog' }],
    ['words of the model', { prefix: ['the', 'dog'] }],
    ['words of the model rather than what was typed', { start: 'snow', prefix: ['the', 'dog'] }],
  ])('goes on from %s', async (_, options) => {
    const found = await caption(options);
    expect(wordsOf(found).slice(0, 2)).toEqual(['the', 'dog']);
    expect(found.given).toBe(2);
  });

  it('draws the same for the same seed, and something else for another', async () => {
    const drawn = async (seed: number): Promise<string[]> =>
      (await caption({ alternatives: 4, sample: { seed, temperature: 2, topP: 1 } })).captions.map(
        ({ caption }) => caption,
      );
    expect(await drawn(1)).toEqual(await drawn(1));
    expect(await drawn(1)).not.toEqual(await drawn(2));
  });

  it.each<[string, CaptionOptions, string, RegExp]>([
    [
      'an unknown word',
      { start: 'a zebra' },
      'unknown-words',
      /does not know the word "zebra", so no caption can begin with "a zebra"/,
    ],
    ['a special token', { prefix: ['<end>'] }, 'unknown-words', /<end>/],
    ['a beginning without end', { prefix: Array<string>(30).fill('a') }, 'too-long', /30 words/],
  ])('refuses %s', async (_, options, code, message) => {
    await expect(caption(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('stops when it is aborted', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    const control = { signal: controller.signal, report: () => undefined };
    await expect(captioner.caption({ photo, options: {} }, control)).rejects.toThrow('enough');
  });

  it('leaves no tensors behind once the photo is encoded', async () => {
    await caption({});
    await expectNoLeak(() => caption({ alternatives: 2 }));
    await expectNoLeak(() => captioner.candidates({ photo, prefix: ['a'], count: 5 }, quiet()));
    await expectNoLeak(() => captioner.occlusion({ photo, words: ['a', 'dog'], position: 1, share: 0.3 }, quiet()));
  });
});

describe('why this word', () => {
  it('gives the likeliest words with the probabilities that the caption has', async () => {
    const words = (await caption({ beam: 1, prefix: ['the', 'dog', 'in'] })).captions[0]!.words;
    for (const position of words.keys()) {
      const prefix = words.slice(0, position).map(({ word }) => word);
      const { candidates, weights } = await captioner.candidates({ photo, prefix, count: TINY_WORDS.length }, quiet());
      const probabilities = candidates.map(({ probability }) => probability);
      expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
      const { word, probability, weights: own } = words[position]!;
      const candidate = candidates.find((one) => one.word === word);
      expect(candidate?.probability).toBeCloseTo(probability, 5);
      weights.forEach((weight, cell) => expect(weight).toBeCloseTo(own[cell]!, 4));
    }
  });

  it('says how likely a word were had the model looked everywhere alike', async () => {
    const { candidates, weights } = await captioner.candidates({ photo, prefix: ['a'], count: 4 }, quiet());
    expect(new Set(weights).size).toBeGreaterThan(1);
    const { vocabulary, encoder } = captioner.model;
    const { pixels } = await readPhoto(photo.source, { size: [encoder.inputSize, encoder.inputSize] });
    const [grid] = encodeImages(captioner.model, [pixels], false) as [tf.Tensor3D];
    const own = captioner.model.captioner!;
    const blind = replaceAttention(own, 'uniform');
    const decoder = new CaptionerDecoder(own.config, blind, grid);
    for (const { word, unlooked, probability } of candidates) {
      const token = word === null ? vocabulary.end : vocabulary.id(word);
      const [{ logProbabilities }] = follow(decoder, [[vocabulary.id('a'), token]]) as [Followed];
      expect(unlooked).toBeCloseTo(Math.exp(logProbabilities[1]!), 5);
      expect(Math.abs(unlooked! / probability - 1)).toBeGreaterThan(0.01);
    }
    grid.dispose();
  });

  it('names the end of the sentence, and never what a caption cannot hold', async () => {
    const { candidates } = await captioner.candidates({ photo, prefix: ['a'], count: 50 }, quiet());
    expect(candidates.filter(({ word }) => word === null)).toHaveLength(1);
    expect(candidates.map(({ word }) => word)).not.toContain('<unk>');
  });
});

describe('does it matter', () => {
  it('compares the word’s own region with others of its size that share no cell with it', async () => {
    const reports: number[] = [];
    const words = (await caption({ beam: 1, prefix: ['the', 'dog'] })).captions[0]!.words;
    const found = await captioner.occlusion(
      { photo, words: words.map(({ word }) => word), position: 1, share: 0.2 },
      quiet(({ done }) => reports.push(done)),
    );
    expect(found.whole).toBeCloseTo(words[1]!.probability, 5);
    const controls = [found.centre, found.otherWord].filter((one) => one !== null);
    expect(reports).toEqual(Array.from({ length: found.elsewhere.length + controls.length + 1 }, (_, i) => i + 1));
    for (const { region } of controls) {
      expect(region).toHaveLength(found.region.length);
      expect(region.filter((cell) => found.region.includes(cell)).length).toBeLessThan(found.region.length / 2);
    }
    expect(found.otherWord?.position).not.toBe(1);
    for (const { region } of found.elsewhere) {
      expect(region).toHaveLength(found.region.length);
      expect(region.filter((cell) => found.region.includes(cell))).toEqual([]);
    }
    const mean = found.elsewhere.reduce((sum, { probability }) => sum + probability, 0) / found.elsewhere.length;
    expect(found.elsewhereMean).toBeCloseTo(mean, 5);
  });

  it('refuses a place that the caption does not have', async () => {
    const task = { photo, words: ['a'], position: 1, share: 0.5 };
    await expect(captioner.occlusion(task, quiet())).rejects.toMatchObject({ code: 'bad-request' });
  });
});

describe('one step', () => {
  it('is that of one look at the photo, and nothing of it stays behind', async () => {
    const prefix = ['the', 'dog'];
    await captioner.trace({ photo, prefix, change: {} }, quiet());
    const { grid, step } = await expectNoLeak(() => captioner.trace({ photo, prefix, change: {} }, quiet()));
    expect(step.look!.weights).toHaveLength(grid[0] * grid[1]);
    const { candidates } = await captioner.candidates({ photo, prefix, count: 5 }, quiet());
    // The tiny captioner looks once.
    expect(step.likeliest.map(({ word }) => word)).toEqual(candidates.map(({ word }) => word));
    expect(step.likeliest[0]!.probability).toBeCloseTo(candidates[0]!.probability, 5);
  });

  it('is refused after words that nobody knows', async () => {
    await expect(captioner.trace({ photo, prefix: ['zebra'], change: {} }, quiet())).rejects.toThrow('"zebra"');
  });
});

describe('the tree of the search', () => {
  it.each([1, 2, 3])('ends with the caption that the app gives, with a beam of %i', async (beam) => {
    const found = await caption({ beam });
    const tree = await captioner.tree({ photo, beam }, quiet());
    expect(REQUESTS['learn.captionTree'].output.parse(tree)).toEqual(tree);
    expect(tree.width).toBe(beam);
    expect(tree.text).toBe(found.captions[0]!.caption);
    const leaf = tree.nodes[tree.best!]!;
    // Where none has ended, as in a beam of one here, the longest length ends them.
    const ended = (wanted: string): number[] =>
      tree.nodes.filter(({ fate }) => fate === wanted).map(({ score }) => score);
    const scores = ended('finished').length > 0 ? ended('finished') : ended('cut-off');
    expect(leaf.score).toBe(Math.max(...scores));
    expect(leaf.score).toBeCloseTo(found.captions[0]!.score, 5);
  });

  it('leaves no tensors', async () => {
    await expectNoLeak(() => captioner.tree({ photo }, quiet()));
  });
});

describe('what can be typed', () => {
  it.each([
    ['a do', [], ['dog']],
    ['a dog', [], []],
    ['a zebra ', ['zebra'], []],
    ['a zeb', ['zeb'], []],
    ['', [], []],
  ])('knows how %j may go on', (text, unknown, completions) => {
    expect(captioner.vocabulary({ text, completions: 5 })).toEqual({ unknown, completions });
  });
});
