import type * as tf from '@tensorflow/tfjs-core';
import type { BackendName } from '../contract/constants/backends.ts';
import type { DeviceReport } from '../contract/constants/devices.ts';
import type { Decoder } from '../engine/decoding/decoder.ts';
import type { Encoder } from '../engine/encoder/encoder.ts';
import type { CaptionerSteps } from '../engine/models/captioner-decoder.ts';
import type { Captioner } from '../engine/models/captioner.ts';
import type { ShowAttendTell } from '../engine/models/show-attend-tell.ts';
import type { VisionCaptioner } from '../engine/models/vision-captioner.ts';
import type { Looks } from '../engine/models/looks.ts';
import type { Resample } from '../engine/published/image-processor.ts';
import type { CaptionVocabulary } from '../engine/text/caption-vocabulary.ts';
import type { ModelFile } from '../model-folders/model-files.ts';
import type { GraphRunner } from '../native/whole-graph.ts';
import type { Calibration } from './confidence/calibration.ts';
import type { DecodingDefaults } from './decoding-defaults.ts';

/** What is otherwise than usual with a decoder. */
export interface DecoderWishes {
  /** Of a recurrent captioner, others than its own. */
  steps?: CaptionerSteps;
  /** Whose attention its weights are. */
  looks?: Looks;
  /** It looks everywhere alike. */
  everywhereAlike?: boolean;
}

/** A captioner that is ready to run. */
export interface CaptionerModel {
  /** The name of its folder. */
  readonly name: string;
  readonly folder: string;
  /** The recurrent captioner of the paper; left out where it is another model. */
  readonly captioner?: Captioner;
  /** The captioner with a Vision Transformer; left out where it is another model. */
  readonly vision?: VisionCaptioner;
  /** The widely used tutorial's captioner and its network, operation by operation; left out where it is another model. */
  readonly showAttendTell?: { readonly captioner: ShowAttendTell; readonly encoder: Encoder };
  readonly encoder: Encoder;
  /** How photos become pixels of the encoder's size; left out: as Attend's own captioners want them. */
  readonly resample?: Resample;
  readonly grid: readonly [rows: number, columns: number];
  /** Whether it looks anywhere in particular. */
  readonly hasMaps: boolean;
  /** How many layers and heads of attention to the photo there are to choose from; left out where it has one. */
  readonly attention?: { readonly layers: number; readonly heads: number };
  /** The encoder that also says where its vectors come from; of models with such (see `MapsFrom.rollout`). */
  readonly encodeWithOrigins?: (pixels: tf.Tensor4D) => tf.Tensor3D;
  /** Gets ready for `encodeWithOrigins`; to be awaited before it is called. */
  readonly prepareOrigins?: () => Promise<void>;
  readonly vocabulary: CaptionVocabulary;
  readonly decoding: DecodingDefaults;
  readonly backend: BackendName;
  /** Where photos are encoded; left out: on the processor, as was wanted. */
  readonly device?: DeviceReport;
  /** The encoder as a whole graph of another runner; only where a graphics card is wanted. */
  readonly loadEncoder?: (runner: GraphRunner) => Promise<Encoder>;
  /** Whether encoder and captioner run as whole graphs; otherwise they run operation by operation. */
  readonly wholeGraph: boolean;
  /** Every file that was read and whose checksum was right. */
  readonly files: readonly ModelFile[];
  /** How sure it is of what it says, as fitted; null where nobody has fitted it. */
  readonly calibration: Calibration | null;
  /** The recurrent captioner's steps, the fastest way the backend has. */
  readonly steps?: CaptionerSteps;
  /**
   * The decoder of some photos, the fastest way the backend has.
   * @param grids [photos, locations, channels]; the caller keeps them alive while it searches
   */
  decoder(grids: tf.Tensor3D, how?: DecoderWishes): Decoder<unknown>;
  dispose(): void;
}

/** A captioner of the paper, whose steps can be looked into and replaced. */
export interface RecurrentCaptionerModel extends CaptionerModel {
  readonly captioner: Captioner;
  readonly steps: CaptionerSteps;
}

/** @throws Error where a model is another than the paper's */
export function recurrent(model: CaptionerModel): RecurrentCaptionerModel {
  const { captioner, steps } = model;
  if (!captioner || !steps)
    throw new Error(`${model.name} is no recurrent captioner: this can be measured of those only.`);
  return { ...model, captioner, steps };
}
