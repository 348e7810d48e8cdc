/** The places of the rail. */
export const PLACES = ['caption', 'review', 'translate', 'look-inside'] as const;
export type Place = (typeof PLACES)[number];
