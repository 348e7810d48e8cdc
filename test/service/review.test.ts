import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CaptionResult } from '../../src/contract/data/captions.ts';
import type { History } from '../../src/contract/data/history.ts';
import type { Photo } from '../../src/contract/data/photos.ts';
import type { Input, Output, RequestName } from '../../src/contract/requests.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { dispatch } from '../../src/service/dispatch.ts';
import { useTestBackend } from '../support/backend.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';

useTestBackend();

let place: TinyPlace;
let service: AttendService;
let ids: string[];

const ask = async <Name extends RequestName>(name: Name, input: Input<Name>): Promise<Output<Name>> =>
  (await dispatch(service.handlers, name, input)) as Output<Name>;
const photos = async (): Promise<Photo[]> => (await ask('photos.list', {})).photos;
const states = async (): Promise<string[]> => (await photos()).map(({ review }) => review);

beforeEach(async () => {
  place = await tinyPlace();
  service = await place.open({ door: 'electron' });
  ids = (await ask('photos.open', { paths: [...place.photos] })).photos.map(({ id }) => id);
  for (const photoId of ids) await ask('caption.run', { photoId, prefix: ['the', 'dog'], alternatives: 3 });
});
afterEach(async () => {
  await service.close();
  await place.remove();
});

describe('a review', () => {
  it('says of captions whether a person accepts them, and goes on after a restart', async () => {
    const { photos: said, step } = await ask('review.set', { photoIds: [ids[0]!, ids[1]!], state: 'accepted' });
    expect(said.map(({ id, review }) => [id, review])).toEqual([
      [ids[0], 'accepted'],
      [ids[1], 'accepted'],
    ]);
    expect(step).toBeGreaterThan(0);
    await ask('review.set', { photoIds: [ids[1]!], state: 'rejected' });
    const edited = await ask('caption.edit', { photoId: ids[2]!, caption: 'Mine.' });
    expect(edited).toMatchObject({ review: 'edited', caption: 'Mine.' });
    await service.close();
    service = await place.open({ door: 'electron' });
    expect(await states()).toEqual(['accepted', 'rejected', 'edited']);
    // The way back has ended with the service.
    expect(await ask('history.get', {})).toEqual({ undo: null, redo: null });
  });

  it('calls what was written by hand edited where it is accepted, and new where the model has the word again', async () => {
    const photoId = ids[0]!;
    await ask('caption.edit', { photoId, caption: 'Mine.' });
    await ask('review.set', { photoIds: [photoId], state: 'rejected' });
    await ask('review.set', { photoIds: [photoId], state: 'accepted' });
    expect((await states())[0]).toBe('edited');
    await ask('caption.edit', { photoId, caption: null });
    expect((await states())[0]).toBe('new');
  });

  it('says nothing of a photo without a caption', async () => {
    await ask('photos.remove', { photoIds: ids });
    const { photos: again } = await ask('photos.open', { paths: [place.photos[0]!] });
    const answer = await ask('review.set', { photoIds: [again[0]!.id, 'gone'], state: 'accepted' });
    expect(answer).toEqual({ photos: [] });
  });

  it('begins anew where the model finds another caption, and not where it finds the same', async () => {
    await ask('review.set', { photoIds: ids, state: 'accepted' });
    await ask('caption.run', { photoId: ids[0]!, prefix: ['the', 'dog'], alternatives: 3 });
    await ask('caption.run', { photoId: ids[1]!, prefix: ['a'] });
    expect(await states()).toEqual(['accepted', 'new', 'accepted']);
  });

  it('is found by a search', async () => {
    await ask('review.set', { photoIds: [ids[1]!], state: 'rejected' });
    expect(await ask('photos.search', { text: 'dog', review: ['rejected'] })).toEqual({ photoIds: [ids[1]] });
    expect(await ask('photos.search', { text: '', review: ['new', 'accepted'] })).toEqual({
      photoIds: [ids[0], ids[2]],
    });
    expect(await ask('photos.search', { text: 'cat', review: ['rejected'] })).toEqual({ photoIds: [] });
  });
});

