import type { CheckpointStore } from '../../src/engine/checkpoint/store.ts';

/** A checkpoint in memory. */
export class MemoryStore implements CheckpointStore {
  files = new Map<string, Uint8Array>();

  async read(name: string): Promise<Uint8Array> {
    const bytes = this.files.get(name);
    if (!bytes) throw new Error('no such file');
    return bytes;
  }

  async write(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    this.files = new Map(files);
  }
}
