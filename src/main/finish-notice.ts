import type { Emitter } from '../service/emitter.ts';

export interface NoticeParts {
  /** Whether somebody wants to be told, and looks elsewhere. */
  isWanted: () => boolean;
  text: (done: number, failed: number) => string;
  show: (text: string) => void;
}

/** Tells at the end of a run over many photos that they are done. Of one photo nothing is told. */
export function noticeWhenFinished(events: Pick<Emitter, 'subscribe'>, { isWanted, show, text }: NoticeParts): void {
  let isRunning = false;
  events.subscribe('batch', ({ done, failed, state }) => {
    const isFinished = isRunning && state === 'idle' && done + failed > 1;
    isRunning = state === 'running';
    if (isFinished && isWanted()) show(text(done, failed));
  });
}
