/** How captions are worded: `plain` as the model says them, `careful` with more general words where it is not sure. */
export const WORDINGS = ['plain', 'careful'] as const;
export type Wording = (typeof WORDINGS)[number];
