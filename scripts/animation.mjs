#!/usr/bin/env node
// Makes assets/screenshots/drop-and-look.webp again: `npm run build && node scripts/animation.mjs`. A photo is dropped on
// the page, its caption arrives, and the pointer moves over the words.
//
// The page's time stands still between frames (its clock and its animations are moved on by hand), so that the film runs
// smoothly however slow the machine is. The words and maps are what the shipped captioner says; how long it thinks is not
// shown.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { develop } from './develop-film.mjs';
import { root, withServedPage } from './served-page.mjs';

const PHOTO = 'dog-on-grass.jpg';
const TARGET = join(root, 'assets/screenshots/drop-and-look.webp');
const SIZE = { width: 1120, height: 700 };
/** Of the film, in pixels, and its frames, in milliseconds. */
const WIDTH = 800;
const FRAME = 50;
/** The words that the pointer stops at, and how long. */
const STOPS = ['brown', 'dog', 'running', 'grass'];
const STOP = 900;
/** How long each word takes to arrive. */
const WORD = 150;
/** A busy machine captions slowly. */
const PATIENCE = 120_000;

const POINTER =
  'data:image/svg+xml,' +
  encodeURIComponent(
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="30" viewBox="0 0 24 30"><path d="M2 1.5v22.6l5.6-5.2 3.6 8.4 4-1.7-3.6-8.3h7.7z" fill="#111" stroke="#fff" stroke-width="1.6" stroke-linejoin="round"/></svg>',
  );

await withServedPage('animation', async (address, browser) => {
  const film = await shoot(address, browser);
  const bytes = await develop(film, TARGET, { width: WIDTH, effort: 6 });
  console.log(`${TARGET}: ${film.frames.length} frames, ${Math.round(bytes / 1000)} kB`);
});

/** Plays the scene, a frame at a time. */
async function shoot(address, browser) {
  const context = await browser.newContext({ viewport: SIZE, colorScheme: 'light', locale: 'en-GB' });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.addInitScript(holdCaption);
  await page.clock.install();
  await page.goto(address);
  await page.getByText('Drop a photo anywhere').waitFor();
  await modelIsReady(address);
  const session = await context.newCDPSession(page);
  await session.send('Animation.enable');
  await session.send('Animation.setPlaybackRate', { playbackRate: 0 });
  await page.clock.pauseAt(Date.now() + 60_000);

  const photo = await readFile(join(root, 'assets/samples', PHOTO));
  const ghost = await sharp(photo).resize(150).jpeg({ quality: 80 }).toBuffer();
  await page.evaluate(stage, { pointer: POINTER, ghost: `data:image/jpeg;base64,${ghost.toString('base64')}` });

  const film = { frames: [], delays: [] };
  /** Time goes by on the page. */
  const pass = async (milliseconds) => {
    await page.clock.runFor(milliseconds);
    await page.evaluate(moveAnimations, milliseconds);
  };
  /** The picture of now, shown for so long. */
  const frame = async (milliseconds = FRAME) => {
    film.frames.push(await page.screenshot());
    film.delays.push(milliseconds);
  };
  const play = async (milliseconds) => {
    for (let time = 0; time < milliseconds; time += FRAME) {
      await pass(FRAME);
      await frame();
    }
  };
  let at = { x: SIZE.width - 60, y: SIZE.height - 30 };
  /** The pointer goes somewhere, faster in the middle of its way. */
  const go = async (to, milliseconds, carrying = false) => {
    const from = at;
    const steps = Math.max(1, Math.round(milliseconds / FRAME));
    for (let step = 1; step <= steps; step++) {
      const part = step / steps;
      const eased = part < 0.5 ? 2 * part ** 2 : 1 - (2 - 2 * part) ** 2 / 2;
      at = { x: from.x + (to.x - from.x) * eased, y: from.y + (to.y - from.y) * eased };
      await page.evaluate(movePointer, { ...at, carrying });
      if (!carrying) await page.mouse.move(at.x, at.y);
      await pass(FRAME);
      await frame();
    }
  };

  await pass(FRAME);
  await frame(700);
  await page.evaluate(fire, { kinds: ['dragenter', 'dragover'] });
  await go({ x: SIZE.width * 0.55, y: SIZE.height * 0.56 }, 800, true);
  await frame(250);
  await page.evaluate(fire, { kinds: ['drop'], name: PHOTO, base64: photo.toString('base64') });
  await page.evaluate(movePointer, { ...at, carrying: false });
  await page.locator('.picture.loaded').waitFor();
  await play(3 * FRAME);

  // The caption's lines are held back until they are wanted: how long each takes to come is not filmed.
  while (!(await page.evaluate('film.isHere()'))) await page.waitForTimeout(100);
  for (let isOver = false; !isOver;) {
    const before = await page.evaluate(words);
    isOver = await page.evaluate('film.release()');
    while (!(await page.evaluate('film.isRead()'))) await page.waitForTimeout(10);
    if ((await page.evaluate(words)) !== before) await play(WORD);
  }
  film.delays[film.delays.length - 1] = 900;

  for (const stop of STOPS) {
    const word = page
      .locator('.line [data-index]')
      .filter({ hasText: new RegExp(`^\\s*${stop}\\s*$`, 'i') })
      .first();
    const box = await word.boundingBox();
    await go({ x: box.x + box.width * 0.55, y: box.y + box.height * 0.6 }, at.y < box.y - 100 ? 600 : 250);
    // The map flows, then stands.
    await play(250);
    film.delays[film.delays.length - 1] = STOP;
  }
  await go({ x: at.x + 120, y: SIZE.height - 20 }, 300);
  await play(200);
  film.delays[film.delays.length - 1] = 1_200;
  await context.close();
  return film;
}

