/** What every training reports while it works. */
export interface StepEvent {
  kind: 'step';
  stage: string;
  /** Passes over the examples before this step. */
  epoch: number;
  /** Of the stage. */
  step: number;
  steps: number;
  /** A token. */
  loss: number;
  rate: number;
  /** Of the gradient. */
  norm: number;
  tokensPerSecond: number;
  secondsLeft: number;
}

/** A checkpoint was written, from which the stage can go on. */
export interface SavedEvent {
  kind: 'saved';
  stage: string;
  step: number;
}

/** How far a long preparation has come. */
export type Progress = (done: number, of: number, what: string) => void;

/** Lets signals and timers through between long synchronous pieces. */
export const nextTick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
