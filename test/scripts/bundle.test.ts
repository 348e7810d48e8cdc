import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/files/package-root.ts';
// @ts-expect-error A script without types.
import { wholeForNode } from '../../scripts/bundle.mjs';

let text: string;
let required: string[];

beforeAll(async () => {
  const options = (wholeForNode as (outdir: string) => BuildOptions)(join('.cache', 'never-written'));
  const { metafile, outputFiles } = await build({ ...options, metafile: true, write: false });
  text = (outputFiles[0] as { text: string }).text;
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  required = imports.filter(({ external, path }) => external && !path.startsWith('node:')).map(({ path }) => path);
});

test('what the command line requires, every Node can require that Attend runs on', () => {
  expect(required).toContain('sharp');
  const script = `for (const name of ${JSON.stringify([...new Set(required)])}) require(name);`;
  const child = ['--no-experimental-require-module', '-e', script];
  execFileSync(process.execPath, child, { cwd: packageRoot(), stdio: 'pipe' });
});

test('the command line as a whole imports nothing later, so that it can be kept', () => {
  expect(text).not.toMatch(/\bimport\s*\(/);
});
