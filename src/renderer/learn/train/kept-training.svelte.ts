import { Training } from './training.svelte.ts';

let kept: Training | undefined;

/** The one of this page, made when it is first asked for. */
export function keptTraining(): Training {
  // Of no component: what is derived in it goes on when the one that asked first is gone.
  if (!kept) $effect.root(() => void (kept = new Training(start)));
  return kept as Training;
}

const start = (): Worker => new Worker(new URL('./training-worker.ts', import.meta.url), { type: 'module' });
