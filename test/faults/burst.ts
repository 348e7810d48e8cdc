import { ask } from './attend-process.ts';

/**
 * Asks a server for captions of photos, all at once.
 * @returns how many answers were not what the same photo got alone
 */
export async function burst(
  server: { origin: string; token: string },
  photos: readonly Uint8Array<ArrayBuffer>[],
  count: number,
): Promise<number> {
  const captionOf = async (photo: Uint8Array<ArrayBuffer>): Promise<unknown> => {
    const { status, value } = await ask(server, '/v1/caption', photo);
    return status === 200 ? value['caption'] : status;
  };
  const alone: unknown[] = [];
  for (const photo of photos) alone.push(await captionOf(photo));
  if (alone.some((caption) => typeof caption !== 'string')) throw new Error('The photos are not captioned alone.');
  const together = Array.from({ length: count }, async (_, i) => {
    const place = i % photos.length;
    return (await captionOf(photos[place] as Uint8Array<ArrayBuffer>)) === alone[place];
  });
  return (await Promise.all(together)).filter((isSame) => !isSame).length;
}
