import { describe, expect, it } from 'vitest';
import { moved, WHOLE, zoomAt } from '../../../src/renderer/attention/zoom.ts';

const ROOM = { width: 400, height: 200 };

describe('a photo that is enlarged', () => {
  it('keeps the point under the pointer where it is', () => {
    const point = { x: 100, y: 50 };
    const once = zoomAt(WHOLE, 2, point, ROOM);
    const twice = zoomAt(once, 1.5, point, ROOM);
    // Where that point of the photo lies now.
    for (const { scale, x, y } of [once, twice]) expect([x + 100 * scale, y + 50 * scale]).toEqual([100, 50]);
  });

  it('is the whole one at least, and eight times that at most', () => {
    expect(zoomAt({ scale: 2, x: -100, y: -50 }, 0.1, { x: 0, y: 0 }, ROOM)).toEqual(WHOLE);
    expect(zoomAt(WHOLE, 100, { x: 0, y: 0 }, ROOM).scale).toBe(8);
  });

  it('is moved to its edges and no further', () => {
    const large = zoomAt(WHOLE, 2, { x: 200, y: 100 }, ROOM);
    expect(moved(large, 50, -20, ROOM)).toEqual({ scale: 2, x: -150, y: -120 });
    expect(moved(large, 999, -999, ROOM)).toEqual({ scale: 2, x: 0, y: -200 });
  });
});
