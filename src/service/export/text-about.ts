import type { MetadataWriter } from './metadata-writer.ts';
import type { PhotoNeighbours } from './photo-neighbours.ts';
import type { TextBefore } from './photo-text.ts';

/** What stands about a photo, in itself and in sidecars beside it. */
export interface TextAbout {
  readonly photo: TextBefore;
  readonly sidecars: TextBefore;
}

/**
 * Reads what stands about a photo. Before anything is written: one of its files must not count as existing for the next.
 * @param file where its bytes are
 * @param path where its neighbours are; left out: it has none
 */
export async function textAbout(
  metadata: MetadataWriter,
  neighbours: PhotoNeighbours,
  file: string,
  path: string | undefined,
): Promise<TextAbout> {
  const sidecars = path === undefined ? [] : await neighbours.sidecarsOf(path);
  return { photo: await metadata.textIn([file]), sidecars: await metadata.textIn(sidecars) };
}
