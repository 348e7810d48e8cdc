import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';
import { buildPage, launch } from './browser.ts';

/** A browser, and the built page on a server with a captioner of random weights: everything but Electron. */
export interface BrowserDoor {
  readonly browser: Browser;
  readonly place: TinyPlace;
  /** Those that run now. */
  readonly service: AttendService;
  readonly server: AttendServer;
  /** Another service and server over what the last ones have kept, at the same port. @param token default: a new one */
  start(token?: string): Promise<void>;
  stop(): Promise<void>;
}

/** Opens the door before the tests of the block, and closes it after them. @param token of the first server */
export function useBrowserDoor(token?: string): BrowserDoor {
  let port = 0;
  let end: (() => Promise<void>) | undefined;
  const door = {
    async start(own?: string) {
      const service = await door.place.open();
      const server = await startServer({
        service,
        port,
        pages: door.pages,
        uploadLimit: 1_000_000,
        ...(own === undefined ? {} : { token: own }),
      });
      ({ port } = server);
      Object.assign(door, { service, server });
    },
    async stop() {
      await door.server.close();
      await door.service.close();
    },
  } as BrowserDoor & { readonly pages: string };

  beforeAll(async () => {
    const [browser, pages, place] = await Promise.all([launch(), buildPage(), tinyPlace()]);
    Object.assign(door, { browser, place, pages });
    end = async () => {
      await browser.close();
      await door.stop();
      await place.remove();
    };
    await door.start(token);
  });
  afterAll(() => end?.());
  return door;
}
