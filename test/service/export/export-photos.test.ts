import { chmod, copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExportFormat } from '../../../src/contract/constants/export-formats.ts';
import { type CaptionResult, ExportedPhoto } from '../../../src/contract/data/captions.ts';
import type { ExportInput, ExportOutput, ExportProgress } from '../../../src/contract/data/export.ts';
import type { TranslateOutput } from '../../../src/contract/data/translation.ts';
import type { AttendService } from '../../../src/service/attend-service.ts';
import { dispatch } from '../../../src/service/dispatch.ts';
import { readTags, startExifTool } from '../../../src/service/export/exiftool.ts';
import { MetadataWriter } from '../../../src/service/export/metadata-writer.ts';
import { WRITER, writerOf } from '../../../src/service/export/photo-text.ts';
import { isOwnSidecar, ownText, xmpSidecar } from '../../../src/service/export/xmp.ts';
import { ZipWriter } from '../../../src/service/export/zip-writer.ts';
import { readPhotoCaptions } from '../../../src/photos/captions-file.ts';
import { splitPhotos } from '../../../src/training/captioner/split-photos.ts';
import { useTestBackend } from '../../support/backend.ts';
import { tinyPlace, type TinyPlace } from '../../support/tiny-service.ts';
import { temporaryFolder } from '../../support/tiny-captioner.ts';
import { writeTinyTranslator } from '../../support/tiny-translator.ts';

useTestBackend();

const metadata = new MetadataWriter();
const hasExifTool = await metadata.isAvailable();
const CAPTION = 'A dog & a <ball> “in” snow.';
const KEYWORDS = ['dog', 'Bälle & <Netze>'];
const TEXT = { caption: CAPTION, keywords: KEYWORDS };

let place: TinyPlace;
let service: AttendService;
let ids: string[];
let out: string;
let runs = 0;

beforeAll(async () => {
  place = await tinyPlace();
  const translator = await writeTinyTranslator(join(place.folder, 'translator-tiny'));
  service = await place.open({ door: 'electron', translator });
  const { photos } = (await dispatch(service.handlers, 'photos.open', { paths: [...place.photos] })) as {
    photos: { id: string }[];
  };
  ids = photos.map(({ id }) => id);
  for (const photoId of ids) await dispatch(service.handlers, 'caption.run', { photoId, prefix: ['the', 'dog'] });
  await dispatch(service.handlers, 'caption.edit', { photoId: ids[0], caption: CAPTION });
  await dispatch(service.handlers, 'caption.keywords', { photoId: ids[0], keywords: KEYWORDS });
});
afterAll(async () => {
  await metadata.close();
  await service.close();
  await place.remove();
});
beforeEach(async () => {
  out = join(place.folder, `out-${++runs}`);
  await mkdir(out);
  service.chosenFolders.add(out);
});

async function run(formats: ExportFormat[], changes: Partial<ExportInput> = {}): Promise<ExportOutput> {
  const input = { photoIds: ids, formats, target: { kind: 'folder', path: out }, existing: 'skip', ...changes };
  return (await dispatch(service.handlers, 'export.run', input)) as ExportOutput;
}
const text = (name: string): Promise<string> => readFile(join(out, name), 'utf8');

