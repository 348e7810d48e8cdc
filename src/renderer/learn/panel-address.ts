import type { Panel } from '../state/places.ts';

/** A count in an address; undefined where it has none, or something else. */
export function countIn(panel: Panel, name: string): number | undefined {
  const text = panel[name];
  return text !== undefined && /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

/** One of some names in an address; undefined where it has none of them. */
export function oneIn<Name extends string>(panel: Panel, name: string, known: readonly Name[]): Name | undefined {
  return known.find((one) => one === panel[name]);
}
