import { raster, toSharp } from '../photos/synthetic-photo.ts';

/** The bytes of a PNG that no other number has. */
export function tinyPhoto(number: number): Promise<Buffer> {
  const shades = raster(40, 30, (x, y) => [(x * (3 + number)) % 256, (y * 7 + number) % 256, number % 256]);
  return toSharp(shades).png().toBuffer();
}
