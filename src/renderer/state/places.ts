/** The places of the rail. */
export const PLACES = ['caption', 'translate', 'look-inside'] as const;
export type Place = (typeof PLACES)[number];
