import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { APP_PAGE, resolveAppFile } from '../../src/main/app-files.ts';
import { CONTENT_SECURITY_POLICY } from '../../src/server/page-files.ts';

const root = join('/', 'app', 'renderer');

describe('resolveAppFile', () => {
  it.each([
    [APP_PAGE, join(root, 'index.html'), 'text/html; charset=utf-8'],
    ['app://attend/assets/index-1a2b.js', join(root, 'assets', 'index-1a2b.js'), 'text/javascript; charset=utf-8'],
    ['app://attend/assets/style.CSS?v=1#top', join(root, 'assets', 'style.CSS'), 'text/css; charset=utf-8'],
    ['app://attend/a%20b.svg', join(root, 'a b.svg'), 'image/svg+xml'],
    // The address itself is normalised first: this one never leaves the root.
    ['app://attend/../../index.html', join(root, 'index.html'), 'text/html; charset=utf-8'],
  ])('serves %s', (address, path, contentType) => {
    expect(resolveAppFile(root, address)).toEqual({ path, contentType });
  });

  it.each([
    ['a path that leaves the folder', 'app://attend/..%2f..%2fsecret.json'],
    ['a path into a folder whose name begins alike', 'app://attend/..%2frenderer-old/index.html'],
    ['a backslash', 'app://attend/..%5csecret.json'],
    ['a NUL', 'app://attend/index.html%00.png'],
    ['a broken escape', 'app://attend/%E0%A4%A.html'],
    ['another host', 'app://elsewhere/index.html'],
    ['another scheme', 'file:///app/renderer/index.html'],
    ['the folder itself', 'app://attend/'],
    ['a type that pages do not use', 'app://attend/index.html.exe'],
    ['no address at all', 'index.html'],
  ])('refuses %s', (_what, address) => {
    expect(resolveAppFile(root, address)).toBeUndefined();
  });
});

describe('the content security policy', () => {
  it('allows nothing by default, and nothing inline, evaluated or from elsewhere', () => {
    expect(CONTENT_SECURITY_POLICY).toContain("default-src 'none'");
    expect(CONTENT_SECURITY_POLICY).not.toMatch(/unsafe|https?:|\*/);
  });
});
