#!/usr/bin/env node
// `npm run dev:page`: the page with live reload, on any machine with Node and a browser. Vite sends the page as its
// sources are; what the page asks goes to `attend serve`, which is built and started again when its own sources change.
// Options for the server come after two dashes: `npm run dev:page -- --model runs/mine/final`.
//
// The library of this server is its own (.cache/dev), so that nobody's photos are touched. ATTEND_DATA names another.
import { spawn } from 'node:child_process';
import { createServer as createNetServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { context } from 'esbuild';
import { createServer } from 'vite';
import { forNode } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const outdir = '.cache/dev/build';
/** What the server answers and the page does not come from. */
const PATHS = ['/api', '/events', '/photos', '/downloads', '/v1', '/openapi.json'];

/** `attend serve`, started again and again on one port. */
class Server {
  token = '';
  #child;
  #last = Promise.resolve();

  restart() {
    this.#last = this.#last.then(() => this.stop()).then(() => this.#start());
    return this.#last;
  }

  async stop() {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await ended;
  }

  #start() {
    const args = [join(root, outdir, 'cli/attend.js'), 'serve', '--port', String(port), ...process.argv.slice(2)];
    const env = { ATTEND_DATA: join(root, '.cache/dev/data'), ...process.env };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      // The address that it prints carries its token, a new one at each start.
      if (URL.canParse(line)) this.token = new URL(line).searchParams.get('token') ?? '';
    });
    child.once('exit', (code) => {
      if (this.#child === child)
        console.error(`attend serve ended (exit code ${code}); the next change starts it again.`);
    });
  }
}

const port = await freePort();
const server = new Server();

const build = await context({
  ...forNode(
    {
      'cli/attend': 'src/cli/attend.ts',
      'workers/models': 'src/workers/models.ts',
      'workers/pictures': 'src/workers/pictures.ts',
      'workers/adding': 'src/workers/adding.ts',
      'workers/content-words': 'src/workers/content-words.ts',
    },
    outdir,
  ),
  plugins: [
    {
      name: 'restart',
      setup: ({ onEnd }) =>
        onEnd(({ errors }) => {
          // esbuild has said what is wrong; the server that ran goes on.
          if (errors.length === 0) void server.restart();
        }),
    },
  ],
});
await build.watch();

const page = await createServer({
  configFile: false,
  root: join(root, 'src/renderer'),
  cacheDir: join(root, '.cache/dev/vite'),
  plugins: [svelte()],
  clearScreen: false,
  server: {
    host: '127.0.0.1',
    // The page's sources import the contract and the client beside them.
    fs: { allow: [root] },
    proxy: Object.fromEntries(PATHS.map((path) => [path, toServer(path)])),
  },
});
await page.listen();
page.printUrls();

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await Promise.all([page.close(), build.dispose(), server.stop()]);
    process.exit();
  });
}

/** Requests go on with the server's token. Those of other sites' pages keep their Origin, and the server refuses them. */
function toServer(path) {
  return {
    target: `http://127.0.0.1:${port}`,
    changeOrigin: true,
    // "/photos" and "/photos/…", but not "/photos.ts".
    bypass: ({ url }) => (new RegExp(`^${path}(?:[/?]|$)`).test(url) ? undefined : url),
    configure(proxy) {
      proxy.on('proxyReq', (request, { headers }) => {
        request.setHeader('authorization', `Bearer ${server.token}`);
        if (headers.origin === `http://${headers.host}`) request.removeHeader('origin');
      });
    },
  };
}

/** One that nobody listens on now. */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createNetServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
