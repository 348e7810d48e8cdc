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
