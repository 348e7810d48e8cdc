import sharp, { type Sharp, type SharpOptions } from 'sharp';
import type { PhotoData } from './decoders/protocol.ts';
import { passingCopy } from './passing-copy.ts';

/** In pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * By how much libvips lets a JPEG's decoder shrink an upright photo while it is decoded (`fastShrinkOnLoad: false`): half
 * of the reduction at least is left to the filter.
 */
export function shrinkOnLoad(upright: Size, wanted: Size): 1 | 2 | 4 | 8 {
  const reduction = Math.min(upright.width / wanted.width, upright.height / wanted.height);
  return reduction >= 16 ? 8 : reduction >= 8 ? 4 : reduction >= 4 ? 2 : 1;
}

/**
 * A photo that is stored turned or mirrored, made upright before it is reduced. libvips reduces columns before rows, rounds
 * in between and begins at the top left; upright only afterwards, a photo would have other pixels than the same one
 * stored upright, and sometimes another caption.
 *
 * @param data where the photo is
 * @param bytes its file
 * @param header its size once upright
 * @param shrink by how much its decoder shrinks it; JPEG only, else 1
 */
export async function turnedFirst(
  data: PhotoData,
  bytes: Uint8Array,
  { options, header, shrink }: { options: SharpOptions; header: Size; shrink: number },
): Promise<Sharp> {
  // What is cut out, all of it here, is cut out of the upright photo.
  if (shrink === 1) {
    return sharp(bytes, options).autoOrient().extract({ left: 0, top: 0, width: header.width, height: header.height });
  }
  if ('path' in data && isPlain(data.path)) return shrunk(data.path, options, shrink);
  const copy = await passingCopy(bytes);
  try {
    if (copy && isPlain(copy.path)) return await shrunk(copy.path, options, shrink);
  } finally {
    await copy?.remove();
  }
  // Where none can be kept it is turned once it is reduced: by a hair other pixels are better than none.
  return sharp(bytes, options).autoOrient();
}

/** Whether libvips finds the end of a path where an option stands behind it: brackets and quotes may hide it. */
function isPlain(path: string): boolean {
  return !path.includes('[');
}

/** What the decoder of a JPEG is told stands behind its path: sharp has no option for it, nor libvips where it is given bytes. */
async function shrunk(path: string, options: SharpOptions, shrink: number): Promise<Sharp> {
  const { data, info } = await sharp(`${path}[shrink=${shrink}]`, options)
    .autoOrient()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}
