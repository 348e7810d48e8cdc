/** What `attend export captioner` is told on the command line. */
export interface ExportCaptionerOptions {
  run: string;
  output: string;
  beam?: number;
  lengthNormalisation?: number;
  secondLook?: boolean;
  card?: string;
  results?: string;
}
