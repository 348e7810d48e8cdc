import { describe, expect, it } from 'vitest';
import { RecentlyUsed } from '../../src/tasks/recently-used.ts';

function kept(limit: number): { values: RecentlyUsed<number>; dropped: number[] } {
  const dropped: number[] = [];
  return { values: new RecentlyUsed<number>(limit, (value) => dropped.push(value)), dropped };
}

describe('values that are kept while they are used', () => {
  it('go in the order in which they were last asked for', () => {
    const { values, dropped } = kept(2);
    values.set('a', 1);
    values.set('b', 2);
    expect(values.get('a')).toBe(1);
    values.set('c', 3);
    expect(dropped).toEqual([2]);
    expect(values.get('b')).toBeUndefined();
    values.set('d', 4);
    expect(dropped).toEqual([2, 1]);
    expect([values.get('c'), values.get('d')]).toEqual([3, 4]);
  });

  it('are dropped where another takes their name, and kept where it is the same one again', () => {
    const { values, dropped } = kept(2);
    values.set('a', 1);
    values.set('a', 1);
    expect(dropped).toEqual([]);
    values.set('a', 5);
    expect(dropped).toEqual([1]);
    expect(values.get('a')).toBe(5);
  });

  it('are all dropped at the end, once', () => {
    const { values, dropped } = kept(3);
    values.set('a', 1);
    values.set('b', 2);
    values.clear();
    values.clear();
    expect(dropped).toEqual([1, 2]);
    expect(values.get('a')).toBeUndefined();
  });
});
