import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (name: string): string => readFileSync(`${root}/${name}`, 'utf8');
const builder = read('electron-builder.yml');
/** The lines below a key. */
const below = (key: string): string[] => {
  const block = new RegExp(`^${key}:\\n((?: .*\\n)+)`, 'm').exec(builder)?.[1] ?? '';
  return block.split('\n').flatMap((line) => (/^\s*(#|$)/.test(line) ? [] : [line.trim()]));
};

describe('the package of the app', () => {
  it('runs what its archive holds, checks that against a checksum in the program, and opens no other door', () => {
    expect(builder).toMatch(/^asar: true$/m);
    expect(below('electronFuses').sort()).toEqual([
      'enableCookieEncryption: true',
      'enableEmbeddedAsarIntegrityValidation: true',
      'enableNodeCliInspectArguments: false',
      'enableNodeOptionsEnvironmentVariable: false',
      'grantFileProtocolExtraPrivileges: false',
      'onlyLoadAppFromAsar: true',
      'runAsNode: false',
    ]);
  });

  it('begins where the app is built, and so does the app that is developed', () => {
    expect(below('extraMetadata')).toEqual(['main: out/main/index.js']);
    const development = createRequire(import.meta.url).resolve('../../scripts/electron-app/package.json');
    const { main } = JSON.parse(readFileSync(development, 'utf8')) as { main: string };
    expect(fileURLToPath(new URL(main, `file://${development}`))).toBe(`${root}out/main/index.js`);
    for (const script of ['scripts/start.mjs', 'scripts/dev.mjs'])
      expect(read(script)).toContain('scripts/electron-app');
    expect(existsSync(`${root}src/main/index.ts`)).toBe(true);
  });
});

describe('the package for npm', () => {
  it('has nothing of the app but its pages', () => {
    // npm packs the file of `main` whatever `files` says.
    const { files, main } = JSON.parse(read('package.json')) as { files: string[]; main?: string };
    expect(main).toBeUndefined();
    expect(files.filter((path) => path.startsWith('out'))).toEqual(['out/renderer']);
  });
});
