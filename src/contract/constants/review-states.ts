/** How far a person has looked at a photo's caption, in the order in which that is told. */
export const REVIEW_STATES = ['new', 'accepted', 'edited', 'rejected'] as const;
export type ReviewState = (typeof REVIEW_STATES)[number];
