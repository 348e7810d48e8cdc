/** The places of the rail. */
export const PLACES = ['caption', 'review', 'translate', 'look-inside', 'models'] as const;
export type Place = (typeof PLACES)[number];
