import type { MapKind } from '../../contract/constants/map-kinds.ts';
import type { DeviceName } from '../../contract/constants/devices.ts';
import type { About, ModelStatus } from '../../contract/data/app.ts';
import type { CaptionOptions, PartialCaption, TranslatedCaption } from '../../contract/data/captions.ts';
import type { CaptionTrace, SearchTree, SentenceTrace, SoftAndHard } from '../../contract/data/traces.ts';
import type { LookInsideOutput, TranslateOutput } from '../../contract/data/translation.ts';
import type { InstalledModel } from '../../contract/data/models.ts';
import type { Input, Output, Progress } from '../../contract/requests.ts';
import type {
  BesideTask,
  CandidatesTask,
  CaptionFound,
  CaptionTask,
  CaptionTreeTask,
  EncodeTask,
  MapsFound,
  MapsTask,
  OcclusionFound,
  OcclusionTask,
  PhotoRef,
  SoftAndHardTask,
  TraceCaptionTask,
  VocabularyTask,
} from '../../captioning/photo-tasks.ts';
import type { PhotoRead } from '../../photos/photo-to-caption.ts';
import type { PhotoResult } from '../../captioning/result.ts';
import type { TaskControl } from '../../tasks/task-control.ts';
import type { Speed } from './speeds.ts';

export type PhotoJsonOptions = Pick<CaptionOptions, 'beam' | 'alternatives' | 'start' | 'wording'> & {
  /** The language to say the caption in, where it is not the captioner's own. */
  language?: string | undefined;
  /** The captioner, where it is not the one that is taken first. */
  model?: string | undefined;
  /** Whether keywords are wanted as well. */
  keywords?: boolean | undefined;
  /** Whether the alternatives come with their words and maps. */
  alternativesWithMaps?: boolean | undefined;
  /** What other maps the caption's words have beside where the model looked. */
  maps?: MapKind | undefined;
};

/** Everything that runs where the models are. */
export interface ModelTasks {
  /** Loads the captioner, unless it is there, and is where photos are to be encoded. A problem is part of the answer. */
  load(input: { device: DeviceName }, control: TaskControl<never>): Promise<ModelStatus>;
  /** The cards of the captioner and of the translators that are no part of a comparison. None is loaded for this. */
  cards(input: Record<string, never>, control: TaskControl<never>): Promise<About['models']>;
  /** The models that are there. None is loaded for this. */
  models(input: Record<string, never>, control: TaskControl<never>): Promise<InstalledModel[]>;
  /** The card of one of them. */
  card(input: { name: string }, control: TaskControl<never>): Promise<string>;
  /** Takes a model first from now on, also in the place of one that was named at the start. */
  choose(input: { name: string }, control: TaskControl<never>): Promise<void>;
  remove(input: { name: string }, control: TaskControl<never>): Promise<void>;
  /** How long a photo or a sentence takes; remembered. */
  measure(input: { name: string; sample: string | null }, control: TaskControl<never>): Promise<Speed>;
  /**
   * Reads a photo for the captioner that is loaded, beside what it does: a photo that takes its time delays no other. Nothing
   * where none is loaded, or where it knows the photo.
   */
  readPhoto(input: PhotoRef, control: TaskControl<never>): Promise<PhotoRead | null>;
  /** Encodes a photo that was read for the captioner that is loaded, so that its caption begins at once. */
  encode(input: EncodeTask, control: TaskControl<never>): Promise<void>;
  caption(input: CaptionTask, control: TaskControl<PartialCaption>): Promise<CaptionFound>;
  /** What another captioner says of a photo, as it does by itself. */
  beside(input: BesideTask, control: TaskControl<never>): Promise<Output<'caption.beside'>>;
  candidates(input: CandidatesTask, control: TaskControl<never>): Promise<Output<'caption.candidates'>>;
  occlusion(input: OcclusionTask, control: TaskControl<{ done: number; total: number }>): Promise<OcclusionFound>;
  maps(input: MapsTask, control: TaskControl<{ done: number; total: number }>): Promise<MapsFound>;
  vocabulary(input: VocabularyTask, control: TaskControl<never>): Promise<Output<'caption.vocabulary'>>;
  /** What a photo could be filed under, from its English captions, the best one first. */
  keywords(input: { captions: readonly string[] }, control: TaskControl<never>): Promise<string[]>;
  /** One photo exactly as `attend caption --json` gives it. */
  photoJson(
    input: { name: string; bytes: Uint8Array; read?: PhotoRead | null; options: PhotoJsonOptions },
    control: TaskControl<never>,
  ): Promise<PhotoResult>;
  /** A caption in another language, with the maps carried over, and its keywords in that language. */
  translateCaption(input: Input<'caption.translate'>, control: TaskControl<never>): Promise<TranslatedCaption>;
  /** The translators that are there, best first. None is loaded for this. */
  translators(input: Record<string, never>, control: TaskControl<never>): Promise<Output<'translate.models'>>;
  translate(input: Input<'translate.run'>, control: TaskControl<Progress<'translate.run'>>): Promise<TranslateOutput>;
  lookInside(input: Input<'translate.lookInside'>, control: TaskControl<never>): Promise<LookInsideOutput>;
  traceCaption(input: TraceCaptionTask, control: TaskControl<never>): Promise<CaptionTrace>;
  traceSentence(input: Input<'learn.sentence'>, control: TaskControl<never>): Promise<SentenceTrace>;
  softAndHard(input: SoftAndHardTask, control: TaskControl<never>): Promise<SoftAndHard>;
  captionTree(input: CaptionTreeTask, control: TaskControl<never>): Promise<SearchTree>;
  sentenceTree(input: Input<'learn.sentenceTree'>, control: TaskControl<never>): Promise<SearchTree>;
}
