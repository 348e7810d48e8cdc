import type { CaptionedPhotosOptions } from '../captioned-photos-options.ts';
import type { Wording } from '../../contract/constants/wordings.ts';

/** What `attend evaluate captions` is told on the command line. */
export interface EvaluateCaptionsOptions extends CaptionedPhotosOptions {
  beam?: number;
  lengthNormalisation?: number;
  secondLook?: boolean;
  wording?: Wording;
  output?: string;
  plot?: string;
  json?: boolean;
  model?: string;
}
