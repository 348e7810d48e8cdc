import type { TextFile } from '../text/text-file.ts';
import type { AttendClient } from '../../client/attend-client.ts';
import type { MapKind } from '../../contract/constants/map-kinds.ts';
import type { ModelStatus } from '../../contract/data/app.ts';
import type { Settings } from '../../contract/data/settings.ts';
import type { Notice } from './notice.ts';
import type { Place } from './places.ts';

/** What each part of the page's state may use of the whole page. `App` is it; the parts do not know `App`. */
export interface Desk {
  readonly client: AttendClient;
  readonly settings: Settings;
  /** The captioner that there is. */
  readonly model: ModelStatus;
  /** What maps can show, with the captioner that there is. */
  readonly mapKinds: readonly MapKind[];
  /** How often the service was found again. What asks it whenever something changes asks once more. */
  readonly returns: number;
  /** A text that was dropped, or handed from one place to another. */
  textToTranslate: { text: string } | TextFile | null;
  textToInspect: { text: string; from: string; to: string; model: string } | null;
  /** Changes settings here at once, and keeps them. */
  change(settings: Partial<Settings>): Promise<void>;
  /** The value of what was asked for, or undefined after having said why there is none. */
  attempt<T>(work: Promise<T>): Promise<T | undefined>;
  news(message: string, action?: Notice['action']): void;
  problem(message: string): void;
  /** Takes a step back that was done last. */
  undo(step: number): void;
  /** Says something to screen readers. */
  say(text: string): void;
  goTo(place: Place): void;
}
