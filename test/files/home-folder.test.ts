import { homedir } from 'node:os';
import type * as Os from 'node:os';
import { afterEach, expect, test, vi } from 'vitest';
import { cacheFolder } from '../../src/files/cache-folder.ts';
import { dataFolder } from '../../src/files/data-folder.ts';

vi.mock('node:os', async (load) => {
  const os = await load<typeof Os>();
  return { ...os, homedir: vi.fn(os.homedir) };
});
afterEach(() => vi.mocked(homedir).mockReset());

test('a user whom the system does not know has folders all the same', () => {
  vi.mocked(homedir).mockImplementation(() => {
    throw new Error('uv_os_homedir returned ENOENT');
  });
  expect(cacheFolder({}, 'linux')).toBe('/.cache/attend');
  expect(dataFolder({}, 'linux')).toBe('/.local/share/attend');
});
