/** What `attend evaluate captions` is told on the command line. */
export interface EvaluateCaptionsOptions {
  photos: string;
  captions: string;
  split?: string;
  beam?: number;
  lengthNormalisation?: number;
  secondLook?: boolean;
  limit?: number;
  output?: string;
  plot?: string;
  json?: boolean;
  model?: string;
}
