import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { writeFileAtomicallySync } from '../files/write-file.ts';

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface WindowState {
  /** Left out: where the system puts it. */
  bounds: { x?: number; y?: number; width: number; height: number };
  maximised: boolean;
}

const Kept = z.object({
  bounds: z.object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) }),
  maximised: z.boolean(),
});

export const SMALLEST = { width: 800, height: 500 } as const;
const FIRST: WindowState = { bounds: { width: 1200, height: 800 }, maximised: false };
/** So much of a window must lie on a screen for its user to find and move it, in pixels. */
const VISIBLE = 100;

/**
 * The window as it was last, fitted to the screens that there are now.
 * @param workAreas of all screens
 */
export async function readWindowState(file: string, workAreas: readonly Rectangle[]): Promise<WindowState> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return FIRST;
  }
  const kept = Kept.safeParse(parse(text));
  return kept.success ? fitted(kept.data, workAreas) : FIRST;
}

/**
 * Keeps the state of a window that closes: done when this returns, because the app may end right after it. A state that
 * cannot be kept is no reason to bother anybody.
 */
export function writeWindowState(file: string, state: { bounds: Rectangle; maximised: boolean }): void {
  try {
    writeFileAtomicallySync(file, JSON.stringify(state));
  } catch {
    // The window opens where a first one would.
  }
}

function fitted({ bounds, maximised }: z.infer<typeof Kept>, workAreas: readonly Rectangle[]): WindowState {
  const width = Math.max(SMALLEST.width, bounds.width);
  const height = Math.max(SMALLEST.height, bounds.height);
  const isVisible = workAreas.some((area) => {
    const across = Math.min(bounds.x + width, area.x + area.width) - Math.max(bounds.x, area.x);
    const down = Math.min(bounds.y + height, area.y + area.height) - Math.max(bounds.y, area.y);
    // The title bar is what a window is moved by.
    return across >= VISIBLE && down >= VISIBLE && bounds.y >= area.y;
  });
  return { bounds: isVisible ? { x: bounds.x, y: bounds.y, width, height } : { width, height }, maximised };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
