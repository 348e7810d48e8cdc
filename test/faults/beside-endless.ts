import { ENDLESS_DRAWINGS } from '../photos/hostile-photos.ts';
import { ask } from './attend-process.ts';

/**
 * How long captions of ordinary photos take while drawings that never end are read, each of them another.
 * @returns milliseconds of the slowest, alone and beside them
 */
export async function besideEndless(
  server: { origin: string; token: string },
  photos: readonly Uint8Array<ArrayBuffer>[],
  count: number,
): Promise<{ alone: number; beside: number }> {
  const slowest = async (): Promise<number> => {
    const times: number[] = [];
    for (const photo of photos) {
      const begin = performance.now();
      const { status } = await ask(server, '/v1/caption', photo);
      if (status !== 200) throw new Error(`An ordinary photo was answered with ${status}.`);
      times.push(performance.now() - begin);
    }
    return Math.max(...times);
  };
  await slowest();
  const alone = await slowest();
  const drawings = Object.values(ENDLESS_DRAWINGS);
  const endless = Array.from({ length: count }, (_, i) =>
    ask(server, '/v1/caption', new Uint8Array(Buffer.from(`${drawings[i % drawings.length]}<!-- ${i} -->`))),
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const beside = await slowest();
  await Promise.all(endless);
  return { alone, beside };
}
