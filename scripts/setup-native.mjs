#!/usr/bin/env node
// Installs TensorFlow for Node (@tensorflow/tfjs-node), so that it works: `npm run setup:native [-- --from-wheel]`.
//
// `npm ci` tries the same and goes on without it where that fails, and then npm removes the package. So here:
//   1. fetch the package again, without its install script
//   2. run that script: it downloads the TensorFlow library and a ready-made binding
//   3. where it fails (no way to that storage, no binding for this machine): take the library and its headers out of
//      the Python package `tensorflow-cpu`, and compile the binding (two C++ files) against them
//   4. multiply two matrices in a new process
// What is left of each step serves the next run: nothing is downloaded twice. npm, pip and the compiler are used as
// this machine has them set up.
import { spawn, spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, dirname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The wheel that step 3 takes apart (there is none but for x64), and a Python that it exists for; this machine's own
 * Python may be any 3.x. pip takes no other file than the one with this SHA-256.
 */
const WHEEL = {
  name: 'tensorflow-cpu',
  version: '2.21.0',
  python: '3.12',
  abi: 'cp312',
  sha256: 'dcc8afd32930e42d5296b6ee19078b773706830af4ea97fbe503b9f5e0f820cb',
};
const MINUTE = 60_000;

/** Unpacks, with the zip reader of Python's standard library, only what the binding needs. */
const UNPACK = `
import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in wheel.namelist():
        if name.startswith(('tensorflow/include/', 'tensorflow/libtensorflow_cc.so', 'tensorflow/libtensorflow_framework.so')):
            wheel.extract(name, sys.argv[2])
`;

/**
 * The wheel's library writes that oneDNN is on while it is being loaded, before it has looked at TF_CPP_MIN_LOG_LEVEL:
 * two lines at each start that no variable turns off. This little library looks at the variable before that (`initfirst`
 * below: its constructor runs before all others). What the variable lets through is still written.
 */
const LOG_LEVEL = {
  name: 'attend_log_level',
  source: `
#include <cstdlib>
#include "absl/base/log_severity.h"
#include "absl/log/globals.h"

__attribute__((constructor)) static void SetLogLevel() {
  const char* level = std::getenv("TF_CPP_MIN_LOG_LEVEL");
  if (level != nullptr) absl::SetMinLogLevel(static_cast<absl::LogSeverityAtLeast>(std::atoi(level)));
}
`,
};

const packageRoot = fileURLToPath(new URL('..', import.meta.url));
const { optionalDependencies } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8'));
const wanted = `@tensorflow/tfjs-node@${optionalDependencies['@tensorflow/tfjs-node']}`;
const fromWheel = process.argv.includes('--from-wheel');

class SetupError extends Error {}

try {
  await setUp();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  console.error(`\nThe native backend could not be set up.\n${error.message}`);
  console.error('Captioning works without it, on the WebAssembly backend; training needs the native one.');
  process.exitCode = 1;
}

async function setUp() {
  const before = probe();
  if (before.works && !fromWheel && !isTalkative()) {
    console.log(`Nothing to do: the native backend works (${before.says}).`);
    return;
  }
  refuseHopelessMachine();

  await fetchPackage();
  const ready = (!fromWheel && !before.works && (await runInstallScript())) || (await buildAgainstWheel());
  console.log(`\nThe native backend works (${ready}).`);
}

/** Loads tfjs-node in a new process and multiplies two matrices. @returns whether it works, and what it said */
function probe() {
  const program = `
    const util = require('node:util'); // two helpers that tfjs-node 4.22 needs and that Node 23 dropped
    util.isNullOrUndefined ??= (value) => value === null || value === undefined;
    util.isArray ??= Array.isArray;
    const tf = require('@tensorflow/tfjs-node');
    const product = tf.matMul(tf.tensor2d([[1, 2], [3, 4]]), tf.tensor2d([[5, 6], [7, 8]])).dataSync();
    if (String(product) !== '19,22,43,50') throw new Error('a wrong matrix product: ' + product);
    const library = tf.backend().binding?.TF_Version;
    console.log('@tensorflow/tfjs-node ' + tf.version['tfjs-node'] + ', TensorFlow ' + library);`;
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', program], {
    cwd: packageRoot,
    encoding: 'utf8',
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' },
    timeout: 5 * MINUTE,
  });
  if (status === 0) return { works: true, says: stdout.trim().split('\n').at(-1) };
  if (signal) return { works: false, says: `the process was stopped by ${signal}` };
  const line = stderr.split('\n').find((text) => /Error:/.test(text)) ?? stderr.trim().split('\n').at(-1);
  return { works: false, says: line };
}

