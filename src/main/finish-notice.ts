import { MissedRuns } from '../contract/missed-runs.ts';
import type { Emitter } from '../service/emitter.ts';

export interface NoticeParts {
  /** Whether somebody wants to be told, and looks elsewhere. */
  isWanted: () => boolean;
  text: (done: number, failed: number) => string;
  show: (text: string) => void;
}

/**
 * Tells at the end of a run over many photos that they are done, with those of runs before it that nobody has seen. Of one
 * photo nothing is told.
 * @returns to be called when somebody looks
 */
export function noticeWhenFinished(
  events: Pick<Emitter, 'subscribe'>,
  { isWanted, show, text }: NoticeParts,
): () => void {
  const missed = new MissedRuns();
  let isRunning = false;
  events.subscribe('batch', (batch) => {
    const isFinished = isRunning && batch.state === 'idle';
    isRunning = batch.state === 'running';
    if (!isFinished) return;
    if (!isWanted()) {
      missed.seen();
      return;
    }
    const { done, failed } = missed.add(batch);
    if (done + failed > 1) show(text(done, failed));
  });
  return () => missed.seen();
}
