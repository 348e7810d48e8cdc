import { gzipSync } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodePhoto } from '../../src/photos/decode-photo.ts';

const drawing = (body: string, size = 60): Buffer =>
  Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}">` +
      `<rect width="${size}" height="${size}" fill="#cde"/>${body}</svg>`,
  );
const tile = (id: string, width: number, content: string): string =>
  `<pattern id="${id}" width="${width}" height="9" patternUnits="userSpaceOnUse">${content}</pattern>`;
const RED = '<rect width="99" height="99" fill="red"/>';
const BLUE = '<rect width="99" height="99" fill="blue"/>';
const filled = (id: string): string => `<rect x="9" y="9" width="30" height="30" fill="url(#${id})"/>`;
const html = '<foreignObject width="60" height="60"><p xmlns="http://www.w3.org/1999/xhtml">A dog</p></foreignObject>';
const png = await sharp({
  create: { width: 40, height: 40, channels: 3, background: '#a00', noise: { type: 'gaussian' } },
})
  .png()
  .toBuffer();
const picture = (data: Buffer): string =>
  `<image href="data:image/png;base64,${data.toString('base64')}" width="60" height="60"/>`;

const decode = (bytes: Uint8Array): Promise<unknown> =>
  decodePhoto({ data: { bytes }, size: { width: 32, height: 32 }, pixelLimit: 1e9 }, 900e6);

describe('a drawing of which a part is missing', () => {
  const TOO_FINE = 'has a pattern that is too fine to be drawn';
  it.each<[string, Buffer, string]>([
    ['a pattern of tiles below a pixel', drawing(tile('p', 0.2, RED) + filled('p')), TOO_FINE],
    [
      'the same of shares of what is filled',
      drawing(`<pattern id="p" width=".01" height=".01">${RED}</pattern>${filled('p')}`),
      TOO_FINE,
    ],
    ['one of two patterns', drawing(tile('p', 9, RED) + tile('q', 0.2, BLUE) + filled('p') + filled('q')), TOO_FINE],
    [
      'a pattern in a pattern',
      drawing(tile('p', 0.2, RED) + tile('q', 9, '<rect width="5" height="5" fill="url(#p)"/>') + filled('q')),
      TOO_FINE,
    ],
    [
      'a pattern of a large drawing that is drawn smaller',
      drawing(tile('p', 9, RED) + '<rect width="9000" height="9000" fill="url(#p)"/>', 20_000),
      TOO_FINE,
    ],
    ['a packed drawing', gzipSync(drawing(tile('p', 0.2, RED) + filled('p'))), TOO_FINE],
    ['a picture beside it', drawing('<image xlink:href="dog.png" width="60" height="60"/>'), 'outside of it (dog.png)'],
    [
      'a picture somewhere',
      drawing("<image href='https://example.org/d' width='60' height='60'/>"),
      'outside of it (https://example.org/d)',
    ],
    ['a torn picture in it', drawing(picture(png.subarray(0, png.length / 2))), 'holds a picture that is damaged'],
    ['text in HTML', drawing(html), 'holds text in HTML'],
  ])('is refused: %s', async (_, bytes, reason) => {
    await expect(decode(bytes)).rejects.toMatchObject({
      code: 'unsupported',
      reason: expect.stringContaining(reason) as string,
    });
  });

  it.each<[string, Buffer]>([
    ['a pattern that can be drawn', drawing(tile('p', 9, RED) + filled('p'))],
    ['a fine pattern that fills nothing', drawing(tile('p', 0.2, RED))],
    ['a fine pattern with nothing in it', drawing(tile('p', 0.2, '') + filled('p'))],
    ['a whole picture in it', drawing(picture(png))],
    ['a picture that is only noted', drawing('<!-- <image href="dog.png"/> -->')],
    ['text in HTML with another for those who draw none', drawing(`<switch>${html}<text y="30">A dog</text></switch>`)],
  ])('is not one with %s', async (_, bytes) => {
    await expect(decode(bytes)).resolves.toBeDefined();
  });
});

describe('a photo in which nothing is to be seen', () => {
  const clear = (alpha: number): Promise<Buffer> =>
    sharp({ create: { width: 40, height: 40, channels: 4, background: { r: 255, g: 255, b: 255, alpha } } })
      .png()
      .toBuffer();

  it('is refused, and not captioned from the white that it lies on', async () => {
    await expect(decode(await clear(0))).rejects.toMatchObject({
      reason: expect.stringContaining('transparent') as string,
    });
  });

  it('is none that is white itself', async () => {
    await expect(decode(await clear(1))).resolves.toBeDefined();
  });
});

it('what is packed and no drawing is not called one', async () => {
  const told = { reason: 'it is packed, and holds no drawing that can be read. Unpack it first.' };
  await expect(decode(gzipSync(Buffer.from([0xff, 0xd8, 0xff, 0, 0])))).rejects.toMatchObject(told);
});

it('a drawing in UTF-16 is refused as such', async () => {
  const bytes = Buffer.from(`\ufeff${drawing(RED).toString()}`, 'utf16le');
  await expect(decode(bytes)).rejects.toMatchObject({ reason: expect.stringContaining('UTF-16') as string });
});