describe('exporting to a folder', () => {
  it('draws what can be drawn', async () => {
    const { failed, written } = await run(['png', 'sheet', 'svg', 'webp', 'gif', 'html'], { photoIds: [ids[1]!] });
    expect(failed).toEqual([]);
    const names = await readdir(out);
    expect(names).toEqual(
      expect.arrayContaining(['photo-1-01-the.png', 'photo-1-sheet.png', 'photo-1.svg', 'photo-1.webp', 'photo-1.gif']),
    );
    // And the list of whose they are.
    expect(names).toContain('attend.jsonl');
    expect(written).toHaveLength(names.length - 1);
    expect((await sharp(join(out, 'photo-1.gif')).metadata()).pages).toBeGreaterThan(1);
  });

  it('tells how far it is, format by format', async () => {
    const told: ExportProgress[] = [];
    const input = { photoIds: ids, formats: ['txt', 'csv'], target: { kind: 'folder', path: out }, existing: 'skip' };
    const report = (progress: unknown): number => told.push(progress as ExportProgress);
    await dispatch(service.handlers, 'export.run', input, { report });
    expect(told.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(told[2]).toEqual({ done: 2, total: 6, file: 'photo-1.png' });
  });

  it('draws a caption that is not kept, as one that was drawn at random', async () => {
    const photoId = ids[1]!;
    const { captions } = (await dispatch(service.handlers, 'caption.run', { photoId, sample: { seed: 3 } })) as {
      captions: [{ words: { word: string }[] }];
    };
    const draw = (input: object): Promise<Uint8Array> => service.draw({ photoId, word: 0, ...input });
    const [kept, drawn] = [await draw({}), await draw({ drawn: captions[0] })];
    expect((await sharp(drawn).metadata()).width).toBe((await sharp(kept).metadata()).width);
    expect(Buffer.from(drawn).equals(Buffer.from(kept))).toBe(false);
    const { name } = (await dispatch(service.handlers, 'export.picture', { photoId, word: 0, drawn: captions[0] })) as {
      name: string;
    };
    expect(name).toBe(`photo-1-01-${captions[0].words[0]?.word}.png`);
  });

  it('writes a page that needs nothing from anywhere', async () => {
    await run(['html'], { photoIds: [ids[0]!] });
    const page = await text('photo-0.html');
    expect(page).toContain('A dog &amp; a &lt;ball&gt;');
    expect(page).not.toMatch(/(src|href)="(?!data:)/);
    expect(page).not.toMatch(/url\(|@import|fetch\(|https?:/);
  });

  it('writes texts, tables and JSON, with what was written by hand', async () => {
    await run(['txt', 'csv', 'jsonl', 'json']);
    expect(await text('photo-0.txt')).toBe(`${CAPTION}\n`);
    const rows = (await text('captions.csv')).split('\n');
    expect(rows[0]).toBe('file,width,height,caption,edited,score,keywords,confidence,not sure,review');
    expect(rows[1]).toContain('A dog & a <ball> “in” snow.');
    expect(rows[1]).toContain(KEYWORDS.join('; '));
    expect(rows).toHaveLength(ids.length + 2);
    const lines = (await text('captions.jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject(TEXT);
    const json = ExportedPhoto.strict().parse(JSON.parse(await text('photo-0.json')));
    expect(json).toMatchObject({ caption: CAPTION, edited: true });
    expect(json.words?.[0]?.word).toBe('the');
  });

  it.each<[ExportInput['existing'], string, number]>([
    ['skip', 'Before.\n', 0],
    ['overwrite', `${CAPTION}\n`, 1],
    ['append', `Before.\n${CAPTION}\n`, 1],
  ])('where a text exists: %s', async (existing, expected, count) => {
    await writeFile(join(out, 'photo-0.txt'), 'Before.\n');
    const { skipped, written } = await run(['txt'], { photoIds: [ids[0]!], existing });
    expect(await text('photo-0.txt')).toBe(expected);
    expect([written.length, skipped.length]).toEqual([count, 1 - count]);
  });

  it('adds nothing twice, and gives pictures a new name', async () => {
    await run(['txt', 'svg', 'csv'], { photoIds: [ids[0]!] });
    await run(['txt', 'svg', 'csv'], { photoIds: [ids[0]!], existing: 'append' });
    expect(await text('photo-0.txt')).toBe(`${CAPTION}\n`);
    expect(await readdir(out)).toContain('photo-0-2.svg');
    expect((await text('captions.csv')).match(/file,width/g)).toHaveLength(1);
  });

  it('never takes the place of a photo', async () => {
    const own = join(place.folder, 'photos');
    service.chosenFolders.add(own);
    await copyFile(place.photos[0]!, join(own, 'photo-0.webp'));
    const before = await readFile(join(own, 'photo-0.webp'));
    const { photos } = (await dispatch(service.handlers, 'photos.open', { paths: [join(own, 'photo-0.webp')] })) as {
      photos: { id: string }[];
    };
    await dispatch(service.handlers, 'caption.run', { photoId: photos[0]!.id, prefix: ['the', 'dog'] });
    await run(['webp'], {
      photoIds: [ids[0]!, photos[0]!.id],
      target: { kind: 'folder', path: own },
      existing: 'overwrite',
    });
    expect(await readFile(join(own, 'photo-0.webp'))).toEqual(before);
    await dispatch(service.handlers, 'photos.remove', { photoIds: [photos[0]!.id] });
  });

  it('says why a folder cannot be written', async () => {
    await writeFile(join(out, 'file'), '');
    const folder = join(out, 'file', 'inside');
    service.chosenFolders.add(folder);
    await expect(run(['txt'], { target: { kind: 'folder', path: folder } })).rejects.toMatchObject({
      code: 'cannot-write',
      message: expect.stringContaining('a part of its path is a file'),
    });
  });

  it.skipIf(process.getuid?.() === 0)('says so where the folder is read-only', async () => {
    await chmod(out, 0o500);
    await expect(run(['txt'])).rejects.toMatchObject({ code: 'cannot-write' });
  });

  it('goes on after a photo that is gone', async () => {
    const gone = join(place.folder, 'photos', 'gone.png');
    await copyFile(place.photos[0]!, gone);
    const { photos } = (await dispatch(service.handlers, 'photos.open', { paths: [gone] })) as {
      photos: { id: string }[];
    };
    await dispatch(service.handlers, 'caption.run', { photoId: photos[0]!.id, prefix: ['the'] });
    await rm(gone);
    const { failed, written } = await run(['svg'], { photoIds: [photos[0]!.id, ids[1]!] });
    expect(failed).toMatchObject([{ name: 'gone.png', error: { code: 'file-gone' } }]);
    expect(written).toHaveLength(1);
  });

  it('has nothing to export without a caption', async () => {
    const { id } = (await dispatch(service.handlers, 'photos.upload', {
      name: 'new.png',
      bytes: await readFile(place.photos[0]!),
    })) as { id: string };
    await expect(run(['txt'], { photoIds: [id] })).rejects.toMatchObject({ code: 'nothing-to-export' });
  });
});

describe('exporting what lies beside others', () => {
  let own: string;
  beforeEach(async () => {
    own = join(out, 'photos');
    await mkdir(own);
  });

  async function open(...names: string[]): Promise<string[]> {
    const opened: string[] = [];
    for (const name of names) {
      const { photos } = (await dispatch(service.handlers, 'photos.open', { paths: [join(own, name)] })) as {
        photos: { id: string }[];
      };
      await dispatch(service.handlers, 'caption.edit', { photoId: photos[0]!.id, caption: `Of ${name}.` });
      opened.push(photos[0]!.id);
    }
    return opened;
  }

  it('gives two photos of one name files of their own, in this export and a later one', async () => {
    await sharp(place.photos[0]).jpeg().toFile(join(own, 'c.jpg'));
    await copyFile(place.photos[1]!, join(own, 'c.png'));
    const photoIds = await open('c.jpg', 'c.png');
    for (const photoId of photoIds) {
      await run(['txt', 'xmp'], { photoIds: [photoId], target: { kind: 'beside' }, existing: 'overwrite' });
    }
    expect((await readdir(own)).sort()).toEqual(
      ['c-jpg.txt', 'c-png.txt', 'c.jpg', 'c.jpg.xmp', 'c.png', 'c.png.xmp'].sort(),
    );
    expect(await readFile(join(own, 'c-jpg.txt'), 'utf8')).toBe('Of c.jpg.\n');
    expect(ownText(await readFile(join(own, 'c.png.xmp'), 'utf8')).caption).toBe('Of c.png.');
    await dispatch(service.handlers, 'photos.remove', { photoIds });
  });

  it('writes nothing beside a photo that was moved since, says which one it is, and writes the others', async () => {
    for (const [i, name] of ['here.png', 'moved.png'].entries()) await copyFile(place.photos[i]!, join(own, name));
    const photoIds = await open('here.png', 'moved.png');
    await rm(join(own, 'moved.png'));
    const { failed } = await run(['txt', 'xmp'], { photoIds, target: { kind: 'beside' }, existing: 'overwrite' });
    expect(failed).toMatchObject([{ name: 'moved.png', error: { code: 'file-gone' } }]);
    expect(failed[0]!.error.message).toBe(`${join(own, 'moved.png')} is no longer there.`);
    expect((await readdir(own)).sort()).toEqual(['here.png', 'here.png.xmp', 'here.txt']);
    await dispatch(service.handlers, 'photos.remove', { photoIds });
  });

  it.each<ExportInput['existing']>(['skip', 'overwrite', 'append'])(
    'gives photos of one name in different folders files of their own in one folder, export after export: %s',
    async (existing) => {
      const names = ['x', 'y', 'z'].map((name) => join(name, 'beach.png'));
      for (const [index, name] of names.entries()) {
        await mkdir(dirname(join(own, name)));
        await copyFile(place.photos[index]!, join(own, name));
      }
      const photoIds = await open(...names);
      const formats: ExportFormat[] = ['txt', 'xmp', 'json', ...(hasExifTool ? (['embed'] as const) : [])];
      for (const photoId of photoIds) await run(formats, { photoIds: [photoId], existing });
      // Again, in another order: each stays with its own.
      for (const photoId of photoIds.toReversed()) await run(formats, { photoIds: [photoId], existing });
      const stems = ['beach', 'beach-png', 'beach-2'];
      const sidecars = ['beach.png.xmp', 'beach-2.png.xmp', 'beach-3.png.xmp'];
      for (const [index, name] of names.entries()) {
        const said = `Of ${name}.`;
        expect(await text(`${stems[index]}.txt`)).toBe(`${said}\n`);
        expect(JSON.parse(await text(`${stems[index]}.json`))).toMatchObject({ file: join(own, name), caption: said });
        expect(ownText(await text(sidecars[index]!)).caption).toBe(said);
        if (hasExifTool)
          expect((await metadata.textIn([join(out, `${stems[index]}-captioned.png`)])).caption).toBe(said);
      }
      await dispatch(service.handlers, 'photos.remove', { photoIds });
    },
  );

  it('gives photos of one name two names when both are exported at once', async () => {
    const names = ['x', 'y'].map((name) => join(name, 'beach.png'));
    for (const [index, name] of names.entries()) {
      await mkdir(dirname(join(own, name)));
      await copyFile(place.photos[index]!, join(own, name));
    }
    const photoIds = await open(...names);
    await Promise.all(photoIds.map((photoId) => run(['txt'], { photoIds: [photoId], existing: 'overwrite' })));
    const texts = await Promise.all(['beach.txt', 'beach-png.txt'].map(text));
    expect(texts.toSorted()).toEqual(names.map((name) => `Of ${name}.\n`));
    await dispatch(service.handlers, 'photos.remove', { photoIds });
  });

  it('names a photo that cannot be written, and writes the others and its other files', async () => {
    await writeFile(
      join(own, 'a.svg'),
      '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
    );
    await copyFile(place.photos[1]!, join(own, 'b.png'));
    const photoIds = await open('a.svg', 'b.png');
    const { failed, written } = await run(hasExifTool ? ['embed', 'xmp'] : ['xmp'], { photoIds });
    expect(written.map((path) => path.slice(out.length + 1)).sort()).toEqual(
      [...(hasExifTool ? ['b-captioned.png'] : []), 'a.svg.xmp', 'b.png.xmp'].sort(),
    );
    if (hasExifTool) expect(failed).toMatchObject([{ name: 'a.svg', error: { code: 'cannot-write' } }]);
    for (const { error } of failed) expect(error.message).toContain(`into ${join(own, 'a.svg')}: `);
    await dispatch(service.handlers, 'photos.remove', { photoIds });
  });

  it('keeps every byte of a text in Latin-1, or says why it stays', async () => {
    await copyFile(place.photos[1]!, join(own, 'oma.png'));
    const photoIds = await open('oma.png');
    const before = Buffer.from('Oma im Caf\xe9', 'latin1');
    await writeFile(join(out, 'oma.txt'), before);
    await run(['txt'], { photoIds, existing: 'append' });
    expect(await readFile(join(out, 'oma.txt'))).toEqual(Buffer.concat([before, Buffer.from('\nOf oma.png.\n')]));
    await dispatch(service.handlers, 'caption.edit', { photoId: photoIds[0], caption: 'Größe.' });
    const { failed } = await run(['txt'], { photoIds, existing: 'append' });
    expect(failed[0]?.error.message).toMatch(/oma\.txt: it is neither UTF-8 nor UTF-16/);
    await chmod(join(out, 'oma.txt'), 0o444);
    const refused = await run(['txt'], { photoIds, existing: 'overwrite' });
    expect(refused.failed[0]?.error.message).toMatch(/oma\.txt: it is write-protected/);
    await dispatch(service.handlers, 'photos.remove', { photoIds });
  });

  it('marks a table for spreadsheets on request, once', async () => {
    await run(['csv'], { byteOrderMark: true });
    await run(['csv'], { byteOrderMark: true, existing: 'append', photoIds: [ids[1]!] });
    expect((await text('captions.csv')).match(/\uFEFF/g)).toHaveLength(1);
    expect((await text('captions.csv')).startsWith('\uFEFFfile,')).toBe(true);
  });
});

describe('exporting in another language', () => {
  const linesOf = async (): Promise<Record<string, unknown>[]> =>
    (await text('captions.jsonl'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('translates captions, but not what was written by hand', async () => {
    await run(['jsonl'], { language: 'de' });
    const [byHand, found] = await linesOf();
    expect(byHand).toMatchObject(TEXT);
    expect(byHand).not.toHaveProperty('language');

    const { result } = (await dispatch(service.handlers, 'caption.get', { photoId: ids[1] })) as {
      result: CaptionResult;
    };
    const original = result.captions[0]!;
    const wanted = { text: original.caption, to: 'de', domain: 'captions' };
    const translated = (await dispatch(service.handlers, 'translate.run', wanted)) as TranslateOutput;
    expect(found).toMatchObject({
      caption: translated.text,
      language: 'de',
      translator: 'translator-tiny',
      original: { caption: original.caption, words: original.words },
      score: original.score,
      alternatives: [],
    });
    for (const { weights } of found!['words'] as { weights: number[] }[]) {
      expect(weights.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
    }
  });

  it('writes the translation wherever a caption goes', async () => {
    await run(['txt', 'csv', 'xmp', 'svg'], { photoIds: [ids[1]!], language: 'fr' });
    const caption = (await text('photo-1.txt')).slice(0, -1);
    // XML knows no control characters, which this translator's nonsense has.
    expect(ownText(await text('photo-1.png.xmp')).caption).toBe(caption.replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '\uFFFD'));
    expect(await text('captions.csv')).toContain(caption.replaceAll('"', '""'));
  });

  it.each([
    ['fr', 'fr'],
    [undefined, 'en'],
  ])('says in a page which language its caption is in: %s', async (language, said) => {
    await run(['html'], { photoIds: [ids[1]!], language });
    const page = await text('photo-1.html');
    expect(page).toContain(`<html lang="${said}">`);
    expect(page).toContain(`<p lang="${said}"><button`);
    expect(page).toMatch(/<div [^>]*lang="en" aria-label="Words: /);
  });

  it('says once that a language is unknown, and writes nothing', async () => {
    await expect(run(['txt', 'csv'], { photoIds: ids.slice(1), language: 'eo' })).rejects.toMatchObject({
      code: 'unknown-language',
    });
    expect(await readdir(out)).toEqual([]);
  });
});

describe('exporting to be fetched', () => {
  it('gives the one file, or a zip of several', async () => {
    const one = await run(['txt'], { photoIds: [ids[0]!], target: { kind: 'download' } });
    expect(one.download?.name).toBe('photo-0.txt');
    const several = await run(['txt', 'xmp', 'csv'], { target: { kind: 'download' } });
    expect(several.download?.name).toBe('attend-captions.zip');
    const download = await service.downloads.get(several.download!.address.split('/').at(-1)!);
    const chunks: Buffer[] = [];
    for await (const chunk of download.open()) chunks.push(chunk as Buffer);
    const names = namesIn(Buffer.concat(chunks));
    expect(names).toEqual(expect.arrayContaining(['photo-0.txt', 'photo-2.png.xmp', 'captions.csv']));
    expect(names).toHaveLength(2 * ids.length + 1);
  });
});

describe('captions and keywords in metadata', () => {
  it('stand in a sidecar of their own', async () => {
    await run(['xmp'], { photoIds: [ids[0]!] });
    const sidecar = await text('photo-0.png.xmp');
    expect(isOwnSidecar(sidecar)).toBe(true);
    expect(ownText(sidecar)).toEqual(TEXT);
    expect(sidecar.match(/A dog &amp; a &lt;ball&gt;/g)).toHaveLength(2);
  });

  it('are captions alone where keywords are not wanted', async () => {
    await run(['xmp'], { photoIds: [ids[0]!], keywords: false });
    expect(ownText(await text('photo-0.png.xmp'))).toEqual({ caption: CAPTION, keywords: [] });
  });

  it.each([
    ['skip', 'Before.', ['old', 'dog']],
    ['overwrite', 'Now.', ['Dog', 'new']],
    ['append', 'Before.\nNow.', ['old', 'dog', 'new']],
  ] as const)('where a sidecar exists: %s', async (existing, caption, keywords) => {
    const file = join(out, 'a.xmp');
    await writeFile(file, xmpSidecar({ caption: 'Before.', keywords: ['old', 'dog'] }));
    await metadata.sidecar(file, { caption: 'Now.', keywords: ['Dog', 'new'] }, existing);
    expect(ownText(await readFile(file, 'utf8'))).toEqual({ caption, keywords });
  });

  it('leave the keywords of a sidecar alone where there are none', async () => {
    const file = join(out, 'a.xmp');
    await writeFile(file, xmpSidecar({ caption: 'Before.', keywords: ['old'] }));
    await metadata.sidecar(file, { caption: 'Now.', keywords: [] }, 'overwrite');
    expect(ownText(await readFile(file, 'utf8'))).toEqual({ caption: 'Now.', keywords: ['old'] });
  });

  describe.skipIf(!hasExifTool)('with ExifTool', () => {
    afterAll(async () => {
      const { exiftool } = await import('exiftool-vendored');
      await exiftool.end();
    });

    const tagsOf = async (file: string): Promise<Record<string, unknown>> => {
      const { exiftool } = await import('exiftool-vendored');
      const tags = await exiftool.readRaw(file, { readArgs: ['-G1'] });
      return tags as unknown as Record<string, unknown>;
    };

    it('stand in the photo; its pixels and its other metadata stay', async () => {
      const file = join(out, 'photo.jpg');
      await sharp(place.photos[0])
        .withExif({ IFD0: { Make: 'Camera', Copyright: 'Somebody' } })
        .jpeg()
        .toFile(file);
      const before = await sharp(file).raw().toBuffer();
      expect(await metadata.embed(file, TEXT, 'skip', true)).toBe('written');
      expect(await tagsOf(file)).toMatchObject({
        'XMP-dc:Description': CAPTION,
        'XMP-iptcCore:AltTextAccessibility': CAPTION,
        'XMP-dc:Subject': KEYWORDS,
        'IFD0:ImageDescription': CAPTION,
        'IFD0:Make': 'Camera',
        'IFD0:Copyright': 'Somebody',
      });
      expect(await sharp(file).raw().toBuffer()).toEqual(before);
      const other = { caption: 'Another.', keywords: ['2026', 'DOG'] };
      expect(await metadata.embed(file, other, 'skip', true)).toBe('skipped');
      expect(await metadata.embed(file, other, 'append', false)).toBe('written');
      expect(await tagsOf(file)).toMatchObject({
        'XMP-dc:Description': `${CAPTION}\nAnother.`,
        'XMP-dc:Subject': [...KEYWORDS, 2026],
      });
      expect(await metadata.embed(file, other, 'append', false)).toBe('skipped');
      expect(await readdir(out)).toEqual(['photo.jpg']);
    });

    it('stand in a PNG’s text on request', async () => {
      const file = join(out, 'photo.png');
      await copyFile(place.photos[0]!, file);
      await metadata.embed(file, TEXT, 'overwrite', true);
      expect((await tagsOf(file))['PNG:Description']).toBe(CAPTION);
    });

    it('go beside or into the photo itself only where asked for', async () => {
      const { mtimeMs } = await stat(place.photos[2]!);
      await run(['embed'], { photoIds: [ids[2]!] });
      expect((await stat(place.photos[2]!)).mtimeMs).toBe(mtimeMs);
      expect(await readdir(out)).toEqual(['attend.jsonl', 'photo-2-captioned.png']);
      const { written } = await run(['embed'], { photoIds: [ids[2]!], target: { kind: 'beside' } });
      expect(written).toEqual([place.photos[2]]);
      expect((await tagsOf(place.photos[2]!))['XMP-dc:Description']).toMatch(/^The dog/);
      // And is the same photo as before: what is known of it is not looked for anew.
      expect(service.library.get(ids[2]!).changed).toBe((await stat(place.photos[2]!)).mtimeMs);
    });

    it('leave what another program wrote into a sidecar', async () => {
      const file = join(out, 'other.xmp');
      const foreign = xmpSidecar({ caption: 'Before.', keywords: [] })
        .replace('x:xmptk="Attend"', 'x:xmptk="Other"')
        .replace(
          '<dc:description>',
          '<dc:creator><rdf:Seq><rdf:li>Ann</rdf:li></rdf:Seq></dc:creator><dc:description>',
        );
      await writeFile(file, foreign);
      await metadata.sidecar(file, { caption: 'Now.', keywords: ['snow'] }, 'overwrite');
      expect(await tagsOf(file)).toMatchObject({
        'XMP-dc:Creator': 'Ann',
        'XMP-dc:Description': 'Now.',
        'XMP-dc:Subject': 'snow',
      });
    });
  });
});

it('writes zips that hold what was put in', async () => {
  const { path, remove } = await temporaryFolder();
  const file = join(path, 'a.zip');
  const zip = await ZipWriter.create(file, new Date(2026, 0, 2, 3, 4, 6));
  await zip.add('häuser/ü.txt', 'über');
  await zip.add('empty', '');
  await zip.end();
  const bytes = await readFile(file);
  expect(namesIn(bytes)).toEqual(['häuser/ü.txt', 'empty']);
  // The first file's directory entry: CRC-32 of "über" in UTF-8, and the date in DOS's form.
  const entry = bytes.indexOf(Buffer.from('PK\u0001\u0002'));
  expect(bytes.readUInt32LE(entry + 16)).toBe(crcOf('über'));
  expect(bytes.readUInt16LE(entry + 14)).toBe(((2026 - 1980) << 9) | (1 << 5) | 2);
  await remove();
});

it('says that a zip cannot be written', async () => {
  const { path, remove } = await temporaryFolder();
  await mkdir(join(path, 'a.zip'));
  const zip = await ZipWriter.create(join(path, 'a.zip'));
  await expect(zip.end()).rejects.toThrow(/^cannot write .*a\.zip/);
  await remove();
});

/** Names in a zip's directory. */
function namesIn(zip: Buffer): string[] {
  const names: string[] = [];
  const end = zip.lastIndexOf(Buffer.from('PK\u0005\u0006'));
  let at = zip.readUInt32LE(end + 16);
  while (zip.readUInt32LE(at) === 0x02014b50) {
    const length = zip.readUInt16LE(at + 28);
    names.push(zip.subarray(at + 46, at + 46 + length).toString());
    at += 46 + length + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  expect(names).toHaveLength(zip.readUInt16LE(end + 10));
  return names;
}

/** CRC-32 bit by bit (ISO 3309). */
function crcOf(value: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(value)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('captions that the model is not sure of', () => {
  const doubt = async (confidence: number): Promise<CaptionResult> => {
    const result = (await service.library.result(ids[1]!))!;
    const [first, ...others] = result.captions;
    await service.library.keep(ids[1]!, { edited: null, review: 'new' });
    await service.library.setResult(ids[1]!, { ...result, captions: [{ ...first!, confidence }, ...others] });
    return result;
  };

  it('are left out of the metadata unless they are asked for, and marked everywhere else', async () => {
    await doubt(0.2);
    const photoIds = ids.slice(0, 2);
    const { unsure } = await run(['xmp', 'txt', 'csv', 'jsonl'], { photoIds });
    expect(unsure).toBe(1);
    expect((await readdir(out)).filter((name) => name.endsWith('.xmp'))).toEqual(['photo-0.png.xmp']);
    expect((await readdir(out)).filter((name) => name.endsWith('.txt'))).toHaveLength(2);
    const rows = (await text('captions.csv')).trim().split('\n').slice(1);
    expect(rows.map((row) => row.includes(',0.2,yes,'))).toEqual([false, true]);
    const lines = (await text('captions.jsonl')).trim().split('\n');
    const parsed = lines.map((line) => ExportedPhoto.parse(JSON.parse(line)));
    expect(parsed.map(({ confidence, notSure }) => [confidence, notSure])).toEqual([
      [undefined, undefined],
      [0.2, true],
    ]);
    expect((await run(['xmp'], { photoIds, includeUnsure: true })).unsure).toBe(0);
    expect((await readdir(out)).filter((name) => name.endsWith('.xmp'))).toHaveLength(2);
  });

  it('are none once somebody has looked at them, or the model is sure', async () => {
    await doubt(0.2);
    await service.library.keep(ids[1]!, { review: 'accepted' });
    expect((await run(['xmp'], { photoIds: [ids[1]!] })).unsure).toBe(0);
    await service.library.keep(ids[1]!, { review: 'new' });
    await doubt(0.5);
    expect((await run(['xmp'], { photoIds: [ids[1]!] })).unsure).toBe(0);
  });
});

describe('a caption that no person has seen', () => {
  it('says so in its metadata, and one that somebody wrote does not', async () => {
    await run(['xmp'], { photoIds: ids.slice(0, 2), includeUnsure: true });
    expect(await text('photo-0.png.xmp')).not.toContain('CaptionWriter');
    const sidecar = await text('photo-1.png.xmp');
    expect(sidecar).toContain('<photoshop:CaptionWriter>Attend (automatic, not reviewed)</photoshop:CaptionWriter>');
    expect(isOwnSidecar(sidecar)).toBe(true);
    // Somebody accepts it: the note goes.
    await service.library.keep(ids[1]!, { review: 'accepted' });
    await run(['xmp'], { photoIds: [ids[1]!], existing: 'overwrite' });
    expect(await text('photo-1.png.xmp')).not.toContain('CaptionWriter');
    await service.library.keep(ids[1]!, { review: 'new' });
  });

  it('says so of itself alone where it was added to what somebody wrote', async () => {
    const mark = '<photoshop:CaptionWriter>Attend (what was added: automatic, not reviewed)</photoshop:CaptionWriter>';
    await writeFile(join(out, 'photo-1.png.xmp'), xmpSidecar({ caption: 'My sister.', keywords: [] }));
    const add = async (): Promise<string> => {
      await run(['xmp'], { photoIds: [ids[1]!], existing: 'append', includeUnsure: true });
      return text('photo-1.png.xmp');
    };
    const sidecar = await add();
    expect(sidecar).toContain('My sister.\n');
    expect(sidecar).toContain(mark);
    expect(isOwnSidecar(sidecar)).toBe(true);
    expect(await add()).toBe(sidecar);
  });

  it.skipIf(!hasExifTool)('says so in the photo, beside whoever wrote what was there', async () => {
    const photo = join(out, 'photo.png');
    await copyFile(place.photos[1]!, photo);
    await metadata.embed(photo, { caption: 'One.', keywords: [], isUnseen: true }, 'skip', false);
    expect((await metadata.textIn([photo])).caption).toBe('One.');
    expect(await writerIn(photo)).toBe('Attend (automatic, not reviewed)');
    await metadata.embed(photo, { caption: 'Two.', keywords: [] }, 'overwrite', false);
    expect(await writerIn(photo)).toBeUndefined();
  });
});

describe('the writer of a caption', () => {
  it.each([
    [undefined, true, 'skip', 'Attend (automatic, not reviewed)'],
    [undefined, true, 'append', 'Attend (what was added: automatic, not reviewed)'],
    ['Attend (automatic, not reviewed)', true, 'append', 'Attend (automatic, not reviewed)'],
    ['Attend (what was added: automatic, not reviewed)', true, 'overwrite', 'Attend (automatic, not reviewed)'],
    ['Attend (what was added: automatic, not reviewed)', false, 'append', ''],
    ['Ann', true, 'append', 'Ann; Attend (automatic, not reviewed)'],
    ['Ann', true, 'overwrite', 'Attend (automatic, not reviewed)'],
    ['Ann; Attend (automatic, not reviewed)', true, 'append', 'Ann; Attend (automatic, not reviewed)'],
    ['Ann; Attend (automatic, not reviewed)', false, 'append', 'Ann'],
    ['Attend (automatic, not reviewed)', false, 'overwrite', ''],
    ['Ann', false, 'overwrite', 'Ann'],
  ] as const)('%s, unseen %s, %s: %s', (now, isUnseen, existing, after) => {
    expect(writerOf(now, isUnseen, existing, true)).toBe(after);
  });
});

async function writerIn(photo: string): Promise<string | undefined> {
  const tool = (await startExifTool())!;
  try {
    return (await readTags(tool, photo, [WRITER])).get(WRITER)?.[0];
  } finally {
    await tool.end();
  }
}

describe('what a person thinks of captions', () => {
  const set = (photoId: string, state: string): Promise<unknown> =>
    dispatch(service.handlers, 'review.set', { photoIds: [photoId], state });
  beforeEach(() => set(ids[1]!, 'accepted'));
  beforeEach(() => set(ids[2]!, 'rejected'));
  afterAll(() => Promise.all([set(ids[1]!, 'new'), set(ids[2]!, 'new')]));

  it('stands in JSON, tables and pages', async () => {
    await run(['csv', 'json', 'html'], { photoIds: ids });
    const rows = (await text('captions.csv')).trim().split('\n').slice(1);
    expect(rows.map((row) => row.split(',').at(-1))).toEqual(['edited', 'accepted', 'rejected']);
    const json = ExportedPhoto.strict().parse(JSON.parse(await text('photo-2.json')));
    expect(json.review).toBe('rejected');
    expect(await text('photo-1.html')).toContain('A person has looked at this caption and accepted it.');
    expect(await text('photo-2.html')).toContain('A person has rejected this caption');
    await set(ids[2]!, 'new');
    await run(['html'], { photoIds: [ids[2]!], existing: 'overwrite' });
    expect(await text('photo-2.html')).not.toContain('A person');
  });

  it('keeps rejected captions out of metadata, and says how many', async () => {
    const { rejected, written } = await run(['xmp', 'txt'], { includeUnsure: true });
    expect(rejected).toBe(1);
    expect(written.filter((path) => path.endsWith('.xmp'))).toHaveLength(2);
    expect(written.filter((path) => path.endsWith('.txt'))).toHaveLength(3);
    expect(await readdir(out)).not.toContain('photo-2.png.xmp');
  });

  it('makes a captions file of what was accepted or written, which the training reads', async () => {
    await run(['training'], { existing: 'overwrite', language: 'de' });
    const read = await readPhotoCaptions(join(out, 'training-captions.jsonl'));
    const own = service.library.get(ids[1]!).caption;
    expect(read).toEqual([
      { file: place.photos[0], captions: [CAPTION] },
      { file: place.photos[1], captions: [own] },
    ]);
    const { train, validation } = splitPhotos(read, {
      trainSplits: ['train'],
      validation: { split: 'dev', photos: 1, beam: 1 },
    });
    expect([train.length, validation.length]).toEqual([1, 1]);
    // Again, over what is there: no photo twice.
    await run(['training'], { existing: 'append' });
    expect(await readPhotoCaptions(join(out, 'training-captions-2.jsonl'))).toHaveLength(2);
  });

  it('has nothing for training where nobody stands by a caption', async () => {
    await expect(run(['training'], { photoIds: [ids[2]!] })).rejects.toMatchObject({ code: 'nothing-to-export' });
  });
});
