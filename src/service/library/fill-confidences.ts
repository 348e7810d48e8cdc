import { surenessOf } from './confidence.ts';
import type { Library } from './library.ts';

/** Fills in what an Attend that did not ask has left out, photo by photo, until it is told to end. */
export async function fillConfidences(library: Library, signal: AbortSignal): Promise<void> {
  // After the end nothing may be written any more.
  const isOf = (id: string, caption: string): boolean =>
    !signal.aborted && library.has(id) && library.get(id).caption === caption;
  for (const { id } of library.list()) {
    if (signal.aborted || !library.has(id)) continue;
    const { caption, confidence } = library.get(id);
    if (caption === null || confidence !== undefined) continue;
    const first = (await library.result(id).catch(() => null))?.captions[0];
    if (isOf(id, caption)) library.change(id, surenessOf(first));
  }
}
