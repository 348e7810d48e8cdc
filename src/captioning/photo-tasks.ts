import type { FoundMaps } from '../contract/constants/map-kinds.ts';
import type { CaptionOptions, CaptionResult, MapsFrom } from '../contract/data/captions.ts';
import type { ScoreChange } from '../contract/data/traces.ts';
import type { PhotoRead } from '../photos/photo-to-caption.ts';
import type { Output } from '../contract/requests.ts';

/** A photo for the models' thread. */
export interface PhotoRef {
  /** Says whether two photos are the same: the path with its time of change, or the id of what was sent. */
  key: string;
  /** What messages call it. */
  name: string;
  source: string | Uint8Array;
}

/** What is asked about a photo. */
interface PhotoTask {
  photo: PhotoRef;
  /** What `read` gave of it. */
  read?: PhotoRead | null | undefined;
}

export interface CaptionTask extends PhotoTask {
  options: CaptionOptions;
}

export interface EncodeTask {
  photo: Pick<PhotoRef, 'key' | 'name'>;
  read: PhotoRead;
  /** What it will be captioned with. */
  options: CaptionOptions;
}

export type CaptionFound = Omit<CaptionResult, 'photoId' | 'at'>;

/** What is asked about words of a caption. */
interface WordsTask extends PhotoTask {
  /** The captioner that wrote them; left out: the one that is taken first. */
  model?: string | undefined;
  /** Of the weights that it had; left out where that is not known. */
  checksum?: string | undefined;
}

export interface CandidatesTask extends WordsTask {
  prefix: readonly string[];
  count: number;
  mapsFrom?: MapsFrom | undefined;
}

export interface OcclusionTask extends WordsTask {
  words: readonly string[];
  position: number;
  share: number;
  mapsFrom?: MapsFrom | undefined;
}
export type OcclusionFound = Output<'caption.occlusion'>;

export interface MapsTask extends WordsTask {
  kind: FoundMaps;
  words: readonly string[];
}
export type MapsFound = Output<`caption.${FoundMaps}`>;

export interface TraceCaptionTask extends PhotoTask {
  prefix: readonly string[];
  change: ScoreChange;
}

export interface CaptionTreeTask extends PhotoTask {
  /** Left out: as the model has it. */
  beam?: number | undefined;
}

export type SoftAndHardTask = PhotoTask;

export interface BesideTask {
  photo: PhotoRef;
  /** The captioner's name. */
  model: string;
}

export interface VocabularyTask {
  text: string;
  completions: number;
}
