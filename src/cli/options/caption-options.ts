import type { DeviceName } from '../../contract/constants/devices.ts';
import type { MapKind } from '../../contract/constants/map-kinds.ts';
import type { Wording } from '../../contract/constants/wordings.ts';
import type { OverlayFormat } from './overlay-formats.ts';
import type { EXISTING, WriteFormat } from './write-formats.ts';

/** What `attend caption` is told on the command line. */
export interface CaptionCommandOptions {
  json?: boolean;
  jsonl?: boolean;
  csv?: boolean;
  byteOrderMark?: boolean;
  output?: string;
  alternatives: number;
  alternativesWithMaps?: boolean;
  beam?: number;
  lengthNormalisation?: number;
  start?: string;
  secondLook?: boolean;
  /** Of whose attention the maps are; from 1. */
  layer?: number;
  head?: number;
  rollout?: boolean;
  /** What maps show; left out: where the model looked. */
  maps?: MapKind;
  keywords?: boolean;
  language?: string;
  translator?: string;
  overlay?: string;
  format?: OverlayFormat[];
  write?: WriteFormat[];
  existing?: (typeof EXISTING)[number];
  /** False with `--no-keep-times`. */
  keepTimes?: boolean;
  wording?: Wording;
  minConfidence?: number;
  includeUnsure?: boolean;
  recursive?: boolean;
  exclude?: string[];
  resume?: boolean;
  /** Answer each line of standard input with a line. */
  lines?: boolean;
  threads?: number;
  /** Where photos are encoded. */
  device?: DeviceName;
  model?: string;
  batch?: number;
}
