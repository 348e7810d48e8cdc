import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { ask, memoryOf } from './attend-process.ts';
import { mutatedPhotos } from './mutated-photos.ts';

/** Rounds before the first look: then it holds what it keeps of the last photos. */
const WARM = 14;

/** What a server held at some moment. */
export interface Held {
  seconds: number;
  requests: number;
  /** Of this process and those that it started. */
  bytes: number;
  tensors: number;
  /** Open files, sockets and pipes of this process; 0 where the system does not say. */
  descriptors: number;
}

/**
 * Asks a server in this process for everything in turn: captions, uploads, thumbnails, edits, damaged photos, and what is
 * given up in the middle; looks at what it holds while nothing is asked.
 * @param photos sound ones
 */
export async function soak(
  server: { origin: string; token: string },
  photos: readonly Buffer[],
  { seconds, samples, rest = 0 }: { seconds: number; samples: number; rest?: number },
): Promise<Held[]> {
  const damaged = (await mutatedPhotos(70, 3)).map(({ bytes }) => new Uint8Array(bytes));
  const held: Held[] = [];
  let requests = 0;
  const bytesOf = (i: number): Uint8Array<ArrayBuffer> => new Uint8Array(photos[i % photos.length] as Buffer);

  /** What has nothing wrong must succeed: a server that refuses everything holds nothing either. */
  async function succeed(
    ...[path, body]: [string, string | Uint8Array<ArrayBuffer>]
  ): Promise<Record<string, unknown>> {
    const { status, value } = await ask(server, path, body);
    if (status !== 200) throw new Error(`${path} was answered with ${status}: ${JSON.stringify(value)}`);
    return value;
  }

  async function round(i: number): Promise<void> {
    const upload = await succeed(`/api/photos.upload?name=${i}.jpg`, bytesOf(i));
    const photoId = upload['id'] as string;
    const headers = { authorization: `Bearer ${server.token}` };
    await (await fetch(`${server.origin}/photos/${photoId}/thumbnail?v=${i}`, { headers })).arrayBuffer();
    await succeed('/api/caption.run', JSON.stringify({ photoId, alternatives: 2 }));
    await succeed('/api/caption.edit', JSON.stringify({ photoId, caption: `Photo ${i}.` }));
    await ask(server, '/v1/caption?alternatives=1', damaged[i % damaged.length]);
    const gone = new AbortController();
    const given = ask(server, '/v1/caption', bytesOf(i + 1), gone.signal).catch(() => undefined);
    await pause(20);
    gone.abort();
    await given;
    await succeed('/api/photos.remove', JSON.stringify({ photoIds: [photoId] }));
    requests += 7;
  }

  for (let i = 0; i < WARM; i++) await round(i);
  const begin = performance.now();
  for (let i = WARM, sample = 0; sample <= samples; i++) {
    const elapsed = (performance.now() - begin) / 1000;
    if (elapsed >= (sample * seconds) / samples) {
      await pause(300);
      globalThis.gc?.();
      const descriptors = await readdir('/proc/self/fd').catch(() => []);
      const { numTensors: tensors } = tf.memory();
      held.push({
        seconds: elapsed,
        requests,
        bytes: await memoryOf(process.pid),
        tensors,
        descriptors: descriptors.length,
      });
      sample++;
    }
    await round(i);
    await pause(rest);
  }
  return held;
}
