/** What `attend train translator` is told on the command line. */
export interface TrainTranslatorOptions {
  config: string;
  data: string;
  runs: string;
  pack?: string;
  python?: string;
}
