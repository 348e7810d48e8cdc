import type { Wording } from '../../contract/constants/wordings.ts';

/** What `attend evaluate captions` is told on the command line. */
export interface EvaluateCaptionsOptions {
  photos: string;
  captions: string;
  split?: string;
  beam?: number;
  lengthNormalisation?: number;
  secondLook?: boolean;
  limit?: number;
  wording?: Wording;
  output?: string;
  plot?: string;
  json?: boolean;
  model?: string;
}
