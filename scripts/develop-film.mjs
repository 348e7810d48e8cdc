// Screenshots as a film.
import sharp from 'sharp';

/**
 * Scales pictures, joins them and writes them as an animated WebP.
 * @param film its frames as PNG, and how long each is seen, in milliseconds
 * @param target the file
 * @param how its width in pixels, and how hard to try to make it small, 0 to 6
 * @returns its bytes
 */
export async function develop({ delays, frames }, target, { effort, width }) {
  const small = await Promise.all(
    frames.map((frame) => sharp(frame).resize({ width, kernel: 'lanczos3' }).png().toBuffer()),
  );
  const { size } = await sharp(small, { join: { animated: true } })
    .webp({ delay: delays, loop: 0, quality: 60, effort, minSize: true, mixed: true })
    .toFile(target);
  return size;
}
