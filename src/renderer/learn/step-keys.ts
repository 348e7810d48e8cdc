/** How far an arrow key leads, −1 or 1; undefined where the key is not for this, or somebody else takes it. */
export function stepOf(event: KeyboardEvent): number | undefined {
  const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const isTaken = (event.target as HTMLElement).closest(
    'input, textarea, select, [role=application], [data-scrolls], dialog',
  );
  const isChord = event.ctrlKey || event.metaKey || event.altKey;
  return by === undefined || isTaken || isChord || event.defaultPrevented ? undefined : by;
}
