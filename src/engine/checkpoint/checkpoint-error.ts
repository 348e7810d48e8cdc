/** A checkpoint that cannot be read or written; the message says which file and what is wrong with it. */
export class CheckpointError extends Error {
  override name = 'CheckpointError';
}
