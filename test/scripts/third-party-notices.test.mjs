import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { productionPackages } from '../../scripts/production-packages.mjs';
import { bundledPackages, thirdPartyNotices } from '../../scripts/third-party-notices.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const notices = readFileSync(`${root}/THIRD-PARTY-NOTICES.txt`, 'utf8');
const packages = productionPackages();
/** Where npm could not fetch an optional one, its words cannot be compared. */
const areAllHere = packages.every(({ isForSome, isHere }) => isForSome || isHere);

describe('the third-party notices (npm run notices)', () => {
  /** @type {string[]} */
  let bundled;
  beforeAll(async () => {
    bundled = await bundledPackages();
  });

  it('name every package that is installed with Attend, in its version and with its licence', () => {
    expect(packages.length).toBeGreaterThan(100);
    const missing = packages.filter(
      ({ licence, name, version }) => !notices.includes(`\n${name} ${version} (${licence})`),
    );
    expect(missing.map(({ name, version }) => `${name} ${version}`)).toEqual([]);
  });

  it('name every package that is in the page, in whichever version it is there', () => {
    expect(bundled).toContain('node_modules/svelte');
    const named = bundled.map((path) => {
      const { name, version } = JSON.parse(readFileSync(`${root}/${path}/package.json`, 'utf8'));
      return { name, isNamed: notices.includes(`\n${name} ${version} (`) };
    });
    expect(named.filter(({ isNamed }) => !isNamed)).toEqual([]);
  });

  it('name every library that libvips is built with', () => {
    const folders = readdirSync(`${root}/node_modules/@img`).filter((name) => name.startsWith('sharp-libvips-'));
    for (const folder of folders) {
      const readme = readFileSync(`${root}/node_modules/@img/${folder}/README.md`, 'utf8');
      const libraries = [...readme.matchAll(/^\| ([a-z][\w-]*) +\|/gm)].map(([, name]) => name);
      expect(libraries.length).toBeGreaterThan(10);
      expect(libraries.filter((name) => !new RegExp(`[ \n]${name}[,.]`).test(notices))).toEqual([]);
    }
  });

  it('have the words of every licence that is not quoted with its package', () => {
    const ids = [...notices.matchAll(/^The words of (.*) stand at the end\.$/gm)].flatMap(([, list]) =>
      list.split(', '),
    );
    expect(ids.length).toBeGreaterThan(5);
    for (const id of ids) expect(notices).toContain(`\n${id}: the words of the licence\n`);
  });

  it.skipIf(!areAllHere)('are as the packages are', async () => {
    // Not compared line by line: what is different would be thousands of lines long.
    expect((await thirdPartyNotices()) === notices, 'Run "npm run notices".').toBe(true);
  });

  it('are in the packages for npm and of the app', () => {
    const { files } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));
    expect(files).toContain('THIRD-PARTY-NOTICES.txt');
    expect(readFileSync(`${root}/electron-builder.yml`, 'utf8')).toMatch(/^ {2}- THIRD-PARTY-NOTICES\.txt$/m);
  });
});
