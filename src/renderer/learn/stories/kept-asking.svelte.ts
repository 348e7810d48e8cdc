import { Asking } from './asking.svelte.ts';

let kept: Asking | undefined;

/** The one of this page, made when it is first asked for. */
export function keptAsking(): Asking {
  // Of no component: what is derived in it goes on when the one that asked first is gone.
  if (!kept) $effect.root(() => void (kept = new Asking(start)));
  return kept as Asking;
}

const start = (): Worker => new Worker(new URL('./stories-worker.ts', import.meta.url), { type: 'module' });
