import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startServer } from '../../server/attend-server.ts';
import { findCaptioner } from '../../captioning/find-captioner.ts';
import { findTranslator } from '../../translation/find-translator.ts';
import { packageRoot } from '../../files/package-root.ts';
import type { Damage } from '../../contract/data/app.ts';
import { describeDamage } from '../../service/describe-damage.ts';
import { DataInUseError } from '../../service/library/held-data.ts';
import { startService } from '../../service/start-service.ts';
import type { ServeOptions } from '../options/serve-options.ts';
import { EXIT } from '../exit.ts';
import { standardOutput } from '../results/sink.ts';
import { forcedBackend, refuseWrongDevice } from './open-backend.ts';

/** `attend serve`. */
export async function serve(options: ServeOptions): Promise<void> {
  const backend = forcedBackend();
  const uploadLimit = options.uploadLimit * 1_000_000;
  refuseWrongDevice();
  const { device, model: captioner, translator } = options;
  // A wrong name is said at once and not when somebody first captions or translates.
  if (captioner !== undefined) findCaptioner(captioner);
  if (translator !== undefined) await findTranslator({ model: translator });
  const service = await startService({
    door: 'browser',
    uploadLimit,
    models: { captioner, translator, backend, device },
  }).catch((error: unknown) => showRunning(error, options.open ?? false));
  if (!service) return;
  const warn = (damage: Damage): boolean => process.stderr.write(`${describeDamage(damage)}\n`);
  service.damages.forEach(warn);
  service.events.subscribe('damage', warn);
  try {
    const pages = join(packageRoot(), 'out', 'renderer');
    const server = await startServer({ service, port: options.port, pages, uploadLimit, token: await service.token() });
    await service.announce(server.address);
    const stopped = stopSignal();
    await standardOutput.write(`${server.address}\n`);
    process.stderr.write('Attend runs at this address, for this computer only. Ctrl-C ends it.\n');
    const end = service.events.subscribe('model', ({ error }) => {
      if (error) process.stderr.write(`${error.message}\n`);
    });
    if (options.open) openInBrowser(server.addressToHandOver());
    await stopped;
    // A model that does not get to be loaded is nobody's trouble any more.
    end();
    await server.close();
  } finally {
    await service.close();
  }
  process.exitCode = EXIT.done;
}

/** Where a server has the same photos open, there is its address, and no second library. */
async function showRunning(error: unknown, open: boolean): Promise<undefined> {
  const address = error instanceof DataInUseError ? error.holder?.address : undefined;
  if (!address) throw error;
  await standardOutput.write(`${address}\n`);
  process.stderr.write('Attend runs already with these photos and captions: this is its address.\n');
  if (open) openInBrowser(address);
  process.exitCode = EXIT.done;
}

/**
 * Kept at Ctrl-C or SIGTERM. A second one is left to the system, which ends everything at once: an exit of our own would
 * break off what the threads compute (see `serveTasks`).
 */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const stop = (): void => {
      for (const signal of signals) process.off(signal, stop);
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
  });
}

/** Opens an address with the system's own command. Where there is none, the printed address is enough. */
function openInBrowser(address: string): void {
  const [command, args] = (
    {
      darwin: ['open', [address]],
      win32: ['explorer.exe', [address]],
    } as Partial<Record<NodeJS.Platform, [string, string[]]>>
  )[process.platform] ?? ['xdg-open', [address]];
  spawn(command, args, { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref();
}
