declare const ATTEND_BUILD: string | undefined;

/** A checksum of the sources and dependencies that were built; nothing where they run as they are written. */
export function buildId(): string | undefined {
  return typeof ATTEND_BUILD === 'string' ? ATTEND_BUILD : undefined;
}
