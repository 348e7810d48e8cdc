import { createCipheriv, createHash } from 'node:crypto';
import { basename } from 'node:path';

export const TAG_BYTES = 16;

/**
 * What stands at the end of a kept file to find damage: of what it holds and of its name, since a crash or a bad disk can leave
 * other bytes under the right name. GMAC with a key that everybody knows: a processor takes a quarter of the time that SHA-256
 * would, which is a part of every start.
 *
 * @returns `TAG_BYTES` bytes
 */
export function damageTag(bytes: Uint8Array, file: string): Buffer {
  const name = createHash('sha256').update(basename(file)).digest();
  const gmac = createCipheriv('aes-128-gcm', Buffer.alloc(16), name.subarray(0, 12));
  gmac.setAAD(bytes);
  gmac.final();
  return gmac.getAuthTag();
}
