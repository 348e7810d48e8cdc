import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { AttendClient } from '../../src/client/attend-client.ts';
import type { Photo } from '../../src/contract/data/photos.ts';
import { EVENTS } from '../../src/contract/events.ts';
import { REQUESTS, type Output, type Progress, type RequestName } from '../../src/contract/requests.ts';
import type { TinyPlace } from './tiny-service.ts';

/** A door under test: a client, and the address of a picture as bytes. */
export interface Door {
  place: TinyPlace;
  client: AttendClient;
  fetch(address: string): Promise<{ type: string | null; bytes: Uint8Array }>;
}

/** What every door must do alike; every answer is held against its schema. */
export function describeDoor(name: string, door: () => Door): void {
  const ask = async <Name extends RequestName>(
    ...parameters: Parameters<typeof request<Name>>
  ): Promise<Output<Name>> => request(...parameters);
  async function request<Name extends RequestName>(
    requestName: Name,
    input: Parameters<AttendClient['request']>[1],
    control?: { signal?: AbortSignal; onProgress?: (progress: Progress<Name>) => void },
  ): Promise<Output<Name>> {
    const output = await door().client.request(requestName, input as never, control);
    expect(REQUESTS[requestName].output.safeParse(output).error).toBeUndefined();
    return output;
  }
  const addPhoto = async (index = 0): Promise<Photo> => {
    const file = new File([await readFile(door().place.photos[index]!)], `photo-${index}.png`, { type: 'image/png' });
    const { failed, photos } = await door().client.addFiles([file]);
    expect(failed).toEqual([]);
    return photos[0]!;
  };

  describe(`${name}: the contract`, () => {
    it('says what runs', async () => {
      expect(await ask('app.info', {})).toMatchObject({ door: door().client.door, samples: 0 });
      await ask('app.model', {});
    });

    it('says where it keeps what, and removes the pictures that can be made again', async () => {
      const photo = await addPhoto();
      await door().fetch(photo.thumbnail);
      const { cache, data, models } = await ask('app.about', {});
      expect([data, cache.folder].every((folder) => folder.includes(door().place.folder))).toBe(true);
      expect(cache.bytes).toBeGreaterThan(0);
      expect(models.map(({ name }) => name)).toEqual(['captioner-tiny']);
      expect(await ask('app.clearCache', {})).toEqual({ bytes: 0 });
      expect((await door().fetch(photo.thumbnail)).type).toBe('image/jpeg');
    });

    it('says whose software comes with it', async () => {
      const { text } = await ask('app.notices', {});
      for (const name of ['libvips and', 'ExifTool,', 'svelte 5', 'sharp 0'])
        expect(text.split(`\n${name}`)).toHaveLength(2);
    });

    it('adds a photo, shows it and captions it word by word', async () => {
      const photo = await addPhoto();
      expect(photo).toMatchObject({ width: 40, height: 30, error: null });
      for (const address of [photo.thumbnail, photo.picture]) {
        const { bytes, type } = await door().fetch(address);
        expect(type).toBe('image/jpeg');
        expect([...bytes.subarray(0, 2)]).toEqual([0xff, 0xd8]);
      }
      const lengths: number[] = [];
      const result = await ask(
        'caption.run',
        { photoId: photo.id, beam: 1, alternatives: 0, prefix: ['the', 'dog'] },
        { onProgress: ({ words }) => lengths.push(words.length) },
      );
      expect(lengths.slice(0, 2)).toEqual([1, 2]);
      expect(result.given).toBe(2);
      const { photos } = await ask('photos.list', {});
      expect(photos.find(({ id }) => id === photo.id)).toMatchObject({
        state: 'done',
        caption: result.captions[0]!.caption,
      });
      expect((await ask('caption.get', { photoId: photo.id })).result).toEqual(result);
      // Its maps have addresses, and are drawn as these are asked for.
      const drawn: Uint8Array[] = [];
      for (const name of ['0/0', '0/1', '0/sheet']) {
        const { bytes, type } = await door().fetch(`/photos/${photo.id}/maps/${name}.png`);
        expect([type, Buffer.from(bytes.subarray(1, 4)).toString()]).toEqual(['image/png', 'PNG']);
        drawn.push(bytes);
      }
      expect(new Set(drawn.map((bytes) => Buffer.from(bytes).toString('base64'))).size).toBe(3);
    });

    it('explains a word: candidates, going on from another one, and whether the region matters', async () => {
      const photo = await addPhoto(1);
      const { candidates } = await ask('caption.candidates', { photoId: photo.id, prefix: ['the'] });
      expect(candidates).toHaveLength(5);
      const word = candidates.find((one) => one.word !== null)!.word!;
      const result = await ask('caption.run', { photoId: photo.id, prefix: ['the', word], keep: false });
      expect(result.captions[0]!.words.slice(0, 2).map((one) => one.word)).toEqual(['the', word]);
      await ask('caption.occlusion', { photoId: photo.id, words: ['the', word], position: 1, share: 0.1 });
      expect(await ask('caption.vocabulary', { text: 'a zebra ' })).toEqual({ unknown: ['zebra'], completions: [] });
    });

    it('keeps what is written by hand, whatever the model says later', async () => {
      const photo = await addPhoto(2);
      expect(await ask('caption.edit', { photoId: photo.id, caption: '  Our dog. ' })).toMatchObject({
        caption: 'Our dog.',
        edited: true,
      });
      await ask('caption.run', { photoId: photo.id });
      const { photos } = await ask('photos.list', {});
      expect(photos.find(({ id }) => id === photo.id)?.caption).toBe('Our dog.');
      expect((await ask('photos.search', { text: 'DOG our' })).photoIds).toContain(photo.id);
    });

    it('keeps the keywords that somebody chose, and finds the photo by them', async () => {
      const photo = await addPhoto(2);
      await ask('caption.run', { photoId: photo.id });
      expect((await ask('caption.get', { photoId: photo.id })).keywords).toBeNull();
      const keywords = ['Zermatt', 'snow'];
      expect(await ask('caption.keywords', { photoId: photo.id, keywords: [' Zermatt', 'snow', 'SNOW'] })).toEqual({
        keywords,
      });
      await ask('caption.run', { photoId: photo.id });
      expect((await ask('caption.get', { photoId: photo.id })).keywords).toEqual(keywords);
      expect((await ask('photos.search', { text: 'zermatt' })).photoIds).toContain(photo.id);
      await ask('caption.keywords', { photoId: photo.id, keywords: null });
      expect((await ask('caption.get', { photoId: photo.id })).keywords).toBeNull();
      expect((await ask('photos.search', { text: 'zermatt' })).photoIds).toEqual([]);
    });

    it('keeps what a person says of captions, and undoes it', async () => {
      const photo = await addPhoto(2);
      await ask('caption.run', { photoId: photo.id, prefix: ['the', 'dog'] });
      await ask('caption.edit', { photoId: photo.id, caption: null });
      const { photos } = await ask('review.set', { photoIds: [photo.id], state: 'accepted' });
      expect(photos[0]?.review).toBe('accepted');
      const { step } = await ask('caption.replace', { find: 'dog', replacement: 'cat', photoIds: [photo.id] });
      expect((await ask('history.get', {})).undo).toEqual({ step, kind: 'replace', photos: 1 });
      await ask('history.undo', { step });
      await ask('history.undo', {});
      expect((await ask('photos.list', {})).photos.find(({ id }) => id === photo.id)?.review).toBe('new');
      expect((await ask('history.redo', {})).done?.kind).toBe('review');
    });

    it('tells what happens', async () => {
      const seen: Photo[] = [];
      const end = door().client.subscribe('photos', (event) => {
        expect(EVENTS.photos.safeParse(event).error).toBeUndefined();
        seen.push(...event.changed);
      });
      const photo = await addPhoto();
      // The stream of a browser needs a moment to be there.
      await expect
        .poll(
          async () => {
            await ask('caption.edit', { photoId: photo.id, caption: 'Told.' });
            await new Promise((resolve) => setTimeout(resolve, 150));
            return seen.some(({ caption, id }) => id === photo.id && caption === 'Told.');
          },
          { timeout: 10_000 },
        )
        .toBe(true);
      await ask('caption.edit', { photoId: photo.id, caption: null });
      end();
    });

    it('exports', async () => {
      const photo = await addPhoto();
      await ask('caption.run', { photoId: photo.id });
      const output = await ask('export.run', {
        photoIds: [photo.id],
        formats: ['json'],
        target: { kind: 'download' },
        existing: 'skip',
      });
      const { bytes } = await door().fetch(output.download!.address);
      expect(JSON.parse(Buffer.from(bytes).toString())).toHaveProperty('words');
      const picture = await ask('export.picture', { photoId: photo.id, word: null });
      expect((await door().fetch(picture.address)).type).toBe('image/png');
    });

    it.each<[string, RequestName, object, string]>([
      ['a photo that is not there', 'caption.run', { photoId: 'nothere' }, 'not-found'],
      ['an input of another form', 'caption.run', { photoId: '../../etc' }, 'bad-request'],
      ['an option out of range', 'settings.set', { alternatives: -1 }, 'bad-request'],
      ['a request that does not exist', 'toString' as RequestName, {}, 'unknown-request'],
      ['a translation', 'translate.run', { text: 'a dog', to: 'de' }, 'no-translator'],
    ])('refuses %s', async (_, requestName, input, code) => {
      await expect(door().client.request(requestName, input as never)).rejects.toMatchObject({
        name: 'AttendError',
        code,
      });
    });

    it('refuses an unknown word with a sentence for a person', async () => {
      const photo = await addPhoto();
      await expect(ask('caption.run', { photoId: photo.id, start: 'a zebra' })).rejects.toMatchObject({
        code: 'unknown-words',
        message: expect.stringContaining('zebra'),
      });
    });

    it('cancels at once', async () => {
      const photo = await addPhoto();
      const controller = new AbortController();
      const running = ask('caption.run', { photoId: photo.id }, { signal: controller.signal });
      controller.abort();
      await expect(running).rejects.toMatchObject({ code: 'cancelled' });
      await expect(ask('caption.run', { photoId: photo.id }, { signal: controller.signal })).rejects.toMatchObject({
        code: 'cancelled',
      });
    });
  });
}
