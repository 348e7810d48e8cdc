// Writes THIRD-PARTY-NOTICES.txt: what is installed with Attend or is in its bundles, each with its licence and the words of
// that (`npm run notices`; `-- --check` says whether the file is as it would be written now). The packages are those of
// package-lock.json, the bundles' those that Vite finds for the page and esbuild for the preload script; words come from the packages
// themselves, where they have none from SPDX's list. What packages have inside that npm does not know is named below.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { productionPackages } from './production-packages.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = join(root, 'THIRD-PARTY-NOTICES.txt');
const spdx = createRequire(import.meta.url)('spdx-license-list/full.js');

/** Inside packages, or beside them: not packages of their own. Versions are those of the package. */
const INSIDE = [
  {
    name: 'libvips and the libraries that it is built with',
    package: '@img/sharp-libvips-linux-x64',
    licences: ['LGPL-3.0-or-later'],
    says: `In the packages @img/sharp-* and @img/sharp-libvips-*, as libraries of their own that can be replaced by others of the same
interface: libvips, aom, cairo, cgif, expat, fontconfig, freetype, fribidi, glib, harfbuzz, highway, lcms, libarchive, libexif,
libffi, libheif, libimagequant, libnsgif, libpng, librsvg, libtiff, libultrahdr, libvips, libwebp, libxml2, mozjpeg, pango,
pixman, proxy-libintl, zlib-ng. Under the GNU Lesser General Public License 3 are fribidi, glib, libexif, libheif, librsvg,
libvips, pango and proxy-libintl; the README.md of the package has the licences of the others. Sources, and how they are
built: https://github.com/lovell/sharp-libvips and https://github.com/libvips/libvips`,
  },
  {
    name: 'ExifTool',
    package: 'exiftool-vendored.pl',
    licences: ['Artistic-1.0-Perl', 'GPL-1.0-or-later'],
    says: `In the packages exiftool-vendored.pl and exiftool-vendored.exe (which brings Strawberry Perl, under the same terms and those
of its modules). Copyright 2003-2026, Phil Harvey. "This is free software; you can redistribute it and/or modify it under the
same terms as Perl itself (either the Perl Artistic License or GPL)." https://exiftool.org`,
  },
  {
    name: 'ONNX Runtime',
    package: 'onnxruntime-node',
    licences: ['MIT'],
    says: `The libraries in the package onnxruntime-node. Copyright (c) Microsoft Corporation. What they are built with:
https://github.com/microsoft/onnxruntime/blob/main/ThirdPartyNotices.txt`,
  },
  {
    name: 'TensorFlow',
    package: '@tensorflow/tfjs-node',
    licences: ['Apache-2.0'],
    says: `The library that @tensorflow/tfjs-node runs, where "npm run setup:native" has fetched it. Copyright The TensorFlow Authors.
What it is built with: the LICENSE beside its headers. https://github.com/tensorflow/tensorflow`,
  },
  {
    name: 'XNNPACK',
    package: '@tensorflow/tfjs-backend-wasm',
    licences: ['BSD-3-Clause'],
    says: `In the WebAssembly of @tensorflow/tfjs-backend-wasm. Copyright (c) Facebook, Inc. and its affiliates, Copyright 2019 Google LLC.
https://github.com/google/XNNPACK`,
  },
];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = await thirdPartyNotices();
  const isCheck = process.argv.includes('--check');
  const isSame = existsSync(file) && readFileSync(file, 'utf8') === text;
  if (!isCheck) writeFileSync(file, text);
  if (isCheck && !isSame) {
    console.error('THIRD-PARTY-NOTICES.txt is not as the packages are. Run "npm run notices".');
    process.exitCode = 1;
  }
}

/** @returns {Promise<string>} */
export async function thirdPartyNotices() {
  const bundled = await bundledPackages();
  const installed = productionPackages();
  const known = new Set(installed.map(({ path }) => path));
  const inBundles = bundled
    .filter((path) => !known.has(path))
    .map((path) => {
      const { license: licence, name, version } = packageJson(path);
      return { path, name, version, licence, isForSome: false, isHere: true };
    });
  const all = [...installed, ...inBundles].sort((one, other) => (titleOf(one) < titleOf(other) ? -1 : 1));
  const missing = all.filter(({ isForSome, isHere }) => !isHere && !isForSome);
  if (missing.length > 0) throw new Error(`not installed: ${missing.map(({ name }) => name).join(', ')}`);

  /** Packages by the words of their licences. */
  const groups = new Map();
  for (const one of all) {
    const words = wordsOf(one);
    const title = `${titleOf(one)} (${one.licence})${bundled.includes(one.path) ? ', in the bundles' : ''}`;
    groups.set(words, [...new Set([...(groups.get(words) ?? []), title])]);
  }
  const inside = INSIDE.map(({ licences, name, package: of, says }) => {
    const { version } = installed.find(({ name: one }) => one === of) ?? {};
    if (version === undefined) throw new Error(`${of} is no longer installed: ${name} must be looked for anew`);
    return section(`${name}, of ${of} ${version} (${licences.join(' OR ')})`, `${says}\n\n${standing(licences)}`);
  });
  const parts = [...inside, ...[...groups].map(([words, titles]) => section(titles.join('\n'), words))];
  const standard = [
    ...new Set(parts.flatMap((part) => /^The words of (.*) stand at the end\.$/m.exec(part)?.[1].split(', ') ?? [])),
  ];
  return [
    'Third-party notices of Attend',
    '',
    'Attend itself is under the Apache License 2.0 (LICENSE). What follows is installed with it or is part of its bundles, under',
    'terms of its own. The app in its own window also has Electron and Chromium, whose terms lie beside the program',
    '(LICENSE.electron.txt, LICENSES.chromium.html). What the models learned from is named in their cards.',
    '',
    'Written by scripts/third-party-notices.mjs.',
    '',
    ...parts,
    ...standard.sort().map((id) => section(`${id}: the words of the licence`, spdxText(id))),
  ].join('\n');
}

