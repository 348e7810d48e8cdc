import type { AskedStory, StoryAnswer } from '../../../engine/laboratory/stories/answer-stories.ts';

/** What the page asks the worker. */
export interface ToStories {
  /** Comes back with the answer. */
  readonly id: number;
  readonly hops: number;
  readonly story: AskedStory;
}

/** What the worker answers. */
export type FromStories =
  { readonly id: number; readonly answer: StoryAnswer } | { readonly id: number; readonly problem: string };
