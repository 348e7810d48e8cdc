import { flushSync } from 'svelte';
import { onTestFinished } from 'vitest';

/** Makes what a component would make, as it would: its effects run until `end` is called, or the test ends. */
export function asComponent<T>(make: () => T): { made: T; end: () => void } {
  let made: T | undefined;
  const end = $effect.root(() => {
    made = make();
  });
  onTestFinished(end);
  flushSync();
  return { made: made!, end };
}
