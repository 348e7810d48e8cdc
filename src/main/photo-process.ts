import type { UtilityProcess } from 'electron';
import type { DecoderProcess, StartDecoder } from '../photos/decoders/decoder-process.ts';
import type { FromDecoder } from '../photos/decoders/protocol.ts';

/** As much of Electron as starting a process of its own needs. */
export interface Processes {
  fork(script: string, args: string[], options: { stdio: 'ignore'; serviceName: string }): UtilityProcess;
}

/**
 * Starts decoders with Electron: an app whose program cannot be run as Node (a fuse sees to that) has no other
 * processes. Only once the app is ready.
 */
export function startWithElectron(processes: Processes): StartDecoder {
  return (script): DecoderProcess => {
    const child = processes.fork(script, [], { stdio: 'ignore', serviceName: 'Attend photos' });
    return {
      send: (message) => child.postMessage(message),
      onMessage: (listener) => child.on('message', (message) => listener(message as FromDecoder)),
      onExit: (listener) => child.once('exit', listener),
      // The app lives as long as its window, not as its work.
      keepAlive: () => undefined,
      kill() {
        // Its own way to end a process waits for what the process does.
        const end = (): void => {
          if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL');
        };
        if (child.pid === undefined) child.once('spawn', end);
        else end();
      },
    };
  };
}
