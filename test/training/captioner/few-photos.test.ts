import { expect, it } from 'vitest';
import { fewPhotos } from '../../../src/training/captioner/few-photos.ts';

it('warns of few photos: sooner where a captioner starts anew than where one goes on', () => {
  expect(fewPhotos(1999, {})).toMatch(/^1999 photos are few for a captioner that starts anew: .*"captioner"/);
  expect(fewPhotos(2000, {})).toBeUndefined();
  expect(fewPhotos(299, { captioner: 'mine' })).toMatch(/^299 photos are few: .*A few hundred teach more\.$/);
  expect(fewPhotos(300, { captioner: 'mine' })).toBeUndefined();
});
