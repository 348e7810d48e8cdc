import { describe, expect, it } from 'vitest';
import { dispatch, type Handlers } from '../../src/service/dispatch.ts';

const handlers = new Proxy({}, { get: () => (input: unknown) => input }) as Handlers;
const photoId = 'a1';

describe('a request', () => {
  it.each([
    ['caption.run', { photoId, beems: 3 }, 'beems'],
    ['app.info', { verbose: true }, 'verbose'],
    ['batch.start', { options: { beam: 3, beems: 3 } }, 'options.beems'],
    ['settings.set', { mapsFrom: { layer: 1, heads: 2 } }, 'mapsFrom.heads'],
    [
      'caption.translate',
      { caption: '', words: [{ word: 'a', probability: 1, weights: [], hue: 1 }], to: 'de' },
      'words.0.hue',
    ],
    ['caption.edit', JSON.parse('{"photoId":"a1","caption":null,"__proto__":{"a":1}}'), '__proto__'],
  ])('%s is refused for what it does not know: %j', async (name, input, key) => {
    await expect(dispatch(handlers, name, input)).rejects.toMatchObject({
      code: 'bad-request',
      message: `The request is not of the right form: ${name} has no "${key}".`,
    });
  });

  it('is answered where all of it is known, or nothing is said of what is not', async () => {
    const input = { photoId, beam: 3, sample: { seed: 1 }, keep: undefined, other: undefined };
    expect(await dispatch(handlers, 'caption.run', input)).toEqual({ photoId, beam: 3, sample: { seed: 1 } });
    const bytes = new Uint8Array(3);
    expect(await dispatch(handlers, 'photos.upload', { name: 'a', bytes })).toEqual({ name: 'a', bytes });
  });
});
