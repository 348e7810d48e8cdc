import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { RecentFiles } from '../../src/main/recent-files.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

describe('recent files', () => {
  it('remembers the photos that were opened last, the latest first', async () => {
    const { path, remove } = await temporaryFolder();
    const file = join(path, 'recent.json');
    const recent = await RecentFiles.open(file);
    await recent.add(['/a.jpg', '/b.jpg']);
    await recent.add(['/a.jpg']);
    expect((await RecentFiles.open(file)).paths).toEqual(['/a.jpg', '/b.jpg']);
    await recent.add(Array.from({ length: 30 }, (_, i) => `/${i}.jpg`));
    expect(recent.paths).toHaveLength(10);
    expect(recent.paths[0]).toBe('/29.jpg');
    await recent.clear();
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual([]);
    await remove();
  });
});