/** Stops early on a machine that no step can help. */
function refuseHopelessMachine() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return;
  const flags = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1];
  if (flags && !/\bavx\b/.test(flags)) {
    throw new SetupError('This processor has no AVX instructions, which every build of TensorFlow needs.');
  }
}

/** Whether the binding was built against the wheel by an earlier version of this script: see `LOG_LEVEL`. */
function isTalkative() {
  const libraries = join(packageFolder() ?? '', 'deps/lib');
  return (
    existsSync(join(libraries, 'libtensorflow_cc.so.2')) && !existsSync(join(libraries, `lib${LOG_LEVEL.name}.so`))
  );
}

async function fetchPackage() {
  const installed = packageFolder();
  if (installed) {
    step(1, `${wanted} is there: ${installed}`);
    return;
  }
  step(1, `Fetching ${wanted} (npm leaves it out where its download failed)`);
  const root = projectRoot();
  const options = ['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund'];
  if (root === undefined) options.push('--global');
  // An install without development dependencies stays one.
  else if (root === packageRoot && !existsSync(join(root, 'node_modules/esbuild'))) options.push('--omit=dev');
  await npm([...options, wanted], { cwd: root ?? packageRoot });
  if (!packageFolder()) throw new SetupError('npm did not report an error, but the package is not there.');
}

/** @returns what the probe said, or undefined where the script did not lead to a working binding */
async function runInstallScript() {
  step(2, 'Running its install script: it downloads the TensorFlow library and a ready-made binding');
  const folder = packageFolder();
  try {
    await run(process.execPath, ['scripts/install.js'], {
      cwd: folder,
      env: withTools(folder),
      minutes: 20,
      output: 'cause',
    });
    stageWindowsLibrary(folder);
  } catch (error) {
    console.log(`   It failed: ${error.message}`);
    return undefined;
  }
  const { works, says } = probe();
  if (works) return says;
  console.log(`   It ended without an error, but the backend does not load: ${says}`);
  return undefined;
}

/** Windows looks for a library beside the binding that needs it (tfjs issues 4360 and 8545). */
function stageWindowsLibrary(folder) {
  const library = join(folder, 'deps/lib/tensorflow.dll');
  if (process.platform !== 'win32' || !existsSync(library)) return;
  for (const version of readdirSync(join(folder, 'lib'))) {
    const beside = join(folder, 'lib', version, 'tensorflow.dll');
    if (!existsSync(beside)) copyFileSync(library, beside);
  }
}

/** @returns what the probe said. @throws SetupError with what to do */
async function buildAgainstWheel() {
  step(3, `Building the binding against the library in the Python package ${WHEEL.name} ${WHEEL.version}`);
  if (process.platform !== 'linux') {
    throw new SetupError(
      'Building against the Python package is only known to work on Linux. On macOS and Windows the install script\n' +
        'above is the way: it needs a connection to the storage it names, and, where no ready-made binding exists for\n' +
        'this machine, a C++ compiler (macOS: xcode-select --install; Windows: the C++ build tools of Visual Studio).',
    );
  }
  const python = findPython();
  for (const tool of ['make', process.env.CXX ?? 'c++']) {
    if (!answers(tool, ['--version'])) {
      throw new SetupError(
        `"${tool}" was not found. Install a C++ compiler and make (Debian, Ubuntu: apt-get install g++ make;\n` +
          'Fedora: dnf install gcc-c++ make), then run this again.',
      );
    }
  }

  const library = await unpackedWheel(python);
  const folder = packageFolder();
  linkLibrary(library, folder);
  console.log('   Compiling the binding');
  await compileLogLevel(folder);
  const env = withTools(folder);
  // Nothing in the binding asks for the little library, so the linker is told to keep it.
  env.LDFLAGS = `${env.LDFLAGS ?? ''} -Wl,--no-as-needed -L${join(folder, 'deps/lib')} -l${LOG_LEVEL.name}`.trim();
  await run(process.execPath, [nodePreGyp(folder), 'install', '--build-from-source'], {
    cwd: folder,
    env,
    minutes: 20,
    output: 'on failure',
  });

  step(4, 'Multiplying two matrices');
  const { works, says } = probe();
  if (!works) throw new SetupError(`The binding was built, but does not work: ${says}`);
  return says;
}

