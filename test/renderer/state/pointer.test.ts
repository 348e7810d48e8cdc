import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pointer } from '../../../src/renderer/state/pointer.svelte.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const words = ['a', 'dog', 'runs'].map((word, index) => ({
  word,
  probability: 1,
  // Each looked at a cell of its own.
  weights: [0, 1, 2, 3].map((cell) => Number(cell === index)),
}));

const looks = words.map(({ weights }) => weights);

function make(running = false, maps: readonly (readonly number[])[] = looks): { pointer: Pointer; said: string[] } {
  const said: string[] = [];
  const seen = { words, maps, grid: [2, 2] as const, hasMaps: true, running };
  return { pointer: new Pointer(seen, { say: (text) => void said.push(text) }), said };
}

describe('the map over the photo', () => {
  it('is that of the word under the mouse, before the one stepped to and the one pinned', () => {
    const { pointer } = make();
    expect(pointer.activeWeights).toBeNull();
    pointer.pin(0);
    pointer.stepTo(1);
    expect(pointer.active).toBe(1);
    pointer.hover(2);
    expect(pointer.active).toBe(2);
    expect(pointer.activeWeights).toEqual([0, 0, 1, 0]);
    pointer.letGo();
    expect(pointer.active).toBeNull();
  });

  it('is that of the newest word while words are coming', () => {
    expect(make(true).pointer.active).toBe(2);
  });

  it('gives way to a region that is pointed at, except to a word that is as well', () => {
    const { pointer } = make();
    pointer.stepTo(1);
    pointer.pointed = { x: 0, y: 0, width: 0.5, height: 0.5 };
    expect(pointer.activeWeights).toBeNull();
    expect(pointer.shares).toEqual([1, 0, 0]);
    pointer.hover(1);
    expect(pointer.activeWeights).toEqual([0, 1, 0, 0]);
    pointer.unmark();
    expect(pointer.shares).toBeNull();
  });

  it('goes from word to word while the sentence is played, and can be stopped', () => {
    const { pointer } = make();
    pointer.play();
    expect(pointer.active).toBe(0);
    vi.advanceTimersByTime(800);
    expect(pointer.active).toBe(1);
    pointer.play();
    vi.advanceTimersByTime(5000);
    expect(pointer.active).toBeNull();
    pointer.play();
    vi.advanceTimersByTime(3 * 800);
    expect(pointer.played).toBeNull();
  });
});

describe('pinned words', () => {
  it('are two at most; a third takes the place of the second', () => {
    const { pointer } = make();
    pointer.pin(0);
    pointer.pin(1);
    pointer.pin(2);
    expect(pointer.pinned).toEqual([0, 2]);
    pointer.pin(0);
    expect(pointer.pinned).toEqual([2]);
  });

  it('are compared unless another word is pointed at', () => {
    const { pointer } = make();
    pointer.pin(0);
    pointer.hover(1);
    pointer.pin(1);
    expect(pointer.compared).toBe(true);
    pointer.hover(2);
    expect(pointer.compared).toBe(false);
  });

  it('close what was asked of another word', () => {
    const { pointer } = make();
    pointer.openWhy(1);
    pointer.outlined = [3];
    pointer.pin(0);
    expect([pointer.why, pointer.outlined]).toEqual([null, []]);
  });
});

it('says where the map lies that is drawn of a word when the keyboard comes to it', () => {
  const { pointer, said } = make();
  pointer.stepTo(1);
  expect(said).toEqual([pointer.spoken(1)]);
  expect(said[0]).toMatch(/^dog\b.*upper right/);
  expect(pointer.spoken(7)).toBeUndefined();
  // What mattered, as it may be, lies elsewhere.
  expect(make(false, looks.toReversed()).pointer.spoken(2)).toMatch(/^runs\b.*upper left/);
});
