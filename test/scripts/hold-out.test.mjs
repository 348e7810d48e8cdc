import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../scripts/hold-out.mjs', import.meta.url));

let folder;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'attend-hold-out-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const jsonl = (name, lines) => {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  return path;
};
const run = (...args) =>
  execFileSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

it('keeps one in so many of a source, those of another file first, and leaves other photos alone', () => {
  const ours = Array.from({ length: 40 }, (_, i) => ({
    file: `c${i}.jpg`,
    source: 'coco2017',
    captions: ['a'],
    split: 'train',
  }));
  const others = [
    { file: 'f.jpg', source: 'flickr8k', captions: ['b'], split: 'dev' },
    { file: 'g.jpg', captions: ['c'] },
  ];
  const captions = jsonl('captions.jsonl', [...others, ...ours]);
  const boxes = jsonl('boxes.jsonl', [{ file: 'c33.jpg', boxes: [] }]);
  const lines = run(captions, '--source', 'coco', '--with', boxes);
  expect(lines.slice(0, 2)).toEqual(others);
  const held = lines.filter(({ split }) => split === 'coco-held-out').map(({ file }) => file);
  expect(held).toHaveLength(4);
  expect(held).toContain('c33.jpg');
  expect(lines.filter(({ split }) => split === 'coco')).toHaveLength(36);
  expect(run(captions, '--source', 'coco', '--with', boxes)).toEqual(lines);
});
