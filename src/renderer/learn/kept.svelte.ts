/**
 * What is one for the whole page, and goes on while somebody is at another place.
 * @param make called when it is first asked for
 */
export function kept<T extends object>(make: () => T): () => T {
  let one: T | undefined;
  return () => {
    // Of no component: what is derived in it goes on when the one that asked first is gone.
    if (!one) $effect.root(() => void (one = make()));
    return one as T;
  };
}
