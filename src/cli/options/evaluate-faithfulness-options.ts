import type { CaptionedPhotosOptions } from '../captioned-photos-options.ts';

/** What `attend evaluate faithfulness` is told on the command line. */
export interface EvaluateFaithfulnessOptions extends CaptionedPhotosOptions {
  boxes?: string;
  mattered?: boolean;
  bounds?: boolean;
  seed: number;
  plots?: string;
  json?: boolean;
  model?: string;
}
