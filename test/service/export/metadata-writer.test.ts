import { execFile, spawn, spawnSync } from 'node:child_process';
import { chmod, copyFile, link, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { buildSync } from 'esbuild';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MetadataWriter } from '../../../src/service/export/metadata-writer.ts';
import { xmpSidecar } from '../../../src/service/export/xmp.ts';
import { isTagged, tag } from '../../support/extended-attributes.ts';

const metadata = new MetadataWriter();
const hasExifTool = await metadata.isAvailable();
const NEW = { caption: 'A dog runs.', keywords: ['dog', 'grass'] };

let folder: string;
let photo: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'attend-metadata-'));
  photo = join(folder, 'photo.jpg');
  await sharp({ create: { width: 24, height: 16, channels: 3, background: '#5a8c3c' } })
    .jpeg()
    .toFile(photo);
});
afterEach(() => rm(folder, { recursive: true }));
afterAll(() => metadata.close());

it('is available where ExifTool and Perl are', async () => {
  const isInstalled = await import('exiftool-vendored').then(
    () => true,
    () => false,
  );
  const hasPerl = process.platform === 'win32' || spawnSync('perl', ['-v']).status === 0;
  expect(hasExifTool).toBe(isInstalled && hasPerl);
});

describe.skipIf(!hasExifTool)('texts in a photo', () => {
  let exiftool: string;
  beforeAll(async () => {
    const { exiftoolPath } = await import('exiftool-vendored');
    exiftool = await exiftoolPath();
  });

  const by = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('perl', [exiftool, ...args])).stdout;
  /** Writes as another program would. */
  const put = (...tags: string[]): Promise<string> => by('-q', '-overwrite_original', ...tags, photo);
  const tags = async (file = photo): Promise<Record<string, unknown>> =>
    (
      JSON.parse(
        await by('-j', '-G1', '-a', '-api', 'StructFormat=JSONQ', '-XMP:all', '-IPTC:all', '-EXIF:all', file),
      ) as Record<string, unknown>[]
    )[0]!;

  it.each([
    ['append', 'The garden\nA dog runs.'],
    ['overwrite', 'A dog runs.'],
    ['skip', 'The garden'],
  ] as const)('keep their other languages: %s', async (existing, expected) => {
    await put(
      '-XMP-dc:Description=The garden',
      '-XMP-dc:Description-de=Der Garten',
      '-XMP-dc:Description-fr=Le jardin',
    );
    await metadata.embed(photo, NEW, existing, false);
    expect(await tags()).toMatchObject({
      'XMP-dc:Description': expected,
      'XMP-dc:Description-de': 'Der Garten',
      'XMP-dc:Description-fr': 'Le jardin',
    });
  });

  it.each(['append', 'overwrite', 'skip'] as const)('in one other language stay: %s', async (existing) => {
    await put('-XMP-dc:Description-de=Der Garten');
    const outcome = await metadata.embed(photo, { ...NEW, keywords: [] }, existing, false);
    expect(outcome).toBe(existing === 'skip' ? 'skipped' : 'written');
    expect((await tags())['XMP-dc:Description-de']).toBe('Der Garten');
  });

  it.each(['IPTC:Caption-Abstract', 'EXIF:ImageDescription', 'EXIF:UserComment', 'XMP-dc:Description'])(
    'count as existing in %s',
    async (name) => {
      await put(`-${name}=The garden`);
      const before = await readFile(photo);
      expect(await metadata.embed(photo, { ...NEW, keywords: [] }, 'skip', true)).toBe('skipped');
      expect(await readFile(photo)).toEqual(before);
      await metadata.embed(photo, NEW, 'append', false);
      const after = await tags();
      expect(after['XMP-dc:Description']).toBe('The garden\nA dog runs.');
      const shown = name.replace('EXIF:Image', 'IFD0:Image').replace('EXIF:User', 'ExifIFD:User');
      expect(after[shown]).toBe('The garden\nA dog runs.');
      expect(await metadata.embed(photo, NEW, 'append', false)).toBe('skipped');
    },
  );

  it('that a camera filled in count as none', async () => {
    await put('-EXIF:ImageDescription=OLYMPUS DIGITAL CAMERA');
    expect(await metadata.embed(photo, NEW, 'skip', false)).toBe('written');
    expect((await tags())['XMP-dc:Description']).toBe('A dog runs.');
  });

  it('agree after they were replaced, and keywords of IPTC stay', async () => {
    await put(
      '-IPTC:Caption-Abstract=Old',
      '-EXIF:ImageDescription=Older',
      '-IPTC:Keywords=family',
      '-IPTC:Keywords=0042',
    );
    await metadata.embed(photo, { caption: 'Ein Hund läuft 犬.', keywords: ['Wörter'] }, 'overwrite', false);
    expect(await tags()).toMatchObject({
      'XMP-dc:Description': 'Ein Hund läuft 犬.',
      'IPTC:Caption-Abstract': 'Ein Hund läuft 犬.',
      'IFD0:ImageDescription': 'Ein Hund läuft 犬.',
      'IPTC:Keywords': ['family', '0042', 'Wörter'],
      'XMP-dc:Subject': ['family', '0042', 'Wörter'],
    });
  });

  it.each(['UTF8', 'Latin'])('in IPTC that does not say its encoding, %s, keep their letters', async (charset) => {
    await put('-charset', `IPTC=${charset}`, '-IPTC:Caption-Abstract=Großmutter', '-IPTC:By-line=Zoë');
    await metadata.embed(photo, { caption: 'Neu 犬', keywords: [] }, 'append', false);
    expect(await tags()).toMatchObject({
      'IPTC:Caption-Abstract': 'Großmutter\nNeu 犬',
      'IPTC:By-line': 'Zoë',
      'XMP-dc:Description': 'Großmutter\nNeu 犬',
    });
  });

  it('in EXIF that is Latin keep their letters, and those in UTF-8 as well', async () => {
    await put('-charset', 'EXIF=Latin', '-EXIF:ImageDescription=Grüße');
    await put('-EXIF:UserComment=Wo? Í 犬');
    await metadata.embed(photo, { caption: 'Neu 犬', keywords: [] }, 'append', false);
    expect(await tags()).toMatchObject({
      'IFD0:ImageDescription': 'Grüße\nNeu 犬',
      'ExifIFD:UserComment': 'Wo? Í 犬\nNeu 犬',
      'XMP-dc:Description': 'Grüße\nNeu 犬',
    });
  });

  it('stay letter for letter', async () => {
    await put('-XMP-dc:Description=2E5', '-XMP-dc:Subject=1.10', '-XMP-dc:Subject=0042');
    await metadata.embed(photo, { caption: '007', keywords: ['2E5', 'a &amp; b', '1e400'] }, 'append', true);
    expect(await tags()).toMatchObject({
      'XMP-dc:Description': '2E5\n007',
      'XMP-dc:Subject': ['1.10', '0042', '2E5', 'a &amp; b', '1e400'],
    });
    await metadata.embed(photo, { caption: '&lt;b&gt; &#65; \\n "x"', keywords: [] }, 'overwrite', true);
    expect((await tags())['IFD0:ImageDescription']).toBe('&lt;b&gt; &#65; \\n "x"');
  });

  it('come into trees of keywords where they are used', async () => {
    await put('-XMP-digiKam:TagsList=Animals/Dog', '-XMP-lr:HierarchicalSubject=Places|Park');
    await metadata.embed(photo, NEW, 'append', false);
    expect(await tags()).toMatchObject({
      'XMP-digiKam:TagsList': ['Animals/Dog', 'grass'],
      'XMP-lr:HierarchicalSubject': ['Places|Park', 'dog', 'grass'],
    });
  });

  it('are written by what a file holds, whatever its name', async () => {
    await sharp(photo).png().toFile(join(folder, 'png.jpg'));
    expect(await metadata.embed(join(folder, 'png.jpg'), NEW, 'skip', true)).toBe('written');
    const said = await by('-s3', '-PNG:Description', '-XMP-dc:Description', join(folder, 'png.jpg'));
    expect(said).toBe('A dog runs.\nA dog runs.\n');
  });

  it('that cannot be written are told with the photo’s own name and no other', async () => {
    const svg = join(folder, 'drawing.svg');
    if (process.platform !== 'win32') await copyFile(photo, join(folder, 'line\nend.jpg'));
    await writeFile(svg, '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>');
    for (const [file, reason] of [
      [svg, /SVG files take no captions/],
      [join(folder, 'gone.jpg'), /no longer there/],
      ...(process.platform === 'win32' ? [] : [[join(folder, 'line\nend.jpg'), /holds a line break/] as const]),
    ] as const) {
      const error = await metadata.embed(file, NEW, 'skip', false).catch((one: unknown) => one);
      expect(String(error)).toMatch(reason);
      expect(String(error)).toContain(file);
      expect(String(error)).not.toMatch(/\.attend\.|\.part/);
    }
    await chmod(photo, 0o444);
    await expect(metadata.embed(photo, NEW, 'skip', false)).rejects.toThrow(/photo\.jpg: it is write-protected/);
    expect((await readdir(folder)).filter((name) => !name.includes('\n')).sort()).toEqual(['drawing.svg', 'photo.jpg']);
  });

  it('says of a write-protected sidecar of another program so, once and by its name', async () => {
    const sidecar = join(folder, 'guarded.xmp');
    await writeFile(sidecar, xmpSidecar(NEW).replace('x:xmptk="Attend"', 'x:xmptk="Other"'));
    await chmod(sidecar, 0o444);
    await expect(metadata.sidecar(sidecar, { ...NEW, caption: 'Another.' }, 'append')).rejects.toThrow(
      new RegExp(`^cannot write ${sidecar}: it is write-protected. Allow writing.$`),
    );
  });

  describe('beside what other programs and people wrote', () => {
    const foreign = (inside: string, before = ''): string =>
      `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>\n${before}<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Other">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:my="http://example.org/my/" xmlns:foaf="http://xmlns.com/foaf/0.1/" xmp:Rating="3" my:note="from &quot;me&quot;&#xA;twice">
   <dc:description><rdf:Alt><rdf:li xml:lang="x-default">The old one</rdf:li><rdf:li xml:lang="de">Das alte</rdf:li></rdf:Alt></dc:description>
   <my:person><foaf:Person><foaf:name>Typed &amp; named</foaf:name></foaf:Person></my:person>
   <my:cd><![CDATA[ as <it> is ]]></my:cd><my:at rdf:resource="http://example.org/x"/>${inside}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;
    const second =
      '\n<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:my="http://example.org/my/"><my:second>packet two</my:second></rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>';

    it.each(['append', 'overwrite'] as const)(
      '%s keeps all of a sidecar, comments and second packets too',
      async (how) => {
        const sidecar = join(folder, 'photo.xmp');
        await writeFile(sidecar, `${foreign('', '<!-- Oma: the dog is Rex -->\n')}${second}`);
        expect(await metadata.sidecar(sidecar, NEW, how)).toBe('written');
        const text = await readFile(sidecar, 'utf8');
        for (const piece of [
          '<!-- Oma: the dog is Rex -->',
          'Typed &amp; named',
          ' as <it> is ',
          'packet two',
          'Das alte',
        ])
          expect(text).toContain(piece);
        expect(await by('-s3', '-XMP-dc:Description', sidecar)).toMatch(
          how === 'append' ? /old one.*dog/s : /^A dog runs\./,
        );
      },
    );

    it('refuses what ExifTool would lose, in a sidecar and in a photo, which stay', async () => {
      const lossy = foreign('<my:lit rdf:parseType="Literal"><b>bold</b> and lost</my:lit>');
      const sidecar = join(folder, 'photo.xmp');
      await writeFile(sidecar, lossy);
      await expect(metadata.sidecar(sidecar, NEW, 'append')).rejects.toThrow(
        /photo\.xmp: its XMP says "and lost" where ExifTool, which writes it, would lose it\. It stays as it is\./,
      );
      expect(await readFile(sidecar, 'utf8')).toBe(lossy);
      await put(`-xmp<=${sidecar}`);
      const before = await readFile(photo);
      await expect(metadata.embed(photo, NEW, 'overwrite', false)).rejects.toThrow(
        /photo\.jpg: its XMP says "and lost"/,
      );
      expect(await readFile(photo)).toEqual(before);
      expect((await readdir(folder)).sort()).toEqual(['photo.jpg', 'photo.xmp']);
    });
  });

  it.each(['latin1', 'utf16le'] as const)('are not added to a sidecar in %s, which stays', async (encoding) => {
    const sidecar = join(folder, 'other.xmp');
    const before = Buffer.from(xmpSidecar({ caption: 'Grüße', keywords: [] }), encoding);
    await writeFile(sidecar, before);
    await expect(metadata.sidecar(sidecar, NEW, 'append')).rejects.toThrow(
      /other\.xmp: what stands there is not in UTF-8/,
    );
    expect(await readFile(sidecar)).toEqual(before);
  });

  it('leave the file’s times, rights and other names', async () => {
    const time = new Date(Date.UTC(2001, 1, 3));
    const other = join(folder, 'other-name.jpg');
    await chmod(photo, 0o640);
    await utimes(photo, time, time);
    await metadata.embed(photo, NEW, 'skip', false);
    expect(await stat(photo)).toMatchObject({ mtime: time });
    expect((await stat(photo)).mode & 0o777).toBe(0o640);
    await link(photo, other);
    await metadata.embed(photo, { ...NEW, caption: 'Another.' }, 'overwrite', false);
    expect((await stat(other)).ino).toBe((await stat(photo)).ino);
    expect((await stat(other)).mtime).toEqual(time);
    expect((await tags(other))['XMP-dc:Description']).toBe('Another.');
    await metadata.embed(photo, NEW, 'overwrite', false, { keepTimes: false });
    expect((await stat(photo)).mtime).not.toEqual(time);
    expect((await readdir(folder)).sort()).toEqual(['other-name.jpg', 'photo.jpg']);
  });

  it('leave extended attributes', async (context) => {
    if (!(await tag(photo))) context.skip();
    await metadata.embed(photo, NEW, 'skip', false);
    expect(await isTagged(photo)).toBe(true);
  });

  it.each<[string, string]>([
    ['our own sidecar', xmpSidecar({ caption: 'Before.', keywords: [] })],
    [
      "another program's",
      xmpSidecar({ caption: 'Before.', keywords: [] }).replace('x:xmptk="Attend"', 'x:xmptk="Other"'),
    ],
  ])('leave extended attributes of %s', async (_, before) => {
    const file = join(folder, 'photo.jpg.xmp');
    await writeFile(file, before);
    if (!(await tag(file))) return;
    await metadata.sidecar(file, NEW, 'append');
    expect((await tags(file))['XMP-dc:Description']).toContain('A dog runs.');
    expect(await isTagged(file)).toBe(true);
  });

  it('in our own sidecar keep what somebody added', async () => {
    const file = join(folder, 'photo.jpg.xmp');
    const rated = xmpSidecar({ caption: 'Before.', keywords: ['old'] }).replace(
      'rdf:about=""',
      'rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5"',
    );
    await writeFile(file, rated);
    await metadata.sidecar(file, NEW, 'append');
    expect(await tags(file)).toMatchObject({
      'XMP-xmp:Rating': '5',
      'XMP-dc:Description': 'Before.\nA dog runs.',
      'XMP-dc:Subject': ['old', 'dog', 'grass'],
    });
  });

  it('that stand in the photo count for its sidecar', async () => {
    await put('-IPTC:Caption-Abstract=The garden', '-IPTC:Keywords=family');
    const before = await metadata.textIn([photo]);
    expect(before).toEqual({ caption: 'The garden', keywords: ['family'] });
    const file = join(folder, 'photo.jpg.xmp');
    expect(await metadata.sidecar(file, NEW, 'skip', before)).toBe('skipped');
    expect(await readdir(folder)).toEqual(['photo.jpg']);
    await metadata.sidecar(file, NEW, 'append', before);
    expect(await metadata.textIn([file])).toEqual({
      caption: 'The garden\nA dog runs.',
      keywords: ['family', 'dog', 'grass'],
    });
  });

  it.skipIf(process.platform === 'win32')('leave no process behind when this one is killed', async () => {
    // Where it finds the packages.
    const module = join(import.meta.dirname, `../../../.cache/exiftool-${process.pid}.mjs`);
    buildSync({
      entryPoints: [join(import.meta.dirname, '../../../src/service/export/exiftool.ts')],
      outfile: module,
      platform: 'node',
      format: 'esm',
      packages: 'external',
    });
    const script = `import { startExifTool } from ${JSON.stringify(pathToFileURL(module).href)};
      const tool = await startExifTool();
      console.log(tool.pids.join());
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(
      await new Promise<string>((resolve) => parent.stdout.once('data', (data) => resolve(String(data)))),
    );
    await rm(module);
    expect(isRunning(pid)).toBe(true);
    parent.kill('SIGKILL');
    await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