/** The program that builds the binding; it comes with tfjs-node. (npx would not do: it trips over an outer npx.) */
function nodePreGyp(folder) {
  return createRequire(join(folder, 'package.json')).resolve('@mapbox/node-pre-gyp/bin/node-pre-gyp');
}

function findPython() {
  const names = ['python3', 'python'];
  const found = names.find((name) => answers(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']));
  if (!found) {
    throw new SetupError('Python 3 was not found (tried python3 and python). Install it, then run this again.');
  }
  if (!answers(found, ['-m', 'pip', '--version'])) {
    throw new SetupError(
      `${found} has no pip. Install it (Debian, Ubuntu: apt-get install python3-pip), or run this inside a virtual\n` +
        'environment that has it, then run this again.',
    );
  }
  return found;
}

/** @returns a folder with the wheel's libtensorflow_cc.so.2, libtensorflow_framework.so.2 and include/ */
async function unpackedWheel(python) {
  // The same place as the command line's own cache (src/files/cache-folder.ts).
  const ours = process.env.ATTEND_CACHE || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'attend');
  const cache = join(ours, 'native');
  const folder = join(cache, `${WHEEL.name}-${WHEEL.version}-${process.platform}-${process.arch}`);
  if (existsSync(folder)) {
    console.log(`   The library is there from an earlier run: ${folder}`);
    return folder;
  }
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'unpacking-'));
  try {
    console.log('   Downloading it with pip (about 260 MB)');
    const target = ['--only-binary=:all:', '--python-version', WHEEL.python, '--implementation', 'cp'];
    const requirements = join(work, 'requirements.txt');
    writeFileSync(requirements, `${WHEEL.name}==${WHEEL.version} --hash=sha256:${WHEEL.sha256}\n`);
    await run(
      python,
      ['-m', 'pip', 'download', '--no-deps', '--require-hashes', ...target, '--abi', WHEEL.abi].concat(
        ['--dest', work],
        ['--requirement', requirements],
      ),
      { minutes: 60 },
    ).catch((error) => {
      throw new SetupError(
        `pip could not download ${WHEEL.name} ${WHEEL.version} for ${process.platform} ${process.arch}: ${error.message}\n` +
          'Its own message stands above. Check the connection and that pip is set up for your package index.',
      );
    });
    console.log('   Unpacking the library and its headers');
    const wheel = readdirSync(work).find((name) => name.endsWith('.whl'));
    await run(python, ['-c', UNPACK, join(work, wheel), work], { minutes: 20 });
    // The folder appears at once and whole, or not at all.
    renameSync(join(work, 'tensorflow'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** Puts library and headers where the binding's build looks for them, under the names that it knows. */
function linkLibrary(library, folder) {
  const deps = join(folder, 'deps');
  rmSync(deps, { recursive: true, force: true });
  mkdirSync(join(deps, 'lib'), { recursive: true });
  for (const [name, alias] of [
    ['libtensorflow_cc.so.2', 'libtensorflow.so'],
    ['libtensorflow_framework.so.2', 'libtensorflow_framework.so'],
  ]) {
    linkOrCopy(join(library, name), join(deps, 'lib', name));
    symlinkSync(name, join(deps, 'lib', alias));
  }
  symlinkSync(join(library, 'include'), join(deps, 'include'));
}

/** @see LOG_LEVEL */
async function compileLogLevel(folder) {
  const work = mkdtempSync(join(tmpdir(), 'attend-log-level-'));
  try {
    const source = join(work, 'log-level.cc');
    writeFileSync(source, LOG_LEVEL.source);
    const options = ['-std=c++17', '-O1', '-shared', '-fPIC', '-Wl,-z,initfirst'];
    const target = join(folder, 'deps/lib', `lib${LOG_LEVEL.name}.so`);
    const include = `-I${join(folder, 'deps/include')}`;
    await run(process.env.CXX ?? 'c++', [...options, include, source, '-o', target], {
      minutes: 5,
      output: 'on failure',
    });
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A hard link costs no space and outlives the cache; across file systems it is a copy. */
function linkOrCopy(from, to) {
  try {
    linkSync(from, to);
  } catch {
    copyFileSync(from, to);
  }
}

/** Where tfjs-node is installed for this package; undefined where it is not. */
function packageFolder() {
  const require = createRequire(join(packageRoot, 'package.json'));
  const place = (require.resolve.paths('@tensorflow/tfjs-node') ?? []).map((path) =>
    join(path, '@tensorflow/tfjs-node'),
  );
  return place.find((path) => existsSync(join(path, 'package.json')));
}

/** The project to install into: this one, or the one that has this one as a dependency; undefined for a global install. */
function projectRoot() {
  const at = packageRoot.lastIndexOf(`${sep}node_modules${sep}`);
  if (at < 0) return packageRoot;
  const above = packageRoot.slice(0, at);
  return existsSync(join(above, 'package.json')) ? above : undefined;
}

/** The environment for the package's own scripts: they call node-pre-gyp by its bare name. */
function withTools(folder) {
  const env = { ...process.env };
  const bins = [];
  for (let at = folder; at !== dirname(at); at = dirname(at)) bins.push(join(at, 'node_modules', '.bin'));
  env.PATH = [...bins, env.PATH ?? ''].join(delimiter);
  // node-gyp comes with npm.
  const gyp =
    process.env.npm_execpath && join(dirname(process.env.npm_execpath), '../node_modules/node-gyp/bin/node-gyp.js');
  if (!env.npm_config_node_gyp && gyp && existsSync(gyp)) env.npm_config_node_gyp = gyp;
  // Headers that came with this Node save node-gyp a download.
  const installation = dirname(dirname(process.execPath));
  if (!env.npm_config_nodedir && existsSync(join(installation, 'include/node/node_api.h'))) {
    env.npm_config_nodedir = installation;
  }
  return env;
}

async function npm(args, options) {
  const limits = { minutes: 20, output: 'on failure' };
  const script = process.env.npm_execpath;
  const running = script?.endsWith('.js')
    ? run(process.execPath, [script, ...args], { ...options, ...limits })
    : run('npm', args, { ...options, ...limits, shell: process.platform === 'win32' });
  await running.catch((error) => {
    throw new SetupError(`npm could not fetch ${wanted}: ${error.message}`);
  });
}

/** Whether a program is there and ends well. */
function answers(program, args) {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0;
}

/**
 * Runs a program. What it prints is shown, indented: `always` as it comes, `on failure` all of it afterwards, or then
 * only the line that names the `cause`.
 *
 * @throws SetupError where it is not there, fails, or takes longer than `minutes`
 */
function run(program, args, { minutes, output = 'always', ...options }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let kept = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill();
    }, minutes * MINUTE);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        if (output === 'always') show(text);
        else kept += text;
      });
    }
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new SetupError(`"${program}" could not be started: ${error.message}`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve();
      show(output === 'cause' ? (/^.*Error:.*$/m.exec(kept)?.[0] ?? kept) : kept);
      const how = late ? `took longer than ${minutes} minutes` : `ended with ${signal ?? `exit code ${code}`}`;
      reject(new SetupError(`"${[basename(program), ...args.slice(0, 2)].join(' ')}" ${how}.`));
    });
  });
}

function show(text) {
  // Progress bars redraw a line with carriage returns: only the last state is worth a line here.
  const lines = text.split('\n').map((line) => line.split('\r').findLast((part) => part !== '') ?? '');
  for (const line of lines) if (line.trim()) console.log(`   | ${line}`);
}

function step(number, text) {
  console.log(`\n${number}. ${text}`);
}
