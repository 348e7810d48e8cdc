import { kept } from '../kept.svelte.ts';
import { Training } from './training.svelte.ts';

const start = (): Worker => new Worker(new URL('./training-worker.ts', import.meta.url), { type: 'module' });

/** The one of this page. */
export const keptTraining = kept(() => new Training(start));
