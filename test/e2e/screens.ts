import type { Page } from 'playwright-core';

/** A screen or dialog of the page, and how one comes there: by keys, addresses and classes, in whatever language it is. */
export interface Screen {
  readonly name: string;
  open(page: Page): Promise<unknown>;
  /** Closes what would else be open on the next one. */
  leave?(page: Page): Promise<unknown>;
}

const SENTENCE = 'A brown dog runs through the snow.';
const [CAPTION, REVIEW, TRANSLATE, INSIDE, MODELS, LEARN] = [0, 1, 2, 3, 4, 5] as const;

const rail = (page: Page, place: number): Promise<void> => page.locator('.rail button').nth(place).click();
const press = async (page: Page, ...keys: readonly string[]): Promise<void> => {
  for (const key of keys) await page.keyboard.press(key);
};
const close = (page: Page): Promise<void> => press(page, 'Escape');
const address = (page: Page, hash: string): Promise<void> => page.evaluate((to) => void (location.hash = to), hash);

async function all(page: Page): Promise<void> {
  await rail(page, CAPTION);
  await address(page, '#/caption/all');
  await page.locator('.grid .photo').nth(1).waitFor();
}

async function one(page: Page): Promise<void> {
  await all(page);
  await page.locator('.grid .tile:not(.failed) .photo').nth(2).click();
  await page.locator('.line [data-index]').nth(2).waitFor();
  await page.mouse.move(1, 1);
}

async function pin(page: Page): Promise<void> {
  await one(page);
  await page.locator('.line [data-index="1"]').click();
}

async function why(page: Page): Promise<void> {
  await pin(page);
  await press(page, 'w');
  await page.locator('.card li button').nth(4).waitFor();
}

async function dialog(page: Page, key: string): Promise<void> {
  await all(page);
  await press(page, key);
  await page.locator('dialog[open]').waitFor();
}

async function about(page: Page): Promise<void> {
  await dialog(page, '?');
  await page.locator('.ways .button').last().click();
  await page.locator('summary').first().waitFor();
}

async function review(page: Page): Promise<void> {
  await rail(page, REVIEW);
  await page.locator('aside ol').waitFor();
  await page.locator('.line [data-index]').first().waitFor();
}

async function translate(page: Page, text: string): Promise<void> {
  await rail(page, TRANSLATE);
  await page.locator('textarea').first().fill(text);
  await page.locator('.target .word').nth(2).waitFor();
}

async function inside(page: Page): Promise<void> {
  await rail(page, INSIDE);
  await page.locator('.sentence').fill(SENTENCE);
  await page.locator('[role=application]').first().waitFor();
}

