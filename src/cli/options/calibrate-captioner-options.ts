/** What `attend calibrate captioner` is told on the command line. */
export interface CalibrateCaptionerOptions {
  photos: string;
  captions: string;
  split?: string;
  limit?: number;
  model?: string;
}
