import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CaptionedPhoto } from '../../src/contract/data/captions.ts';
import { useTestBackend } from '../support/backend.ts';
import { finish, useCli } from '../support/cli.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from '../support/tiny-captioner.ts';

useTestBackend();
const cli = useCli();

let folder: { path: string; remove: () => Promise<void> };
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeTinyModel(folder.path);
  for (let i = 0; i < 5; i++) await writeTinyPhoto(join(folder.path, `${i}.png`), i + 1);
  await writeFile(join(folder.path, 'broken.png'), 'no photo');
});
afterAll(() => folder.remove());

type Line = Partial<CaptionedPhoto> & { file: string; id?: string | number; error?: string };
const linesOf = (text: string): Line[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
const args = ['caption', '-', '--lines', '--model', 'captioner-tiny'];

describe('attend caption - --lines', () => {
  it('answers every line with one line, in order, also where a photo is none, and ends with its input', async () => {
    const asked = [
      '3.png',
      '{"file":"0.png","id":"first"}',
      'nowhere.png',
      '',
      '{"file":"broken.png","id":9}',
      '.',
      '3.png',
    ];
    const { code, stdout, stderr } = await cli.run(args, { cwd: folder.path, stdin: `${asked.join('\n')}\n` });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = linesOf(stdout);
    expect(lines.map(({ file, id }) => [file, id])).toEqual([
      ['3.png', undefined],
      ['0.png', 'first'],
      ['nowhere.png', undefined],
      ['', undefined],
      ['broken.png', 9],
      ['.', undefined],
      ['3.png', undefined],
    ]);
    expect(lines.map(({ caption, error }) => [typeof caption, typeof error])).toEqual(
      [true, true, false, false, false, false, true].map((good) => [
        good ? 'string' : 'undefined',
        good ? 'undefined' : 'string',
      ]),
    );
    expect(lines[6]!.caption).toBe(lines[0]!.caption);
  });

  it('answers as soon as it knows, while its input stays open', async () => {
    const child = cli.start([...args, '--threads', '1'], { cwd: folder.path });
    const ended = finish(child);
    const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    for (const name of ['1.png', '2.png']) {
      child.stdin.write(`${name}\n`);
      const { value } = await answers.next();
      expect(JSON.parse(value as string)).toMatchObject({ file: name, caption: expect.any(String) as string });
    }
    child.stdin.end();
    expect((await ended).code).toBe(0);
  });

  it('has the words of the command without it, past a byte order mark', async () => {
    const [line] = linesOf(
      (await cli.run([...args, '--keywords', '--start', 'the dog'], { cwd: folder.path, stdin: '\ufeff4.png' })).stdout,
    );
    const usual = ['caption', '4.png', '--jsonl', '--keywords', '--start', 'the dog', '--model', 'captioner-tiny'];
    const [other] = linesOf((await cli.run(usual, { cwd: folder.path })).stdout);
    expect({ ...line, milliseconds: 0 }).toEqual({ ...other, milliseconds: 0 });
  });

  it.each([
    [['4.png', '--lines'], 'give - in the place of photos'],
    [['-', '--lines', '--csv'], 'leave out --csv'],
    [['-', '--lines', '--output', 'a.jsonl'], 'leave out --output'],
  ])('refuses %j', async (given, message) => {
    const { code, stderr } = await cli.run(['caption', ...given, '--model', 'captioner-tiny'], { cwd: folder.path });
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
