// The built command line in a process that stays: what is sent is run as if it had been typed, and what it printed and
// answered is sent back. Loading all of it takes longer than most commands. `kept-cli.mjs WHOLE`: the built cli/whole.cjs.
import { createRequire } from 'node:module';
import { Readable, Writable } from 'node:stream';

const { main } = await createRequire(import.meta.url)(process.argv[2]).loadMain();

process.on('message', async ({ args, cwd, stdin }) => {
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr']) {
    const stream = new Writable({
      decodeStrings: false,
      write(text, _, done) {
        printed[name] += text;
        done();
      },
    });
    Object.defineProperty(process, name, { value: stream, configurable: true });
  }
  Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(stdin)]), configurable: true });
  process.chdir(cwd);
  process.exitCode = undefined;
  const code = await main([process.execPath, 'attend', ...args]);
  process.exitCode = undefined;
  for (const event of ['uncaughtException', 'unhandledRejection']) process.removeAllListeners(event);
  process.send({ code, ...printed });
});
process.on('disconnect', () => process.exit());
process.send('ready');