describe('a caption that is chosen', () => {
  it('is accepted in place of what was written by hand, as one step, with keywords of its own', async () => {
    const photoId = ids[0]!;
    const before = (await ask('caption.get', { photoId })).result!;
    await ask('caption.edit', { photoId, caption: 'Mine.' });
    // A finder of keywords must not find the first caption's.
    const chosen: CaptionResult = await ask('caption.choose', { photoId, caption: 2 });
    expect(chosen.captions.map(({ caption }) => caption)).toEqual(
      [2, 0, 1, 3].map((index) => before.captions[index]?.caption),
    );
    const after = await ask('caption.get', { photoId });
    expect(after).toMatchObject({ edited: null, result: chosen });
    expect((await photos())[0]).toMatchObject({ review: 'accepted', caption: before.captions[2]!.caption });
    await ask('history.undo', {});
    expect((await photos())[0]).toMatchObject({ review: 'edited', caption: 'Mine.' });
    await ask('history.undo', {});
    expect((await ask('caption.get', { photoId })).result).toEqual(before);
  });

  it('is given the keywords of the captions in their new order, unless somebody chose others', async () => {
    const photoId = ids[0]!;
    const result = (await ask('caption.get', { photoId })).result!;
    const texts = ['A dog on a sofa.', 'A cat on a carpet.', 'A horse.', 'A boat.'];
    const captions = result.captions.map((one, i) => ({ ...one, caption: texts[i] ?? 'A house.' }));
    await service.library.setResult(photoId, { ...result, captions, keywords: ['dog', 'sofa'] });
    await ask('caption.choose', { photoId, caption: 1 });
    expect((await ask('caption.get', { photoId })).result?.keywords).toEqual(['cat', 'carpet', 'dog', 'sofa', 'horse']);
    await ask('caption.keywords', { photoId, keywords: ['mine'] });
    await ask('caption.choose', { photoId, caption: 2 });
    expect((await ask('caption.get', { photoId })).keywords).toEqual(['mine']);
  });
});

describe('words that are replaced in captions', () => {
  it('are counted first, and then replaced as one thing to undo; what nobody has seen stays new', async () => {
    await ask('review.set', { photoIds: [ids[1]!], state: 'accepted' });
    await ask('caption.edit', { photoId: ids[2]!, caption: 'No animal.' });
    const before = (await photos()).map(({ caption }) => caption);
    const replacement = { find: 'dog', replacement: 'puppy' };
    const preview = await ask('caption.replace', { ...replacement, preview: true });
    expect(preview).toMatchObject({ photos: 2, places: before.join(' ').match(/\bdog\b/g)?.length });
    expect(preview).not.toHaveProperty('step');
    expect(preview.examples[0]).toEqual({
      photoId: ids[0],
      before: before[0],
      after: before[0]?.replaceAll(/\bdog\b/g, 'puppy'),
    });
    expect((await photos()).map(({ caption }) => caption)).toEqual(before);
    const { step } = await ask('caption.replace', replacement);
    expect(await states()).toEqual(['new', 'edited', 'edited']);
    expect((await photos())[0]).toMatchObject({ caption: preview.examples[0]?.after, edited: true });
    expect(await ask('history.undo', { step })).toMatchObject({ done: { kind: 'replace', photos: 2 } });
    expect((await photos()).map(({ caption }) => caption)).toEqual(before);
    expect(await states()).toEqual(['new', 'accepted', 'edited']);
  });

  it('are replaced in some photos alone where these are named', async () => {
    const { photos: count } = await ask('caption.replace', {
      find: 'dog',
      replacement: 'x',
      photoIds: [ids[1]!, 'gone'],
    });
    expect(count).toBe(1);
    expect((await photos()).map(({ edited }) => edited)).toEqual([false, true, false]);
  });
});

describe('undoing', () => {
  it('is told to all windows, and takes keywords, edits and removed photos back', async () => {
    const told: History[] = [];
    service.events.subscribe('history', (history) => told.push(history));
    await ask('caption.keywords', { photoId: ids[0]!, keywords: ['mine'] });
    const { step } = await ask('photos.remove', { photoIds: [ids[0]!, ids[2]!] });
    expect(told.at(-1)).toEqual({ undo: { step, kind: 'remove', photos: 2 }, redo: null });
    expect(await ask('history.undo', { step })).toMatchObject({ photoIds: [ids[0], ids[2]] });
    expect((await photos()).map(({ id }) => id)).toEqual(ids);
    await ask('history.undo', {});
    expect((await ask('caption.get', { photoId: ids[0]! })).keywords).toBeNull();
    expect(await ask('history.redo', {})).toMatchObject({ done: { kind: 'keywords' } });
    expect(await ask('history.get', {})).toEqual(told.at(-1));
  });
});

it('fills in how sure the model was where an older Attend has not kept it', async () => {
  const before = (await photos()).map(({ confidence }) => confidence);
  expect(before.every((one) => one !== null && one > 0 && one < 1)).toBe(true);
  for (const id of ids) await service.library.keep(id, { confidence: undefined });
  await service.close();
  service = await place.open({ door: 'electron' });
  await expect.poll(async () => (await photos()).map(({ confidence }) => confidence)).toEqual(before);
});