async function modelIsReady(address) {
  const { origin, searchParams } = new URL(address);
  const headers = { authorization: `Bearer ${searchParams.get('token')}` };
  for (;;) {
    const answer = await fetch(`${origin}/api/app.model`, { method: 'POST', headers, body: '{}' });
    const { error, state } = await answer.json();
    if (state === 'ready') return;
    if (error) throw new Error(error.message);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

// ------------------------------------------------------------------------------------------------- inside the page
/* global atob, DataTransfer, document, DragEvent, File, Image, ReadableStream, Response, TextEncoder, window */

/** A pointer, and what it carries: a screenshot has none. */
function stage({ ghost, pointer }) {
  for (const [id, source] of Object.entries({ ghost, pointer })) {
    const image = new Image();
    image.id = `film-${id}`;
    image.src = source;
    image.alt = '';
    Object.assign(image.style, {
      position: 'fixed',
      zIndex: 1000,
      pointerEvents: 'none',
      left: '-300px',
      top: '-300px',
    });
    if (id === 'ghost')
      Object.assign(image.style, { opacity: 0.85, borderRadius: '6px', boxShadow: '0 6px 20px #0006' });
    document.documentElement.append(image);
  }
}

function movePointer({ carrying, x, y }) {
  const place = (id, left, top) =>
    Object.assign(document.getElementById(`film-${id}`).style, { left: `${left}px`, top: `${top}px` });
  place('pointer', x, y);
  if (carrying) place('ghost', x + 10, y + 14);
  else place('ghost', -300, -300);
}

function moveAnimations(milliseconds) {
  for (const animation of document.getAnimations()) {
    const { endTime } = animation.effect.getComputedTiming();
    const time = Number(animation.currentTime ?? 0) + milliseconds;
    if (time >= Number(endTime)) animation.finish();
    else animation.currentTime = time;
  }
}

function fire({ base64, kinds, name }) {
  const transfer = new DataTransfer();
  const bytes = Uint8Array.from(atob(base64 ?? ''), (character) => character.charCodeAt(0));
  transfer.items.add(new File([bytes], name ?? 'photo.jpg', { type: 'image/jpeg' }));
  for (const kind of kinds) {
    document.body.dispatchEvent(new DragEvent(kind, { dataTransfer: transfer, bubbles: true, cancelable: true }));
  }
}

/** What can be read of the caption. */
function words() {
  const line = document.querySelector('.line');
  return line ? `${line.getAttribute('aria-busy')} ${line.textContent}` : '';
}

/** Holds back the lines of a caption that is on its way: each `film.release()` lets one through. */
function holdCaption() {
  const fetchNow = window.fetch;
  let lines;
  let next;
  window.film = {
    isHere: () => lines !== undefined,
    isRead: () => (lines.length > 0 ? next.desiredSize > 0 : !document.querySelector('.line[aria-busy=true]')),
    /** @returns whether that was the last */
    release() {
      next.enqueue(new TextEncoder().encode(`${lines.shift()}\n`));
      if (lines.length === 0) next.close();
      return lines.length === 0;
    },
  };
  window.fetch = async (...question) => {
    const answer = await fetchNow(...question);
    if (!String(question[0]).includes('caption.run') || !answer.ok) return answer;
    const body = new ReadableStream({ start: (controller) => (next = controller) });
    void answer.text().then((text) => (lines = text.trim().split('\n')));
    return new Response(body, answer);
  };
}
