/** What storage systems and other programs keep beside photos: thumbnails, deleted files, snapshots. */
const OF_SYSTEMS = new Set(
  '@eadir #recycle #snapshot @recycle @recently-snapshot @tmp $recycle.bin recycler __macosx lost+found'.split(' '),
).add('system volume information');

/** Whether a file or folder inside a folder is no photo of anybody's: hidden, or a system's own. */
export function isPassedOver(name: string): boolean {
  return name.startsWith('.') || OF_SYSTEMS.has(name.toLowerCase());
}
