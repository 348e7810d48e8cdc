/** What `attend evaluate translation` is told on the command line. */
export interface EvaluateTranslationOptions {
  source: string;
  reference: string[];
  to: string;
  beam?: number;
  lengthNormalisation?: number;
  limit?: number;
  output?: string;
  json?: boolean;
  model?: string;
}
