import { describe, expect, it } from 'vitest';
import { visibleItems } from '../../src/renderer/virtual.ts';

describe('visibleItems', () => {
  it.each([
    ['at the top', 0, 500, { first: 0, end: 7 }],
    ['in the middle', 10_000, 500, { first: 98, end: 107 }],
    ['at the end', 199_500, 500, { first: 1993, end: 2000 }],
    ['before it is measured', 0, 0, { first: 0, end: 2 }],
  ])('%s', (_, offset, viewport, visible) => {
    expect(visibleItems(offset, viewport, 100, 2000, 2)).toEqual(visible);
  });

  it('is empty for an empty list', () => {
    expect(visibleItems(0, 500, 100, 0, 2)).toEqual({ first: 0, end: 0 });
  });
});