/** What is chosen in a word's card, in a panel or for Look inside stays; so each leaves as it came. */
export const SCREENS: readonly Screen[] = [
  { name: 'all photos', open: all },
  {
    name: 'nothing found',
    open: async (page) => {
      await all(page);
      await page.locator('#search').fill('zzzz');
      await page.locator('.grid .photo').first().waitFor({ state: 'detached' });
    },
    leave: (page) => page.locator('#search').fill(''),
  },
  {
    name: 'selected',
    open: async (page) => {
      await all(page);
      await press(page, 'Control+a');
      await page.getByRole('toolbar').first().waitFor();
    },
    leave: close,
  },
  {
    name: 'filter',
    open: async (page) => {
      await all(page);
      await page.locator('.bar .popover > button').nth(1).click();
      await page.locator('.arrange').waitFor();
    },
    leave: close,
  },
  {
    name: 'adding',
    open: async (page) => {
      await all(page);
      await page.locator('.bar .popover > button').first().click();
      await page.locator('.menu').waitFor();
    },
    leave: close,
  },
  {
    name: 'menu of a photo',
    open: async (page) => {
      await all(page);
      await page.locator('.grid .photo').nth(1).click({ button: 'right' });
      await page.locator('[role=menu]').waitFor();
    },
    leave: close,
  },
  { name: 'photo', open: one },
  {
    name: 'first look',
    open: async (page) => {
      await one(page);
      await press(page, '?');
      await page.locator('.ways .button').first().click();
      await page.locator('.hints').waitFor();
    },
    leave: (page) => page.locator('.hints .button').click(),
  },
  { name: 'pinned word', open: pin, leave: close },
  {
    name: 'two words',
    open: async (page) => {
      await pin(page);
      await page.locator('.line [data-index]').last().click();
    },
    leave: close,
  },
  { name: 'why', open: why, leave: async (page) => (await close(page), close(page)) },
  {
    name: 'does it matter',
    open: async (page) => {
      await why(page);
      await page.locator('.card section .button').first().click();
      await page.locator('.verdict').waitFor();
    },
    leave: async (page) => (await close(page), close(page)),
  },
  {
    name: 'contact sheet',
    open: async (page) => (await one(page), press(page, 's')),
    leave: (page) => press(page, 's'),
  },
  {
    name: 'map',
    open: async (page) => (await one(page), page.locator('.bar .end .button').nth(1).click()),
    leave: (page) => page.locator('.bar .end .button').nth(1).click(),
  },
  {
    name: 'other captions',
    open: async (page) => (await one(page), press(page, 'a')),
    leave: (page) => press(page, 'a'),
  },
  {
    name: 'editor',
    open: async (page) => {
      await one(page);
      await press(page, 'a', 'e');
      await page.locator('textarea').waitFor();
    },
    leave: async (page) => {
      await close(page);
      await page.locator('textarea').waitFor({ state: 'detached' });
      await press(page, 'a');
    },
  },
  { name: 'region', open: async (page) => (await one(page), press(page, 'b')), leave: (page) => press(page, 'b') },
  {
    name: 'removed',
    open: async (page) => {
      await one(page);
      await press(page, 'Delete');
      await page.locator('.notice').waitFor();
    },
    leave: (page) => page.locator('.notice .button').first().click(),
  },
  { name: 'export', open: (page) => dialog(page, 'Control+e'), leave: close },
  { name: 'help', open: (page) => dialog(page, '?'), leave: close },
  { name: 'about', open: about, leave: close },
  {
    name: 'card of a model',
    open: async (page) => {
      await about(page);
      await page.locator('summary').first().click();
      await page.locator('dialog td').first().scrollIntoViewIfNeeded();
    },
    leave: close,
  },
  { name: 'settings', open: (page) => dialog(page, 'Control+,'), leave: close },
  {
    name: 'end of settings',
    open: async (page) => {
      await dialog(page, 'Control+,');
      await page.locator('.settings .about').scrollIntoViewIfNeeded();
    },
    leave: close,
  },
  {
    name: 'replace',
    open: async (page) => {
      await dialog(page, 'Control+Shift+F');
      await page.locator('dialog input').first().fill('a');
      await page.locator('dialog input').nth(1).fill('one and only');
      await page.locator('.example').first().waitFor();
    },
    leave: close,
  },
  { name: 'review', open: review },
  {
    name: 'editor of the review',
    open: async (page) => {
      await review(page);
      await press(page, 'e');
      await page.locator('textarea').waitFor();
    },
    leave: async (page) => {
      await close(page);
      await page.locator('textarea').waitFor({ state: 'detached' });
    },
  },
  { name: 'translate', open: (page) => translate(page, SENTENCE) },
  {
    name: 'doubted translation',
    open: async (page) => {
      await translate(
        page,
        `The committee ratified amendments concerning fiscal decentralisation.\n${SENTENCE} Собака.`,
      );
      await page.locator('.target :is(.banner, .note)').first().waitFor();
    },
  },
  {
    name: 'other translations',
    open: async (page) => {
      await translate(page, SENTENCE);
      await page.locator('.target .word').nth(2).click();
      await page.waitForTimeout(500);
    },
  },
  { name: 'look inside', open: inside },
  {
    name: 'look inside a photo',
    open: async (page) => {
      await inside(page);
      await page.locator('input[value=photo]').check({ force: true });
      await page.locator('.sheet image').first().waitFor();
    },
    leave: (page) => page.locator('input[value=sentence]').check({ force: true }),
  },
  {
    name: 'which models',
    open: async (page) => {
      await inside(page);
      await page.locator('[aria-haspopup=dialog]').first().click();
      await page.locator('.both').waitFor();
    },
    leave: close,
  },
  {
    name: 'compared models',
    open: async (page) => {
      await inside(page);
      await page.locator('[aria-haspopup=dialog]').first().click();
      await page.locator('.both button').first().click();
      await close(page);
      await page.locator('.views.many[aria-busy=false] section').nth(2).waitFor();
    },
  },
  { name: 'models', open: async (page) => (await rail(page, MODELS), page.locator('section li').nth(1).waitFor()) },
  {
    name: 'learn: a word',
    open: async (page) => {
      await one(page);
      await rail(page, LEARN);
      await page.locator('.bar label').first().click();
      await page.locator('.cells .cell').first().waitFor();
    },
  },
  {
    name: 'learn: soft and hard',
    open: async (page) => {
      await one(page);
      await address(page, '#/learn/hard');
      await page.locator('.hand-side section').nth(1).waitFor();
    },
  },
  {
    name: 'learn: a token',
    open: async (page) => {
      await address(page, `#/learn/sentence?text=${encodeURIComponent(SENTENCE)}&from=en&to=de`);
      await page.locator('.scores .row').nth(2).waitFor();
    },
  },
  {
    name: 'learn: the beam',
    open: async (page) => {
      await address(page, '#/learn/beam?of=caption&steps=100');
      await page.locator('.result').waitFor();
    },
  },
  {
    name: 'learn: heads',
    open: async (page) => {
      await address(page, `#/learn/heads?text=${encodeURIComponent(SENTENCE)}&from=en&to=de&kind=encoder`);
      await page.locator('.head').nth(3).waitFor();
    },
  },
  {
    name: 'learn: training',
    open: async (page) => (await address(page, '#/learn/train'), page.locator('main .button').first().waitFor()),
  },
  {
    name: 'learn: stories',
    open: async (page) => {
      await address(page, '#/learn/stories');
      await page.getByRole('status').filter({ hasText: /\S/ }).first().waitFor();
    },
  },
  {
    name: 'learn: measured',
    open: async (page) => (await address(page, '#/learn/measured'), page.locator('.measured img').waitFor()),
  },
];
