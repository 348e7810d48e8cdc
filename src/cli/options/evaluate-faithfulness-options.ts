/** What `attend evaluate faithfulness` is told on the command line. */
export interface EvaluateFaithfulnessOptions {
  photos: string;
  captions: string;
  split?: string;
  boxes?: string;
  limit?: number;
  seed: number;
  plots?: string;
  json?: boolean;
  model?: string;
}
