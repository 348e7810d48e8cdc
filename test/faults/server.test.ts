import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startServer, type AttendServer } from '../../src/server/attend-server.ts';
import type { AttendService } from '../../src/service/attend-service.ts';
import { useTestBackend } from '../support/backend.ts';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';
import { burst } from './burst.ts';
import { probeServer } from './server-probes.ts';
import { soak } from './soak.ts';

useTestBackend();

const LIMIT = 1_000_000;
let place: TinyPlace;
let service: AttendService;
let server: AttendServer;
let photos: Buffer[];
beforeAll(async () => {
  place = await tinyPlace();
  service = await place.open({ uploadLimit: LIMIT });
  server = await startServer({ service, port: 0, pages: place.folder, uploadLimit: LIMIT });
  photos = await Promise.all(place.photos.map((path) => readFile(path)));
});
afterAll(async () => {
  await server.close();
  await service.close();
  await place.remove();
});

// The short version of `npm run faults -- server` and `soak`.
describe('the server', () => {
  it('answers what a stranger, a page of another site or a hostile photo asks with a refusal, and goes on', async () => {
    const { origin, token } = server;
    const probes = await probeServer({ origin, token, uploadLimit: LIMIT });
    expect(probes.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
    expect(probes.length).toBeGreaterThan(40);
  }, 120_000);

  it('gives 200 photos that are asked for at once the captions that each has alone', async () => {
    const bytes = photos.map((photo) => new Uint8Array(photo));
    expect(await burst(server, bytes, 200)).toBe(0);
  }, 120_000);

  it('holds no more tensors and files after a while than at its beginning', async () => {
    const [warm, last] = await soak(server, photos, { seconds: 2, samples: 1 });
    expect(last!.requests).toBeGreaterThan(warm!.requests);
    expect(last!.tensors).toBe(warm!.tensors);
    // Connections that are kept for the next request come and go.
    expect(last!.descriptors).toBeLessThan(warm!.descriptors + 30);
  }, 120_000);
});
