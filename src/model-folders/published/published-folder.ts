import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { MANIFEST } from '../../engine/checkpoint/store.ts';

/** What a published model says of itself. */
export const CONFIG = 'config.json';

/** Whether a folder holds a model as its authors publish it, and none of Attend's. */
export function isPublishedFolder(path: string): boolean {
  return existsSync(join(path, CONFIG)) && !existsSync(join(path, MANIFEST));
}
