/** A place that holds one checkpoint: a folder, a package, memory. */
export interface CheckpointStore {
  /** The bytes of the file `name`. @throws where it is missing or cannot be read */
  read(name: string): Promise<Uint8Array>;

  /**
   * Replaces the checkpoint, all or nothing: whatever goes wrong, the store holds the old one or the
   * new one. That can be had with single renames because the last file of the map is the manifest,
   * which names the others, and the others are named after their content.
   */
  write(files: ReadonlyMap<string, Uint8Array>): Promise<void>;
}

/** The manifest's file name. */
export const MANIFEST = 'model.json';

/** What the weight files of a checkpoint are called; nothing else in a store matches. */
export const SHARD_NAME = /^weights-\d+-[0-9a-f]{16}\.bin$/;
