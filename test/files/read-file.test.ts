import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { linesOf, readBytes, readGivenJson, readJson, readText, readTextLines } from '../../src/files/read-file.ts';
import { temporaryFolder } from '../support/tiny-captioner.ts';

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const at = (name: string): string => join(folder.path, name);
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(at('utf-8.txt'), 'Größe\r\nzwei\n\nvier\n');
  await writeFile(at('latin-1.txt'), Buffer.from('Gr\xf6\xdfe\n', 'latin1'));
  await writeFile(at('packed.txt.gz'), gzipSync('eins\nzwei\n'));
  await writeFile(at('half.txt.gz'), gzipSync('eins\nzwei\n').subarray(0, 12));
  await writeFile(at('good.json'), '{"a": 1}');
  await writeFile(at('bad.json'), '{"a": ');
});
afterAll(() => folder.remove());

describe('reading a file', () => {
  it('takes text in UTF-8, and refuses any other by its name', async () => {
    expect(await readText(at('utf-8.txt'))).toBe('Größe\r\nzwei\n\nvier\n');
    await expect(readText(at('latin-1.txt'))).rejects.toThrow(`${at('latin-1.txt')} is no text in UTF-8.`);
  });

  it.skipIf(process.platform === 'win32')('waits for a pipe of JSON only where somebody names it', async () => {
    execFileSync('mkfifo', [at('pipe.json')]);
    await expect(readJson(at('pipe.json'))).rejects.toThrow('is not JSON');
    const given = readGivenJson(at('pipe.json'));
    await writeFile(at('pipe.json'), '{"a": 1}');
    expect(await given).toEqual({ a: 1 });
  });

  it('takes lines as they are, of compressed files too; what is no UTF-8 becomes a mark', async () => {
    expect(await readTextLines(at('utf-8.txt'))).toEqual(['Größe', 'zwei', '', 'vier']);
    expect(await readTextLines(at('packed.txt.gz'))).toEqual(['eins', 'zwei']);
    expect(await readTextLines(at('latin-1.txt'))).toEqual(['Gr\ufffd\ufffde']);
    await expect(readTextLines(at('half.txt.gz'))).rejects.toThrow(`${at('half.txt.gz')} is not a whole gzip file: `);
  });

  it('takes JSON, and says which file holds none', async () => {
    expect(await readJson(at('good.json'))).toEqual({ a: 1 });
    await expect(readJson(at('bad.json'))).rejects.toThrow(`${at('bad.json')} is not JSON: `);
  });

  it('says why there is nothing to read', async () => {
    await expect(readBytes(at('none'))).rejects.toThrow(`Cannot read ${at('none')}: there is no such file.`);
    await expect(readBytes(folder.path)).rejects.toThrow(`Cannot read ${folder.path}: it is a folder.`);
  });
});

it.each([
  ['a\nb', ['a', 'b']],
  ['a\r\nb\r\n', ['a', 'b']],
  ['a\n\n', ['a', '']],
  ['', []],
])('the lines of %j', (text, lines) => {
  expect(linesOf(text)).toEqual(lines);
});
