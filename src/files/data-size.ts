/** "12.3 MB", in millions of bytes; of less than one, "45 kB", in thousands. */
export function dataSize(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
