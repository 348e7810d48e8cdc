import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDownloadPath, parseMapPath, parsePicturePath, resolvePageFile } from '../../src/server/page-files.ts';

describe('the file of a page', () => {
  const root = join('/', 'app', 'renderer');

  it.each(['/app/renderer', '/app/renderer/', '/app/main/../renderer'])('is found in %s', (folder) => {
    expect(resolvePageFile(folder, '/index.html')?.path).toBe(join(root, 'index.html'));
  });

  it.each(['/../renderer-old/index.html', '/../renderer.html', '/..%2f..%2findex.html', '/%2e%2e/index.html'])(
    'is never outside: %s',
    (pathname) => {
      expect(resolvePageFile(`${root}/`, pathname)).toBeUndefined();
      expect(resolvePageFile(root, pathname)).toBeUndefined();
    },
  );

  it.each(['/..%5c..%5cindex.html', '/a\\index.html', '/index.html%00.png', '/%E0%A4%A', '/index.exe', '/index'])(
    'is none by a name that no page has: %s',
    (pathname) => {
      expect(resolvePageFile(root, pathname)).toBeUndefined();
    },
  );

  it('may be the whole disk’s where that is the folder', () => {
    expect(resolvePageFile('/', '/index.html')?.path).toBe(join('/', 'index.html'));
  });
});

describe('addresses', () => {
  it('of pictures', () => {
    expect(parsePicturePath('/photos/ab12/thumbnail')).toEqual({ id: 'ab12', kind: 'thumbnail' });
    expect(parsePicturePath('/photos/ab12/picture')).toEqual({ id: 'ab12', kind: 'picture' });
    for (const other of ['/photos/ab12/data', '/photos//picture', '/photos/AB/picture', '/photos/a.b/picture']) {
      expect(parsePicturePath(other)).toBeUndefined();
    }
    expect(parsePicturePath(`/photos/${'a'.repeat(33)}/picture`)).toBeUndefined();
    expect(parsePicturePath('/x/photos/ab12/picture')).toBeUndefined();
    expect(parsePicturePath('/photos/ab12/picture/x')).toBeUndefined();
  });

  it('of maps, drawn as they are asked for', () => {
    expect(parseMapPath('/photos/ab12/maps/0/3.png')).toEqual({ photoId: 'ab12', caption: 0, word: 3 });
    expect(parseMapPath('/photos/ab12/maps/12/sheet.png')).toEqual({ photoId: 'ab12', caption: 12, word: null });
    for (const end of ['0/3', '0/-1.png', '0/1000.png', '100/1.png', 'a/1.png', '0/sheet', '0/1.png/x', '1.png']) {
      expect(parseMapPath(`/photos/ab12/maps/${end}`)).toBeUndefined();
    }
    expect(parseMapPath('/photos/AB/maps/0/3.png')).toBeUndefined();
  });

  it('of downloads', () => {
    expect(parseDownloadPath('/downloads/ab12')).toBe('ab12');
    for (const other of [
      '/downloads/',
      '/downloads/a/b',
      '/downloads/A',
      '/x/downloads/a',
      `/downloads/${'a'.repeat(65)}`,
    ]) {
      expect(parseDownloadPath(other)).toBeUndefined();
    }
  });
});
