/** What `attend caption --write` can write beside photos. */
export const WRITE_FORMATS = ['xmp', 'embed', 'txt'] as const;
export type WriteFormat = (typeof WRITE_FORMATS)[number];

/** What `--existing` says of texts that stand there already. */
export const EXISTING = ['skip', 'append', 'overwrite'] as const;
