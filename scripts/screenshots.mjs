#!/usr/bin/env node
// Takes the pictures in assets/screenshots again: `npm run build && node scripts/screenshots.mjs [NAME ...]`.
//
// It starts `attend serve` with an empty library, adds the sample photos through the page as anybody would, waits for
// their captions and photographs the page in Chromium (ATTEND_CHROMIUM names one that is not in its usual place).
// Nothing is staged: words and maps are what the shipped captioner says on this machine.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { addSamples, learn, root, withServedPage } from './served-page.mjs';

const SHOTS = [
  { name: 'why-dark', theme: 'dark', photo: 'giraffe-in-grass.jpg', arrange: (page) => askWhy(page, 'giraffe') },
  { name: 'contact-sheet-dark', theme: 'dark', photo: 'double-decker-bus.jpg', arrange: openSheet },
  {
    name: 'german-light',
    theme: 'light',
    photo: 'surfer-on-wave.jpg',
    arrange: (page) => readInGerman(page, 'Meer'),
  },
  { name: 'translate-doubt-light', theme: 'light', height: 400, arrange: translateLaw },
  { name: 'look-inside-light', theme: 'light', height: 640, arrange: lookInside },
  { name: 'learn-word-light', theme: 'light', photo: 'dog-in-snow.jpg', arrange: learnWord },
  { name: 'learn-hard-light', theme: 'light', photo: 'dog-in-snow.jpg', height: 780, arrange: learnHard },
  { name: 'learn-beam-light', theme: 'light', photo: 'dog-in-snow.jpg', height: 640, arrange: learnBeam },
  { name: 'learn-heads-light', theme: 'light', arrange: learnHeads },
  { name: 'inside-photo-dark', theme: 'dark', photo: 'dog-in-snow.jpg', height: 860, arrange: insidePhoto },
  { name: 'all-photos-light', theme: 'light', height: 540, arrange: openAll },
];
const WIDTH = 1280;
const HEIGHT = 800;
/** Milliseconds: a busy machine captions slowly. */
const PATIENCE = 120_000;

const target = join(root, 'assets/screenshots');

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !SHOTS.some((shot) => shot.name === name));
if (unknown.length > 0) {
  const known = SHOTS.map(({ name }) => name).join(', ');
  console.error(`screenshots: there is no screenshot ${unknown.join(', ')}; there are: ${known}`);
  process.exit(1);
}

await withServedPage('screenshots', async (address, browser) => {
  await mkdir(target, { recursive: true });
  const page = await openPage(address, browser, 'light');
  for (const text of await addSamples(page)) console.log(text);
  await page.context().close();
  for (const shot of SHOTS) {
    if (wanted.length === 0 || wanted.includes(shot.name)) await take(address, browser, shot);
  }
});

async function openPage(address, browser, theme, height = HEIGHT) {
  const context = await browser.newContext({
    viewport: { width: WIDTH, height },
    colorScheme: theme,
    locale: 'en-GB',
    // Nothing is caught half faded in.
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  await page.goto(address);
  return page;
}

async function take(address, browser, { name, theme, height, photo, arrange }) {
  const page = await openPage(address, browser, theme, height);
  if (photo !== undefined) {
    await openAll(page);
    await page.getByRole('button', { name: photo }).first().click();
    await page.locator('.line [data-index]').first().waitFor();
  }
  await arrange(page);
  // Asked again and again from here: the page's policy lets nothing that waits in it be evaluated.
  while (!(await page.evaluate('[...document.images].every((image) => image.complete && image.naturalWidth > 0)'))) {
    await page.waitForTimeout(100);
  }
  await page.evaluate('document.fonts.ready');
  await page.waitForTimeout(1000);
  await sharp(await page.screenshot())
    .webp({ quality: 90, smartSubsample: true, effort: 6 })
    .toFile(join(target, `${name}.webp`));
  console.log(`assets/screenshots/${name}.webp`);
  await page.context().close();
}

async function openAll(page) {
  // A page opens at the place that the one before was left at.
  await page.getByRole('navigation', { name: 'Places' }).getByRole('button', { name: 'Caption', exact: true }).click();
  await page.getByRole('group', { name: 'View' }).getByText('All').click();
  await page.locator('.grid .photo').first().waitFor();
}

async function askWhy(page, word) {
  await page
    .locator('.line [data-index]')
    .filter({ hasText: new RegExp(`^\\s*${word}\\s*$`, 'i') })
    .first()
    .click();
  await page.getByRole('button', { name: `Why “${word}”?` }).click();
  const card = page.getByRole('dialog');
  await card.getByRole('button', { name: 'Blank that region and see' }).click();
  await card.locator('.verdict').waitFor();
  await page.mouse.move(5, 5);
}

async function openSheet(page) {
  await page.getByRole('button', { name: 'Contact sheet' }).click();
  await page.mouse.move(5, 5);
}

async function readInGerman(page, word) {
  await page.getByRole('combobox', { name: 'Language' }).selectOption('de');
  await page.locator('.translated button').filter({ hasText: word }).hover();
}

async function translateLaw(page) {
  await page.getByRole('button', { name: 'Translate' }).first().click();
  const text =
    'The committee ratified amendments concerning fiscal decentralisation. ' +
    'Subordinated creditors challenged the receivership at 9:30.';
  await page.getByRole('textbox', { name: 'Text to translate' }).fill(text);
  await page.locator('.target .banner').waitFor();
  await page.mouse.move(5, 5);
}

async function lookInside(page) {
  await page.getByRole('button', { name: 'Look inside' }).first().click();
  await page.getByRole('textbox', { name: 'Sentence' }).fill('Two children in red shirts are playing in the snow.');
  await page.getByRole('application').waitFor();
  await page.mouse.move(5, 5);
}

async function learnWord(page) {
  await learn(page, 'caption?word=2&step=2');
  await page.getByRole('application').waitFor();
  await page.locator('.stages').waitFor();
}

async function learnHard(page) {
  await learn(page, 'hard?word=2');
  await page.locator('.sheet image').first().waitFor();
  await page.mouse.move(5, 5);
}

async function insidePhoto(page) {
  await page.getByRole('button', { name: 'Look inside' }).first().click();
  await page.getByText('A photo', { exact: true }).click();
  await page.getByRole('button', { name: 'Find the other maps' }).click();
  await page.locator('.sheet image').nth(3).waitFor();
  await page.locator('.sheet .word').nth(2).click();
  await page.mouse.move(5, 5);
}

async function learnBeam(page) {
  await learn(page, 'beam?of=caption&steps=100');
  await page.locator('.result').waitFor();
  await page.mouse.move(5, 5);
}

async function learnHeads(page) {
  await learn(page, 'heads?text=A+dog+runs+through+the+snow.&from=en&to=de&model=translator-everyday&kind=encoder');
  await page.locator('.grid .head').first().waitFor();
  await page.mouse.move(5, 5);
}
