import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readWindowState, writeWindowState } from '../../src/main/window-state.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

describe('the window between runs', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1040 };

  it.each<[string, object, object]>([
    ['as it was', { x: 100, y: 50, width: 1000, height: 700 }, { x: 100, y: 50, width: 1000, height: 700 }],
    ['where the screen is gone', { x: 3000, y: 50, width: 1000, height: 700 }, { width: 1000, height: 700 }],
    ['with its title above the screen', { x: 100, y: -40, width: 1000, height: 700 }, { width: 1000, height: 700 }],
    [
      'that a hundred pixels of are to be seen',
      { x: 1820, y: 940, width: 900, height: 700 },
      { x: 1820, y: 940, width: 900, height: 700 },
    ],
    ['that less is to be seen of, across', { x: 1821, y: 50, width: 900, height: 700 }, { width: 900, height: 700 }],
    ['that less is to be seen of, down', { x: 100, y: 941, width: 900, height: 700 }, { width: 900, height: 700 }],
    ['too small', { x: 0, y: 0, width: 10, height: 10 }, { x: 0, y: 0, width: 800, height: 500 }],
  ])('brings the window back %s', async (_, bounds, expected) => {
    const { path, remove } = await temporaryFolder();
    writeWindowState(join(path, 'window.json'), { bounds: bounds as never, maximised: true });
    const state = await readWindowState(join(path, 'window.json'), [screen]);
    expect(state).toEqual({ bounds: expected, maximised: true });
    await remove();
  });

  it('opens a new window where nothing could be kept', async () => {
    const { path, remove } = await temporaryFolder();
    const file = join(path, 'none.json', 'window.json');
    await writeFile(join(path, 'none.json'), '');
    writeWindowState(file, { bounds: screen, maximised: true });
    expect((await readWindowState(file, [screen])).maximised).toBe(false);
    await remove();
  });

  it.each(['', '{', '{"bounds":{"x":"a"}}'])('opens a new window where the file holds %j', async (text) => {
    const { path, remove } = await temporaryFolder();
    await writeFile(join(path, 'window.json'), text);
    expect((await readWindowState(join(path, 'window.json'), [screen])).maximised).toBe(false);
    await remove();
  });
});
