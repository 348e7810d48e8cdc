/** What lists measure by must be known in pixels; a user may have chosen larger letters. @returns pixels of so many rem */
export function rem(count: number): number {
  return count * (Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16);
}
