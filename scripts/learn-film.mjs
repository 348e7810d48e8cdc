#!/usr/bin/env node
// Makes assets/screenshots/learn.webp again: `npm run build && node scripts/learn-film.mjs`. It goes through Learn: a word of
// a caption step by step and by hand, soft and hard attention, other kinds, a beam search, all heads, a training, a story.
//
// Each picture is taken when the page has come to rest, so the film shows what there is and not how long it takes; of the
// training, which takes a minute, there is a picture every few seconds. Nothing is staged.
import { join } from 'node:path';
import { develop } from './develop-film.mjs';
import { addSamples, learn, root, withServedPage } from './served-page.mjs';

const TARGET = join(root, 'assets/screenshots/learn.webp');
const SIZE = { width: 1120, height: 700 };
/** Of the film, in pixels. */
const WIDTH = 800;
const PHOTO = 'dog-in-snow.jpg';
const TEXT = 'text=A+dog+runs+through+the+snow.&from=en&to=de';
/** A busy machine captions slowly. */
const PATIENCE = 300_000;
/** Milliseconds that a picture is seen, and pictures of the training. */
const USUAL = 900;
const LEARNING = 16;

await withServedPage('learn-film', async (address, browser) => {
  const context = await browser.newContext({
    viewport: SIZE,
    colorScheme: 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(address);
  await addSamples(page);
  const film = await shoot(page);
  const bytes = await develop(film, TARGET, { width: WIDTH, effort: 4 });
  console.log(`${TARGET}: ${film.frames.length} frames, ${Math.round(bytes / 1000)} kB`);
});

async function shoot(page) {
  const film = { frames: [], delays: [] };
  const frame = async (milliseconds = USUAL) => {
    await isStill(page);
    film.frames.push(await page.screenshot());
    film.delays.push(milliseconds);
  };

  await page.getByRole('button', { name: PHOTO }).first().click();
  await page.locator('.line [data-index]').first().waitFor();

  await learn(page, 'caption?word=2&step=0');
  await page.locator('.cells .cell').first().waitFor();
  await frame(1500);
  for (let step = 1; step < 6; step++) {
    await page.keyboard.press('ArrowRight');
    await frame(step === 2 ? 1800 : USUAL);
  }
  await page.locator('.stages .stage').nth(2).click();
  for (const temperature of ['-0.6', '0.9']) {
    await page.getByRole('slider', { name: 'Temperature' }).fill(temperature);
    await frame();
  }
  await page.getByRole('button', { name: 'As it was' }).click();

  for (const [word, milliseconds] of [
    [2, 1500],
    [5, USUAL],
    [7, USUAL],
  ]) {
    await learn(page, `hard?word=${word}`);
    await page.locator('.sheet image').first().waitFor();
    await frame(milliseconds);
  }

  for (const model of ['comparison-additive', 'comparison-dot', 'comparison-conv-s2s', 'comparison-transformer']) {
    await learn(page, `sentence?${TEXT}&model=${model}&token=1&step=${model.endsWith('transformer') ? 4 : 3}`);
    await page.locator('.rows svg').waitFor();
    await frame();
  }

  await learn(page, 'beam?of=caption&steps=1');
  await page.locator('.tree svg').waitFor();
  for (let step = 1; step <= 12; step++) {
    await page.getByRole('slider', { name: 'Steps' }).fill(String(step));
    await frame(step === 12 ? 1500 : 350);
  }

  await learn(page, `heads?${TEXT}&model=translator-everyday&kind=encoder&layer=0&head=0`);
  await page.locator('.grid .head').first().waitFor();
  await frame(1800);

  await learn(page, 'train?task=reverse&attention=dot');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await page.locator('progress').waitFor();
  for (let taken = 0; (await page.locator('progress').count()) > 0 && taken < LEARNING; taken++) {
    await frame(350);
    const next = ((taken + 1) / LEARNING).toFixed(3);
    const goesOn = `(() => { const bar = document.querySelector('progress'); return bar !== null && bar.position < ${next}; })()`;
    while (await page.evaluate(goesOn)) await page.waitForTimeout(100);
  }
  await page.locator('progress').waitFor({ state: 'detached' });
  await frame(1800);

  await learn(page, 'stories');
  await page.locator('.stories .cell').first().waitFor();
  await frame(1500);
  await page.getByRole('button', { name: 'Forget: Anna went to the office.' }).click();
  await frame(1800);
  return film;
}

/** Once nothing is being computed and all pictures are there. */
async function isStill(page) {
  const stirs = `[...document.images].some((image) => !image.complete) || document.querySelector('[aria-busy=true]') !== null || document.body.textContent.includes('Computing')`;
  while (await page.evaluate(stirs)) await page.waitForTimeout(50);
  await page.waitForTimeout(250);
}
