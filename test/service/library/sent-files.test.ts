import { copyFile, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Damage } from '../../../src/contract/data/app.ts';
import { describeDamage } from '../../../src/service/describe-damage.ts';
import { addUpload } from '../../../src/service/library/add-photos.ts';
import type { Entry } from '../../../src/service/library/entry.ts';
import type { Library } from '../../../src/service/library/library.ts';
import { useLibraryHome } from '../../support/library-home.ts';
import { writeTinyPhoto } from '../../support/tiny-captioner.ts';

const place = useLibraryHome();
const bytes = new Map<string, Buffer>();
let sent: Entry[];
let told: Damage[];
let library: Library;

async function open(): Promise<void> {
  told = [];
  library = await place.open(place.home, undefined, (damage) => told.push(damage));
}

beforeEach(async () => {
  await open();
  sent = [];
  for (const [i, name] of ['one.png', 'two.png', 'three.png'].entries()) {
    const photo = join(place.folder, name);
    await writeTinyPhoto(photo, i);
    bytes.set(name, await readFile(photo));
    sent.push(await addUpload(library, name, bytes.get(name)!));
  }
});

const file = (i: number): string => library.uploadFile(sent[i]!.upload!);
/** Who does this does it while no Attend runs. */
const whileClosed = async (harm: () => Promise<unknown>): Promise<void> => {
  await library.close();
  await harm();
  await open();
};
const swap = async (): Promise<void> => {
  const aside = join(place.folder, 'aside');
  await rename(file(0), aside);
  await rename(file(1), file(0));
  await rename(aside, file(1));
};
const content = (): Promise<Buffer[]> => Promise.all(sent.map((_, i) => readFile(file(i))));

describe('what was sent', () => {
  it('is in its own place again where two files were swapped, before it is used, and somebody is told once', async () => {
    await whileClosed(swap);
    expect(await library.hasSent(sent[2]!.id)).toBe(true);
    expect(told).toEqual([]);
    expect(await library.hasSent(sent[1]!.id)).toBe(true);
    expect(await content()).toEqual([...bytes.values()]);
    expect(told).toEqual([{ kind: 'sent', how: 'moved', photos: ['one.png', 'two.png'], more: 0 }]);
    expect(describeDamage(told[0]!)).toBe(
      'Files of the library lay in the places of others: one.png, two.png. Each is in its own place again.',
    );
    expect(await library.hasSent(sent[0]!.id)).toBe(true);
    expect(told).toHaveLength(1);
  });

  it('is found by what it holds, whatever it is called, as after a crash in the middle of this', async () => {
    await whileClosed(() => rename(file(0), `${file(0)}.moving`));
    expect(await library.hasSent(sent[0]!.id)).toBe(true);
    expect(await content()).toEqual([...bytes.values()]);
  });

  it('is told of where it was changed, kept as it is, and mended by sending it again', async () => {
    await whileClosed(() => copyFile(file(1), file(0)));
    expect(await library.hasSent(sent[0]!.id)).toBe(false);
    expect(told).toEqual([{ kind: 'sent', how: 'changed', photos: ['one.png'], more: 0 }]);
    expect(describeDamage(told[0]!)).toMatch(/^Not what was sent any more.*: one\.png\. .* send it again/);
    expect(await library.hasSent(sent[0]!.id)).toBe(false);
    expect(told).toHaveLength(1);
    expect(await content()).toEqual([bytes.get('two.png'), bytes.get('two.png'), bytes.get('three.png')]);
    const { changed } = library.get(sent[0]!.id);
    const again = await addUpload(library, 'one.png', bytes.get('one.png')!);
    // Pictures of what lay there do not count.
    expect(again.changed).toBeGreaterThan(changed);
    expect([again.id, await library.hasSent(again.id)]).toEqual([sent[0]!.id, true]);
    expect(await content()).toEqual([...bytes.values()]);
    expect(library.size).toBe(3);
  });

  it('keeps aside what is in the way', async () => {
    await whileClosed(async () => {
      await rename(file(0), file(1).replace('.png', '.jpg'));
      await writeFile(file(0), 'Something else.');
    });
    expect(await library.hasSent(sent[0]!.id)).toBe(true);
    expect(await content()).toEqual([...bytes.values()]);
    const names = await readdir(join(place.home, 'uploads'));
    const aside = names.filter((name) => name.includes('.damaged-'));
    expect(await readFile(join(place.home, 'uploads', aside[0]!), 'utf8')).toBe('Something else.');
  });

  it('is told of where it is gone', async () => {
    await whileClosed(() => rm(file(2)));
    expect(await library.hasSent(sent[2]!.id)).toBe(false);
    expect(told).toMatchObject([{ how: 'changed', photos: ['three.png'] }]);
  });
});
