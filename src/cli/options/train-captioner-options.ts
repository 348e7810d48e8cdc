/** What `attend train captioner` is told on the command line. */
export interface TrainCaptionerOptions {
  config: string;
  photos: string;
  captions: string;
  encoders?: string;
  runs: string;
  cache: string;
  pack?: string;
  python?: string;
}
