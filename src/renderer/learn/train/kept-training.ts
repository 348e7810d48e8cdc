import { Training } from './training.svelte.ts';

let kept: Training | undefined;

/** The one of this page, made when it is first asked for. */
export function keptTraining(): Training {
  kept ??= new Training(() => new Worker(new URL('./training-worker.ts', import.meta.url), { type: 'module' }));
  return kept;
}
