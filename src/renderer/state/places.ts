/** The places of the rail. */
export const PLACES = ['caption', 'review', 'translate', 'look-inside', 'models', 'learn'] as const;
export type Place = (typeof PLACES)[number];

/** What there is to learn, each with an address of its own. */
export const TOPICS = ['caption', 'hard', 'sentence', 'beam', 'heads', 'train', 'stories', 'measured'] as const;
export type Topic = (typeof TOPICS)[number];

/** What of a topic is shown (a photo, a sentence, a word, a step), as its address has it. */
export type Panel = Readonly<Record<string, string>>;