/**
 * The packages of which something is in the page, or in the preload script.
 * @returns {Promise<string[]>} their folders, from the package's own
 */
export async function bundledPackages() {
  const [{ build }, { svelte }, esbuild] = await Promise.all([
    import('vite'),
    import('@sveltejs/vite-plugin-svelte'),
    import('esbuild'),
  ]);
  /** @type {string[]} */
  const modules = [];
  // As it is published: other builds have parts that only developers need.
  const { NODE_ENV: before } = process.env;
  process.env.NODE_ENV = 'production';
  await build({
    configFile: false,
    root: join(root, 'src/renderer'),
    logLevel: 'error',
    plugins: [
      svelte({ configFile: false }),
      {
        name: 'modules-that-stay',
        generateBundle(_, bundle) {
          for (const part of Object.values(bundle)) {
            if (part.type === 'chunk') {
              for (const [id, { renderedLength }] of Object.entries(part.modules)) {
                if (renderedLength > 0) modules.push(id);
              }
            } else modules.push(...(part.originalFileNames ?? []).map((name) => join(root, 'src/renderer', name)));
          }
        },
      },
    ],
    build: { write: false, rollupOptions: { input: join(root, 'src/renderer/index.html') } },
  }).finally(() => {
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  });
  const { metafile } = await esbuild.build({
    absWorkingDir: root,
    entryPoints: ['src/preload/index.ts'],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    external: ['electron'],
    logLevel: 'error',
  });
  modules.push(...Object.values(metafile.outputs).flatMap(({ inputs }) => Object.keys(inputs)));
  const packages = modules.flatMap((id) => {
    const [, path] = /(?:^|\/)(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(id) ?? [];
    // Vite's own help for loading modules.
    return path ?? (/^\0vite\//.test(id) ? 'node_modules/vite' : []);
  });
  return [...new Set(packages)].sort();
}

/** The words under which a package is used: its own where it has some. */
function wordsOf({ isForSome, isHere, licence, path }) {
  if (isForSome || !isHere) return standardText(licence, undefined);
  const folder = join(root, path);
  const files = readdirSync(folder)
    .filter((name) => /^(licen[cs]e|copying|notice|ofl)/i.test(name))
    .sort();
  // Vite's goes on with what it is made of, which is not in the bundles.
  const own = files.map((name) => tidy(readFileSync(join(folder, name), 'utf8').split(/^# Licenses of bundled/m)[0]));
  if (own.length > 0) return own.join('\n\n');
  const readme = readdirSync(folder).find((name) => /^readme/i.test(name));
  const said = readme && licenceIn(readFileSync(join(folder, readme), 'utf8'));
  return said ?? standardText(licence, packageJson(path).author);
}

/** The licence that stands in a README, where it is more than a name. */
function licenceIn(readme) {
  const after = /^(?:#+ *)?licen[cs]e\b.*\n(?:[-=]+\n)?/im.exec(readme);
  if (!after) return undefined;
  const rest = readme.slice(after.index + after[0].length);
  const end = /^(?:#+ |.+\n[-=]{4,}$)/m.exec(rest)?.index ?? rest.length;
  const text = tidy(rest.slice(0, end));
  return /permission is hereby granted|redistribution and use/i.test(text) ? text : undefined;
}

/** The words of an SPDX expression, with whose they are where that is known. */
function standardText(expression, author) {
  const ids = expression.match(/[\w.+-]+/g).filter((word) => word !== 'AND' && word !== 'OR');
  const who = typeof author === 'string' ? author : author?.name;
  const whose = who === undefined ? '' : `Copyright (c) ${who.replace(/ *[<(].*$/, '')}\n\n`;
  return whose + standing(ids);
}

function standing(ids) {
  return `The words of ${ids.join(', ')} stand at the end.`;
}

function spdxText(id) {
  const licence = spdx[id];
  if (!licence) throw new Error(`SPDX's list has no ${id}`);
  // Whose it is stands above, or with the package.
  const text = licence.licenseText.replace(/^.*<(?:copyright holders?|owner|year)>.*\n+/gim, '');
  return `${licence.name}\n\n${tidy(text)}`;
}

function titleOf({ name, version }) {
  return `${name} ${version}`;
}

function section(title, text) {
  return `${'='.repeat(100)}\n${title}\n${'-'.repeat(100)}\n\n${text}\n`;
}

function tidy(text) {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

function packageJson(path) {
  return JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'));
}
