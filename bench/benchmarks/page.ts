import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromiumPath, launch } from '../../test/e2e/chromium.ts';
import type { Benchmark, Effort, Row } from '../harness/benchmark.ts';
import { BACKENDS, reasonOf } from '../harness/lanes.ts';
import { varySamples } from '../harness/sample-photos.ts';
import { summarise } from '../harness/statistics.ts';
import { buildPages, serveAttend, type ServedAttend } from '../page/attend-server.ts';
import { droppedShare, dropPhoto, firstPaint, framesDuring, openPage, type RecordedPage } from '../page/open-page.ts';

/** What a run without a browser says. */
export const NO_CHROMIUM = 'No Chromium was found (ATTEND_CHROMIUM may name one), so nothing of the page was measured.';

/** A hand moves over the next word about so often, in milliseconds. */
const WORD_TIME = 180;

/** Repeats of one measurement, and what is counted once. */
interface Measured {
  milliseconds: Map<string, number[]>;
  counted: Row[];
}

/** The page in a browser, through `attend serve`: how soon it is there, how soon it speaks, how smoothly it moves. */
export const page: Benchmark = {
  name: 'page',
  title: 'The page, in Chromium through "attend serve"',
  async run({ effort, model, scratch, say }) {
    if (chromiumPath === undefined) return { columns: [], rows: [], notes: [NO_CHROMIUM] };
    say('building the page');
    await buildPages();
    const photos = (size: readonly [number, number]): Promise<string[]> => {
      const folder = join(scratch, `photos-${size.join('x')}`);
      mkdirSync(folder);
      // The first of each kind is not counted.
      return varySamples(folder, effort.pageDrops + 1, size);
    };
    const usual = await photos([1600, 1200]);
    const large = await photos([4000, 3000]);
    const rows: Row[] = [];
    const notes: string[] = [];
    const columns: string[] = [];
    const browser = await launch();
    try {
      for (const backend of BACKENDS) {
        const folder = join(scratch, `page-${backend}`);
        mkdirSync(folder);
        let served: ServedAttend;
        try {
          served = await serveAttend({ backend, folder, model });
        } catch (error) {
          if (backend === 'wasm') throw error;
          notes.push(`${backend}: ${reasonOf(error)}`);
          continue;
        }
        try {
          const tell = (what: string): void => say(`${backend}: ${what}`);
          add(rows, backend, await measure(browser, served, { effort, usual, large, tell }));
          columns.push(backend);
        } finally {
          await served.close();
        }
      }
    } finally {
      await browser.close();
    }
    notes.push(
      `Chromium ${browser.version()}, without a screen: it draws with the processor, 60 frames a second at best.`,
    );
    return { columns, rows, notes };
  },
};

async function measure(
  browser: Browser,
  served: ServedAttend,
  { effort, large, tell, usual }: { effort: Effort; usual: string[]; large: string[]; tell: (what: string) => void },
): Promise<Measured> {
  const milliseconds = new Map<string, number[]>();
  const note = (what: string, value: number): void => {
    milliseconds.set(what, [...(milliseconds.get(what) ?? []), value]);
  };

  // Each time a visitor who was never here; only the browser itself has been started before.
  for (let turn = 0; turn <= effort.pageLoads; turn++) {
    tell(`opening the page, ${turn} of ${effort.pageLoads}`);
    const opened = await openPage(browser, served.address);
    const { content, usable } = await firstPaint(opened.page);
    await opened.close();
    if (turn === 0) continue;
    note('first paint of content', content);
    note('page usable', usable);
  }

  const opened = await openPage(browser, served.address);
  await firstPaint(opened.page);
  for (const [what, photos] of [
    ['2 megapixels', usual],
    ['12 megapixels', large],
  ] as const) {
    for (const [turn, photo] of photos.entries()) {
      tell(`dropping a photo of ${what}, ${turn} of ${effort.pageDrops}`);
      const { firstWord, lastWord } = await dropPhoto(opened.page, photo);
      if (turn > 0) {
        note(`drop to first word, ${what}`, firstWord);
        note(`drop to last word, ${what}`, lastWord);
      }
      // The last one stays, to be looked at.
      if (photo !== large.at(-1)) await empty(opened.page, served);
    }
  }
  tell('moving over the words');
  const counted = await hover(opened, effort.hoverWords, note);
  await opened.close();
  return { milliseconds, counted };
}

/** Takes all photos out of the library, and waits until the page shows none. */
async function empty(page: Page, { client }: ServedAttend): Promise<void> {
  const { photos } = await client.request('photos.list', {});
  await client.request('photos.remove', { photoIds: photos.map(({ id }) => id) });
  await page.locator('.empty').waitFor();
}

/** Moves over the words of a caption, to and fro, while frames are noted. */
async function hover(
  { metrics, page }: RecordedPage,
  count: number,
  note: (what: string, value: number) => void,
): Promise<Row[]> {
  await page.locator('.picture.loaded').waitFor();
  const words = await page.locator('.line [data-index]').all();
  const boxes = await Promise.all(words.map((word) => word.boundingBox()));
  const places = boxes.flatMap((box) => (box ? [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }] : []));
  const way = [...places, ...places.slice(1, -1).reverse()];
  const over = async (moves: number): Promise<void> => {
    for (let move = 0; move < moves; move++) {
      const { x, y } = way[move % way.length]!;
      await page.mouse.move(x, y);
      await page.waitForTimeout(WORD_TIME);
    }
  };
  await over(way.length);
  const before = await metrics();
  const intervals = await framesDuring(page, () => over(count));
  const after = await metrics();
  for (const interval of intervals) note('frame while hovering, 12 megapixels', interval);
  note('main thread busy in each of them', ((after.busySeconds - before.busySeconds) * 1000) / intervals.length);
  const cell = (value: number): Row['cells'] => ({ '': value });
  return [
    { what: 'longest frame while hovering', unit: 'ms', cells: cell(Math.max(...intervals)) },
    { what: 'frames dropped while hovering', unit: '%', cells: cell(100 * droppedShare(intervals)) },
    { what: 'layouts for each word hovered', unit: 'layouts', cells: cell((after.layouts - before.layouts) / count) },
  ];
}

/** Puts what was measured on one backend beside the others'. */
function add(rows: Row[], column: string, { counted, milliseconds }: Measured): void {
  const put = (what: string, unit: Row['unit'], cell: Row['cells'][string]): void => {
    let row = rows.find((one) => one.what === what);
    if (!row) rows.push((row = { what, unit, cells: {} }));
    row.cells[column] = cell;
  };
  for (const [what, values] of milliseconds) put(what, 'ms', summarise(values));
  for (const { cells, unit, what } of counted) put(what, unit, cells['']!);
}
