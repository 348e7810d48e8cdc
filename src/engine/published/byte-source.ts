/** Bytes that are read in parts: those of a file may be more than fit into one array. */
export interface ByteSource {
  readonly length: number;
  /** Those from `from` up to `to`, both within the length. */
  read(from: number, to: number): Uint8Array;
}

/** Bytes that are in memory, as a source; a source as it is. */
export function byteSource(bytes: Uint8Array | ByteSource): ByteSource {
  return bytes instanceof Uint8Array ? { length: bytes.length, read: (from, to) => bytes.subarray(from, to) } : bytes;
}
