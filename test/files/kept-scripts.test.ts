import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { KeptScripts } from '../../src/files/kept-scripts.ts';

const require = createRequire(import.meta.url);

let folder: string;
let script: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'attend-scripts-'));
  script = join(folder, 'script.cjs');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Loads the script as a program does that begins. */
function load(program = 'test'): unknown {
  const scripts = new KeptScripts(join(folder, 'kept'), program);
  const end = scripts.begin();
  try {
    Reflect.deleteProperty(require.cache, script);
    return require(script);
  } finally {
    end();
    scripts.keep();
  }
}

const kept = (): string => join(folder, 'kept', readdirSync(join(folder, 'kept'))[0] as string);
/** Another number where the file was written again. */
const written = (): number => statSync(kept()).ino;

test('a module is compiled once and then taken as it was', () => {
  writeFileSync(script, 'module.exports = [1, 2].map((n) => n + 1);');
  expect(load()).toEqual([2, 3]);
  const first = written();
  expect(load()).toEqual([2, 3]);
  expect(written()).toBe(first);
  expect(readdirSync(join(folder, 'kept'))).toHaveLength(1);
});

test('of another source nothing is taken', () => {
  writeFileSync(script, 'module.exports = 1;');
  load();
  const first = written();
  // As long, which is all that V8 itself looks at.
  writeFileSync(script, 'module.exports = 2;');
  expect(load()).toBe(2);
  expect(written()).not.toBe(first);
});

test('what was damaged is not taken, and written anew', () => {
  writeFileSync(script, 'module.exports = () => "whole";');
  load();
  const whole = readFileSync(kept());
  for (const damaged of [whole.subarray(0, 10), Buffer.alloc(0), flipped(whole, whole.length >> 1)]) {
    writeFileSync(kept(), damaged);
    expect((load() as () => string)()).toBe('whole');
    expect(readFileSync(kept()).length).toBeGreaterThan(TAG);
    const first = written();
    load();
    expect(written()).toBe(first);
  }
});

test('of many programs those are kept that were written last', () => {
  writeFileSync(script, 'module.exports = 1;');
  load();
  const first = kept();
  utimesSync(first, 1, 1);
  for (let i = 0; i < 20; i++) load(`program ${i}`);
  expect(existsSync(first)).toBe(false);
  expect(readdirSync(join(folder, 'kept')).length).toBeLessThan(20);
});

test('where nothing can be written, modules are loaded all the same', () => {
  writeFileSync(join(folder, 'kept'), 'a file where the folder should be');
  writeFileSync(script, 'module.exports = 3;');
  expect(load()).toBe(3);
});

test('what cannot take its place leaves nothing behind', () => {
  writeFileSync(script, 'module.exports = 4;');
  load();
  const place = kept();
  rmSync(place);
  mkdirSync(join(place, 'in the way'), { recursive: true });
  expect(load()).toBe(4);
  expect(readdirSync(join(folder, 'kept'))).toEqual([basename(place)]);
});

test('a module finds what Node gives modules', () => {
  writeFileSync(join(folder, 'other.cjs'), 'exports.name = "other";');
  writeFileSync(
    script,
    `const { name } = require('./other.cjs');
    module.exports = { name, file: __filename, folder: __dirname, found: require.resolve('./other.cjs'),
      isOwn: require.cache[__filename] === module };`,
  );
  for (let i = 0; i < 2; i++) {
    expect(load()).toEqual({ name: 'other', file: script, folder, found: join(folder, 'other.cjs'), isOwn: true });
  }
});

test('a module that imports others later is left to Node', async () => {
  writeFileSync(script, `exports.late = () => import('node:os');`);
  for (let i = 0; i < 2; i++) {
    const { late } = load() as { late: () => Promise<unknown> };
    expect(await late()).toHaveProperty('homedir');
  }
  expect(() => kept()).toThrow();
});

test('what cannot be compiled, or fails, says so as ever', () => {
  writeFileSync(script, 'module.exports = ;');
  expect(() => load()).toThrow(SyntaxError);
  writeFileSync(script, 'throw new RangeError("too far");');
  expect(() => load()).toThrow(RangeError);
});

/** The checksum alone is so long. */
const TAG = 16;

function flipped(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
  return copy;
}
