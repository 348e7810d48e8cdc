import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/contract/data/photos.ts';
import { noticeWhenFinished } from '../../src/main/finish-notice.ts';
import { menuTexts } from '../../src/main/menu-texts.ts';
import { Emitter } from '../../src/service/emitter.ts';

function listening(isWanted = true): { tell: (batch: Partial<Batch>) => void; shown: string[]; seen: () => void } {
  const events = new Emitter();
  const shown: string[] = [];
  const { finished } = menuTexts('system', ['en']);
  const seen = noticeWhenFinished(events, {
    isWanted: () => isWanted,
    text: finished,
    show: (text) => void shown.push(text),
  });
  const tell = (batch: Partial<Batch>): void =>
    events.emit('batch', { state: 'idle', total: 9, done: 0, failed: 0, secondsLeft: null, ...batch });
  return { tell, shown, seen };
}

describe('the notice at the end', () => {
  it('comes once a run is done, and counts what failed', () => {
    const { shown, tell } = listening();
    tell({ state: 'running', done: 8 });
    expect(shown).toEqual([]);
    tell({ done: 8, failed: 1 });
    tell({ done: 8, failed: 1 });
    expect(shown).toEqual(['8 photos captioned, 1 failed.']);
  });

  it('counts all runs that nobody has seen', () => {
    const { seen, shown, tell } = listening();
    const run = (done: number): void => {
      tell({ state: 'running' });
      tell({ done });
    };
    for (const done of [8, 1, 2]) run(done);
    seen();
    run(3);
    expect(shown).toEqual([
      '8 photos captioned.',
      '9 photos captioned.',
      '11 photos captioned.',
      '3 photos captioned.',
    ]);
  });

  it('does not come of one photo, of a pause, or of a run that somebody else watches to its end', () => {
    const { shown, tell } = listening();
    tell({ state: 'running' });
    tell({ done: 1 });
    tell({ state: 'running', done: 3 });
    tell({ state: 'paused', done: 3 });
    tell({ done: 3 });
    expect(shown).toEqual([]);
    const unwanted = listening(false);
    unwanted.tell({ state: 'running' });
    unwanted.tell({ done: 5 });
    expect(unwanted.shown).toEqual([]);
  });
});
