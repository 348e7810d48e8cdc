import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** For some systems as well, though nothing says so: what builds of sharp for WebAssembly need. */
const FOR_WASM = new Set(['@img/sharp-wasm32', '@emnapi/runtime', 'tslib']);

/**
 * @typedef {object} ProductionPackage
 * @property {string} path its folder, from the package's own, with slashes
 * @property {string} name
 * @property {string} version
 * @property {string} licence as an SPDX expression
 * @property {boolean} isForSome whether only some systems get it
 * @property {boolean} isHere
 */

/**
 * What is installed with Attend, by package-lock.json: everything but what only its development needs.
 * @returns {ProductionPackage[]}
 */
export function productionPackages() {
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));
  return Object.entries(packages).flatMap(([path, { cpu, dev, license, os, version }]) => {
    if (path === '' || dev) return [];
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const isForSome = cpu !== undefined || os !== undefined || FOR_WASM.has(name);
    return [{ path, name, version, licence: license, isForSome, isHere: existsSync(`${root}/${path}/package.json`) }];
  });
}

/**
 * The packages that only one of Attend's optional dependencies brings, itself among them.
 * @param {string} name of the dependency
 * @returns {string[]} their folders, from the package's own, with slashes
 */
export function packagesOnlyOf(name) {
  const { packages } = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));
  const { dependencies, optionalDependencies } = packages[''];
  const all = Object.keys({ ...dependencies, ...optionalDependencies });
  const others = reached(
    packages,
    all.filter((other) => other !== name),
  );
  return [...reached(packages, all)].filter((path) => !others.has(path)).sort();
}

/** The folders of some packages and of all that they depend on, as Node would find them. */
function reached(packages, names) {
  const found = new Set();
  const next = names.map((name) => ['', name]);
  for (const [from, name] of next) {
    const path = folderOf(packages, from, name);
    if (path === undefined || found.has(path)) continue;
    found.add(path);
    const { dependencies, optionalDependencies } = packages[path];
    next.push(...Object.keys({ ...dependencies, ...optionalDependencies }).map((other) => [path, other]));
  }
  return found;
}

/** Where a package's import of another leads; undefined where it is not installed. */
function folderOf(packages, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const path = `${folder}${folder === '' ? '' : '/'}node_modules/${name}`;
    if (packages[path]) return path;
    if (folder === '') return undefined;
  }
}
