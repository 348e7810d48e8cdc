import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import type { Batch } from '../../src/contract/data/photos.ts';
import { chromiumPath, launch } from '../../test/e2e/chromium.ts';
import type { Benchmark, Row } from '../harness/benchmark.ts';
import { varySamples } from '../harness/sample-photos.ts';
import { summarise } from '../harness/statistics.ts';
import { buildPages, serveAttend, type ServedAttend } from '../page/attend-server.ts';
import { droppedShare, framesDuring, openPage, type RecordedPage } from '../page/open-page.ts';
import { folderBytes, pagesBytes, peakBytes, residentBytes } from '../page/process-memory.ts';
import { NO_CHROMIUM } from './page.ts';

const MEBIBYTE = 2 ** 20;
/** Photos that are looked at one after the other. */
const LOOKED_AT = 30;
const COLUMN = 'measured';

/** A library of many photos in the page: does anything grow, does anything stick? */
export const library: Benchmark = {
  name: 'library',
  title: 'A large library in the page, through "attend serve"',
  async run({ effort, model, scratch, say }) {
    if (chromiumPath === undefined) return { columns: [], rows: [], notes: [NO_CHROMIUM] };
    const count = effort.libraryPhotos;
    say('building the page');
    await buildPages();
    const photos = join(scratch, 'library');
    mkdirSync(photos);
    const paths = await varySamples(photos, count, undefined, (done) => say(`making photo ${done} of ${count}`));
    const folder = join(scratch, 'library-server');
    mkdirSync(folder);
    const served = await serveAttend({ folder, model });
    const browser = await launch();
    try {
      const rows = await measure(browser, served, paths, say);
      const notes = [
        `${count} photos on the ${served.backend} backend; Chromium ${browser.version()} draws with the processor.`,
      ];
      return { columns: [COLUMN], rows, notes };
    } finally {
      await browser.close();
      await served.close();
    }
  },
};

async function measure(
  browser: Browser,
  served: ServedAttend,
  paths: readonly string[],
  say: (what: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  const add = (what: string, unit: Row['unit'], cell: Row['cells'][string]): void => {
    rows.push({ what, unit, cells: { [COLUMN]: cell } });
  };
  const opened = await openPage(browser, served.address);
  const { page } = opened;
  const weigh = async (when: string): Promise<void> => {
    const { elements, heapBytes } = await opened.collected();
    add(`server, resident, ${when}`, 'MiB', residentBytes(served.pid) / MEBIBYTE);
    add(`page, JavaScript heap, ${when}`, 'MiB', heapBytes / MEBIBYTE);
    add(`page, whole process, ${when}`, 'MiB', (await pagesBytes(browser)) / MEBIBYTE);
    add(`page, nodes, ${when}`, 'nodes', elements);
  };

  await page.locator('.empty').waitFor();
  await weigh('empty');

  const batch = new BatchWatch(served, say);
  const begin = performance.now();
  const [chooser] = await Promise.all([page.waitForEvent('filechooser'), page.locator('.empty .primary').click()]);
  await chooser.setFiles([...paths]);
  await page.locator('.grid').waitFor({ timeout: 3_600_000 });
  add('photos added', 'photos/s', paths.length / ((performance.now() - begin) / 1000));
  await weigh('with all photos added');
  const captioned = await batch.finished();
  add('photos captioned', 'photos/s', captioned.done / ((performance.now() - captioned.since) / 1000));
  if (captioned.failed > 0) throw new Error(`${captioned.failed} photos could not be captioned.`);
  await weigh('with all captioned');

  say('scrolling');
  const most = await scroll(opened, (what, unit, cell) => add(what, unit, cell));
  add('page, nodes, most while scrolling', 'nodes', most);
  await weigh('after scrolling through all');

  say('looking at one after the other');
  await page.locator('.grid .photo').first().click();
  for (let i = 0; i < Math.min(LOOKED_AT, paths.length - 1); i++) await next(page);
  await weigh(`after looking at ${Math.min(LOOKED_AT, paths.length - 1)}`);

  const peak = peakBytes(served.pid);
  if (peak !== undefined) add('server, resident, at the peak', 'MiB', peak / MEBIBYTE);
  add('pictures kept on disk', 'MiB', folderBytes(join(served.cache, 'pictures')) / MEBIBYTE);
  await opened.close();
  return rows;
}

/** Scrolls the grid from its top to its end, some rows at a time. @returns the most nodes in between */
async function scroll(
  { metrics, page }: RecordedPage,
  add: (what: string, unit: Row['unit'], cell: Row['cells'][string]) => void,
): Promise<number> {
  const box = (await page.locator('.list').boundingBox())!;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  let most = 0;
  const intervals = await framesDuring(page, async () => {
    for (let top = -1; ;) {
      await page.mouse.wheel(0, 600);
      await page.waitForTimeout(120);
      const now: number = await page.evaluate('document.querySelector(".list").scrollTop');
      most = Math.max(most, (await metrics()).elements);
      if (now === top) break;
      top = now;
    }
  });
  add('frame while scrolling', 'ms', summarise(intervals));
  add('frames dropped while scrolling', '%', 100 * droppedShare(intervals));
  return most;
}

/** Goes on to the next photo, and waits until its picture and caption are there. */
async function next(page: Page): Promise<void> {
  const before = await page.title();
  await page.keyboard.press('PageDown');
  for (let tries = 0; (await page.title()) === before; tries++) {
    if (tries > 500) throw new Error('The page does not go on to the next photo.');
    await page.waitForTimeout(20);
  }
  await page.locator('.picture.loaded').waitFor();
  await page.locator('.line[aria-busy=false] [data-index]').first().waitFor();
}

/** Follows the run over many photos. */
class BatchWatch {
  #since = 0;
  readonly #finished: Promise<Batch>;

  constructor({ client }: ServedAttend, say: (what: string) => void) {
    this.#finished = new Promise((resolve) => {
      const end = client.subscribe('batch', (batch) => {
        if (this.#since === 0) this.#since = performance.now();
        say(`captioned ${batch.done} of ${batch.total}`);
        if (batch.state !== 'idle' || batch.done + batch.failed === 0) return;
        end();
        resolve(batch);
      });
    });
  }

  async finished(): Promise<Batch & { since: number }> {
    return { ...(await this.#finished), since: this.#since };
  }
}
