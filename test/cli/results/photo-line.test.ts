import { expect, it } from 'vitest';
import { parsePhotoLine } from '../../../src/cli/results/photo-line.ts';

it.each([
  ['a dog.jpg', { file: 'a dog.jpg' }],
  ['{"file":"dog.jpg"}', { file: 'dog.jpg' }],
  ['{"file":"dog.jpg","id":7,"more":[]}', { file: 'dog.jpg', id: 7 }],
  ['{"file":"dog.jpg","id":"x/7"}', { file: 'dog.jpg', id: 'x/7' }],
  ['{curly}.jpg', { file: '{curly}.jpg' }],
  ['', { file: '', error: 'an empty line names no photo.' }],
  ['{"id":3}', { file: '', id: 3, error: 'the line has no "file", the path of a photo.' }],
  ['{"file":5,"id":3}', { file: '', id: 3, error: 'the line has no "file", the path of a photo.' }],
])('%j names a photo', (line, photo) => {
  expect(parsePhotoLine(line)).toEqual(photo);
});
