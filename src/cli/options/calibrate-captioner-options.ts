import type { CaptionedPhotosOptions } from '../captioned-photos-options.ts';

/** What `attend calibrate captioner` is told on the command line. */
export interface CalibrateCaptionerOptions extends CaptionedPhotosOptions {
  model?: string;
}
