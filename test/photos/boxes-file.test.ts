import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readBoxes } from '../../src/photos/boxes-file.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

it('reads boxes by photo, and names a line that is none', async () => {
  const { path, remove } = await temporaryFolder();
  try {
    const file = join(path, 'boxes.jsonl');
    await writeFile(
      file,
      '{"file":"a.jpg","boxes":[["dog",0.5,0.5,0.2,0.1]],"more":1}\n\n{"file":"b.jpg","boxes":[]}\n',
    );
    const boxes = await readBoxes(file);
    expect([...boxes]).toEqual([
      ['a.jpg', [['dog', 0.5, 0.5, 0.2, 0.1]]],
      ['b.jpg', []],
    ]);
    await writeFile(file, '{"file":"a.jpg","boxes":[]}\n{"file":"b.jpg","boxes":[["dog",0.5]]}\n');
    await expect(readBoxes(file)).rejects.toThrow('boxes.jsonl, line 2 is not { "file", "boxes"');
    await writeFile(file, 'dog\n');
    await expect(readBoxes(file)).rejects.toThrow('line 1 is not');
  } finally {
    await remove();
  }
});
