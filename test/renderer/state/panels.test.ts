import { expect, it } from 'vitest';
import { Panels } from '../../../src/renderer/state/panels.svelte.ts';

it('are closed at first, and each is opened by itself', () => {
  const panels = new Panels();
  expect([panels.editing, panels.sheet, panels.others, panels.draft]).toEqual([false, false, false, '']);
  panels.sheet = true;
  expect([panels.editing, panels.sheet, panels.others]).toEqual([false, true, false]);
});
