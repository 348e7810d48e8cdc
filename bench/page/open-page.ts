import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { packageRoot } from '../../src/files/package-root.ts';

const RECORDER = join(packageRoot(), 'bench', 'page', 'recorder.js');

/** A page of Attend with `recorder.js` in it, in a context of its own: nothing is cached. */
export interface RecordedPage {
  readonly page: Page;
  /** What the browser counts of this page. */
  readonly metrics: () => Promise<PageMetrics>;
  /** The same after everything that nobody needs any more is gone. */
  readonly collected: () => Promise<PageMetrics>;
  readonly close: () => Promise<void>;
}

export interface PageMetrics {
  heapBytes: number;
  elements: number;
  layouts: number;
  /** Seconds in which the page's main thread was busy, since it began. */
  busySeconds: number;
}

export async function openPage(browser: Browser, address: string): Promise<RecordedPage> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  const page = await context.newPage();
  // Nothing here is late, only slow.
  page.setDefaultTimeout(600_000);
  await page.addInitScript({ path: RECORDER });
  const session: CDPSession = await context.newCDPSession(page);
  await session.send('Performance.enable');
  await page.goto(address);
  const metrics = async (): Promise<PageMetrics> => {
    const { metrics: list } = await session.send('Performance.getMetrics');
    const value = (wanted: string): number => list.find(({ name }) => name === wanted)?.value ?? 0;
    return {
      heapBytes: value('JSHeapUsedSize'),
      elements: value('Nodes'),
      layouts: value('LayoutCount'),
      busySeconds: value('TaskDuration'),
    };
  };
  return {
    page,
    metrics,
    async collected() {
      // What the first time lets go of may hold something in turn.
      for (let time = 0; time < 2; time++) await session.send('HeapProfiler.collectGarbage');
      return metrics();
    },
    close: () => context.close(),
  };
}

export interface Painted {
  /** The first pixel that is not the background, the first of content, and when the page can be used, in milliseconds. */
  first: number;
  content: number;
  usable: number;
}

export function firstPaint(page: Page): Promise<Painted> {
  return page.evaluate('recorder.firstPaint()');
}

/** Drops a photo over the window. @returns milliseconds until the first word of its caption was painted, and until all were */
export async function dropPhoto(page: Page, path: string): Promise<{ firstWord: number; lastWord: number }> {
  const bytes = await readFile(path);
  const parts = [basename(path), 'image/jpeg', bytes.toString('base64')].map((part) => JSON.stringify(part));
  await page.evaluate(`recorder.hold(${parts.join(', ')})`);
  return page.evaluate('recorder.drop()');
}

/** Frames while something goes on. @returns the milliseconds between one frame and the next */
export async function framesDuring(page: Page, action: () => Promise<void>): Promise<number[]> {
  await page.evaluate('recorder.startFrames()');
  await action();
  return page.evaluate('recorder.stopFrames()');
}

/** The part of all frames that should have come and did not, at 60 a second. */
export function droppedShare(intervals: readonly number[]): number {
  const due = intervals.map((interval) => Math.max(1, Math.round((interval * 60) / 1000)));
  const all = due.reduce((sum, count) => sum + count, 0);
  return all === 0 ? 0 : (all - intervals.length) / all;
}
