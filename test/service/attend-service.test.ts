import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tinyPlace, type TinyPlace } from '../support/tiny-service.ts';
import { useTestBackend } from '../support/backend.ts';

useTestBackend();

let place: TinyPlace;
beforeEach(async () => {
  place = await tinyPlace();
});
afterEach(() => place.remove());

describe('the service', () => {
  it('removes exported files that a crash has left to be fetched', async () => {
    const session = join(place.folder, 'data', 'session');
    await mkdir(join(session, 'downloads'), { recursive: true });
    await writeFile(join(session, 'downloads', 'left'), 'much');
    const service = await place.open();
    expect(await readdir(session)).not.toContain('downloads');
    await service.close();
  });
});
