import { described } from './check.ts';

/** A photo: the path of its file, or the file's bytes under a name. */
export type PhotoInput = string | { name: string; bytes: Uint8Array };

/** @throws TypeError where it is neither a path nor a file's bytes under a name */
export function checkPhoto(photo: unknown): asserts photo is PhotoInput {
  const isBytes = (value: object): boolean =>
    'name' in value && typeof value.name === 'string' && 'bytes' in value && value.bytes instanceof Uint8Array;
  if (typeof photo === 'string' ? photo !== '' : typeof photo === 'object' && photo !== null && isBytes(photo)) return;
  throw new TypeError(
    `A photo is the path of its file, or { name, bytes } with a Uint8Array, and not ${described(photo)}.`,
  );
}
