/** How a photo is looked at: enlarged, and moved by pixels of the room that it fills. */
export interface Zoom {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** The whole photo. */
export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };

const LARGEST = 8;

/** Enlarges by a factor, so that the point under the pointer (from the room's top left) stays where it is. */
export function zoomAt(
  { scale, x, y }: Zoom,
  factor: number,
  point: { readonly x: number; readonly y: number },
  room: { readonly width: number; readonly height: number },
): Zoom {
  const next = Math.min(LARGEST, Math.max(1, scale * factor));
  const part = next / scale;
  return bounded({ scale: next, x: point.x - (point.x - x) * part, y: point.y - (point.y - y) * part }, room);
}

/** Moved, but never so far that the room is empty at an edge. */
export function moved(
  { scale, x, y }: Zoom,
  right: number,
  down: number,
  room: { width: number; height: number },
): Zoom {
  return bounded({ scale, x: x + right, y: y + down }, room);
}

function bounded({ scale, x, y }: Zoom, { height, width }: { readonly width: number; readonly height: number }): Zoom {
  const within = (value: number, side: number): number => Math.min(0, Math.max(side * (1 - scale), value)) + 0;
  return { scale, x: within(x, width), y: within(y, height) };
}
