import { kept } from '../kept.svelte.ts';
import { Asking } from './asking.svelte.ts';

const start = (): Worker => new Worker(new URL('./stories-worker.ts', import.meta.url), { type: 'module' });

/** The one of this page. */
export const keptAsking = kept(() => new Asking(start));
