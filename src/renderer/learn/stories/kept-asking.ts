import { Asking } from './asking.svelte.ts';

let kept: Asking | undefined;

/** The one of this page, made when it is first asked for. */
export function keptAsking(): Asking {
  kept ??= new Asking(() => new Worker(new URL('./stories-worker.ts', import.meta.url), { type: 'module' }));
  return kept;
}
