/**
 * All of the command line, which the build puts into one file: Node 20 takes longer to find a hundred modules than to load
 * what is in them.
 */
import type * as Main from './main.ts';

export { beginEarly } from './begin-early.ts';

/** Loaded on demand: what is to begin early need not wait for it. */
export const loadMain = (): Promise<typeof Main> => import('./main.ts');
