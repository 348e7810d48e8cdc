import { fork } from 'node:child_process';
import type { FromDecoder, ToDecoder } from './protocol.ts';

/** A process that decodes photos, as who started it sees it. */
export interface DecoderProcess {
  send(message: ToDecoder): void;
  onMessage(listener: (message: FromDecoder) => void): void;
  /** Called once, when the process has ended or could not even start. */
  onExit(listener: () => void): void;
  /** Whether this process may end while that one runs. */
  keepAlive(isNeeded: boolean): void;
  /** Ends it at once, whatever it does. */
  kill(): void;
}

/** Starts a script as a process of its own. */
export type StartDecoder = (script: string) => DecoderProcess;

/** Starts a decoder with Node, which ends when the pipe between the two closes. */
export const startWithNode: StartDecoder = (script) => {
  // Node reads these certificates before anything else, two hundred of them, and photos come from the disk.
  const { NODE_EXTRA_CA_CERTS: _, ...withoutCertificates } = process.env;
  // Pixels and whole files go to and fro: as bytes, not as JSON. What a debugger was started with is not for this one.
  const child = fork(script, [], {
    serialization: 'advanced',
    execArgv: [],
    env: withoutCertificates,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  return {
    send: (message) => child.send(message, () => undefined),
    onMessage: (listener) => child.on('message', (message) => listener(message as FromDecoder)),
    onExit(listener) {
      let hasEnded = false;
      const end = (): void => {
        if (!hasEnded) listener();
        hasEnded = true;
      };
      child.once('exit', end);
      child.once('error', end);
    },
    keepAlive(isNeeded) {
      if (isNeeded) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
    },
    kill: () => child.kill('SIGKILL'),
  };
};
