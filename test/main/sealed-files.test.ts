import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changedFile, checksumsOf, damageOf } from '../../src/main/sealed-files.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let place: { path: string; remove: () => Promise<void> };
/** What is packed, and what lies beside the archive afterwards. */
let source: string;
let root: string;
const FILES = {
  'package.json': '{ "name": "attend", "type": "module", "scripts": { "test": "vitest" } }',
  'dist/workers/models.js': 'import "./shared.js";',
  'dist/workers/shared.js': '',
  'node_modules/sharp/package.json': '{ "name": "sharp", "main": "lib/index.js", "keywords": ["resize"] }',
  'node_modules/sharp/lib/index.js': 'exports.version = 1;',
  'node_modules/sharp/README.md': '# sharp',
  'node_modules/libvips/lib/libvips.so': '\u007fELF',
};

async function put(folder: string, name: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, name)), { recursive: true });
  await writeFile(join(folder, name), text);
}

beforeEach(async () => {
  place = await temporaryFolder();
  [source, root] = [join(place.path, 'source'), join(place.path, 'app.asar.unpacked')];
  for (const folder of [source, root]) {
    for (const [name, text] of Object.entries(FILES)) await put(folder, name, text);
  }
  await put(root, 'models/captioner/README.md', 'checked where it is read');
});
afterEach(() => place.remove());

const changed = async (): Promise<string | undefined> =>
  changedFile(root, await checksumsOf(source, ['package.json', 'dist', 'node_modules']));

describe('what lies beside the archive of the app', () => {
  it('is as it was packed', async () => {
    expect(await changed()).toBeUndefined();
  });

  it('may lack what packing leaves out, and have hidden files of the system', async () => {
    await rm(join(root, 'node_modules/sharp/README.md'));
    await put(root, 'node_modules/sharp/package.json', '{ "main": "lib/index.js", "name": "sharp" }');
    await put(root, 'dist/.DS_Store', '');
    expect(await changed()).toBeUndefined();
  });

  it.each<[string, string, string]>([
    ['a changed script', 'dist/workers/shared.js', 'fetch("https://example.org");'],
    ['changed native code', 'node_modules/libvips/lib/libvips.so', '\u007fELF2'],
    ['another entry of a package', 'node_modules/sharp/package.json', '{ "name": "sharp", "main": "lib/other.js" }'],
    ['a package.json that is none', 'node_modules/sharp/package.json', '{'],
    ['a new file in front of another', 'node_modules/sharp/lib/index.json', '{}'],
    ['a new package', 'dist/node_modules/sharp/index.js', ''],
  ])('is found changed: %s', async (_, name, text) => {
    await put(root, name, text);
    expect(await changed()).toBe(name);
  });

  it.skipIf(process.platform === 'win32')('is followed behind links', async () => {
    await put(place.path, 'elsewhere/other.js', '');
    await symlink(join(place.path, 'elsewhere'), join(root, 'node_modules/linked'));
    expect(await changed()).toBe('node_modules/linked/other.js');
  });

  it('keeps the app from starting where it was changed, with a sentence', async () => {
    const archive = join(place.path, 'app.asar');
    const never = 'Attend does not start, since it is not as it was installed: ';
    expect(await damageOf(archive)).toBe(`${never}the list of its files is missing. Install Attend again.`);
    const sums = await checksumsOf(source, ['package.json', 'dist', 'node_modules']);
    await put(archive, 'out/main/checksums.json', JSON.stringify(sums));
    expect(await damageOf(archive)).toBeUndefined();
    await writeFile(join(root, 'dist/workers/models.js'), '');
    expect(await damageOf(archive)).toBe(
      `${never}${join(root, 'dist/workers/models.js')} was changed. Install Attend again.`,
    );
    // While it is developed, nothing is packed.
    expect(await damageOf(source)).toBeUndefined();
  });

  it('may be packed in another place, and in several versions', async () => {
    await put(source, 'node_modules/other/node_modules/sharp/lib/index.js', 'exports.version = 2;');
    await put(root, 'node_modules/third/node_modules/sharp/lib/index.js', 'exports.version = 2;');
    expect(await changed()).toBeUndefined();
    await put(root, 'node_modules/third/node_modules/sharp/lib/index.js', 'exports.version = 3;');
    expect(await changed()).toBe('node_modules/third/node_modules/sharp/lib/index.js');
  });
});

describe('the packaging', () => {
  it('seals what it unpacks, after the build and before the archive is made', async () => {
    const script = await readFile('scripts/package.mjs', 'utf8');
    const [build, seal, pack] = [
      'scripts/build.mjs',
      'await seal()',
      'run(process.execPath, [process.env.npm_execpath',
    ].map((part) => script.indexOf(part));
    expect(build).toBeGreaterThan(0);
    expect(seal).toBeGreaterThan(build!);
    expect(pack).toBeGreaterThan(seal!);
    const builder = await readFile('electron-builder.yml', 'utf8');
    expect(builder).toMatch(/^ {2}- out\/\*\*$/m);
  });
});
