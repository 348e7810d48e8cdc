import { z } from 'zod';
import { MENU_COMMANDS } from './constants/menu-commands.ts';
import { Damage, ModelStatus } from './data/app.ts';
import { History } from './data/history.ts';
import { Id } from './data/parts.ts';
import { Batch, Photo } from './data/photos.ts';
import { Settings } from './data/settings.ts';

/** What the service tells without being asked. */
export const EVENTS = {
  /** Photos that were added or changed (in any way), and ids of those removed. Comes in bundles, not one by one. */
  photos: z.object({ changed: z.array(Photo), removed: z.array(Id) }),
  batch: Batch,
  /** Something was done, undone or redone in some window. */
  history: History,
  model: ModelStatus,
  /** A model was added, removed, measured, or made the first choice: ask for the lists again. */
  models: z.object({}),
  settings: Settings,
  /** Something of what is kept turned out to be damaged. */
  damage: Damage,
  /** Photos that came in from outside the page (open-with, recent files, command line): show them. */
  opened: z.object({ photoIds: z.array(Id) }),
  menu: z.object({ command: z.enum(MENU_COMMANDS) }),
} as const satisfies Record<string, z.ZodType>;

export type EventName = keyof typeof EVENTS;
export type EventOf<Name extends EventName> = z.output<(typeof EVENTS)[Name]>;
