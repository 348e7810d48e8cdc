import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PathExplanation } from '../../../src/service/export/explanation-of.ts';
import { PictureHost } from '../../../src/service/export/picture-tasks.ts';
import { temporaryFolder, writeTinyPhoto } from '../../support/tiny-captioner.ts';

const host = new PictureHost();
const control = { signal: new AbortController().signal, report: () => undefined };
const style = { mode: 'tint', upsample: 'cells' } as const;
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let explanation: PathExplanation;

beforeAll(async () => {
  folder = await temporaryFolder();
  const photo = join(folder.path, 'photo.png');
  await writeTinyPhoto(photo, 1);
  const word = (text: string, ...weights: number[]) => ({ word: text, probability: 0.5, weights });
  const words = [word('a', 1, 0, 0, 0), word('dog', 0, 1, 0, 0), word('dog', 0, 0, 1, 0)];
  explanation = { photo, caption: 'A dog dog.', words, grid: [2, 2] };
});
afterAll(() => folder.remove());

const draw = (word: number | null): Promise<Uint8Array> => host.picture({ explanation, word, style }, control);

describe('one picture', () => {
  it('is that of the word that was asked for, as its file has it', async () => {
    const files = await host.draw({ explanation, format: 'png', style }, control);
    expect(files.map(({ suffix }) => suffix)).toEqual(['-01-a.png', '-02-dog.png', '-03-dog.png']);
    for (const [word, { data }] of files.entries()) expect([word, await draw(word)]).toEqual([word, data]);
    expect(new Set(files.map(({ data }) => Buffer.from(data).toString('base64'))).size).toBe(3);
  });

  it('is the contact sheet where no word was asked for', async () => {
    const [sheet] = await host.draw({ explanation, format: 'sheet', style }, control);
    expect(await draw(null)).toEqual(sheet!.data);
  });

  it('is refused for a word that the caption has not', async () => {
    await expect(draw(3)).rejects.toMatchObject({
      code: 'not-found',
      message: 'The caption has 3 words; there is no word 4.',
    });
  });

  it('has its style', async () => {
    const other = { ...style, mode: 'dim' } as const;
    expect(await host.picture({ explanation, word: 0, style: other }, control)).not.toEqual(await draw(0));
  });
});

describe('drawing', () => {
  it('stops between two words when it is not wanted any more', async () => {
    const signal = AbortSignal.abort();
    await expect(
      host.draw({ explanation, format: 'png', style }, { signal, report: () => undefined }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    await expect(
      host.picture({ explanation, word: 2, style }, { signal, report: () => undefined }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('makes nothing that moves of a caption without words', async () => {
    const empty = { ...explanation, words: [] };
    expect(await host.draw({ explanation: empty, format: 'gif', style }, control)).toEqual([]);
  });
});
