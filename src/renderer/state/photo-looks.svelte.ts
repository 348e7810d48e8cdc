import { untrack } from 'svelte';
import type { Word } from '../../contract/data/captions.ts';
import { Asking } from './asking.svelte.ts';
import type { Desk } from './desk.ts';
import type { Library } from './library.svelte.ts';
import { OfPhoto } from './of-photo.svelte.ts';

/** How a photo is looked at: by soft attention, by what mattered to its words, and by hard attention. */
export const LOOKS = ['looked', 'mattered', 'hard'] as const;
export type LookName = (typeof LOOKS)[number];

/** A caption's words, and the grid of their maps. */
interface Caption {
  readonly words: readonly Word[];
  readonly grid: readonly [number, number];
}

/** The looks at the library's photo, word by word. Made by a component, with which its requests end. */
export class PhotoLooks extends OfPhoto {
  readonly caption: Asking<Caption>;
  /** Of each word where the photo mattered to it: found when somebody wants it. */
  readonly mattered: Asking<readonly (readonly number[])[]>;
  /** The same words by hard attention. */
  readonly hard: Asking<readonly Word[]>;
  /** Of what mattered. */
  progress = $state.raw<{ done: number; total: number } | null>(null);
  /** Which word is looked at. */
  place = $state(0);

  readonly words = $derived.by((): readonly Word[] => this.caption.answer?.words ?? []);
  /** What is known, in order. */
  readonly looks = $derived.by((): { name: LookName; words: readonly Word[] }[] => {
    const mattered = this.mattered.answer;
    const hard = this.hard.answer;
    return [
      { name: 'looked' as const, words: this.words },
      ...(mattered
        ? [
            {
              name: 'mattered' as const,
              words: this.words.map((word, i) => ({ ...word, weights: [...(mattered[i] ?? [])] })),
            },
          ]
        : []),
      ...(hard ? [{ name: 'hard' as const, words: hard }] : []),
    ];
  });
  readonly isWorking = $derived.by(() => this.mattered.working || this.hard.working);

  constructor(desk: Desk, library: Library) {
    super(desk, library);
    this.caption = new Asking(desk);
    this.mattered = new Asking(desk);
    this.hard = new Asking(desk);
    $effect(() => this.#follow());
    $effect(() => () => {
      for (const one of [this.caption, this.mattered, this.hard]) one.stop();
    });
  }

  /** Finds what mattered, and what hard attention looked at for the same words. */
  async compare(): Promise<void> {
    const photoId = this.photo?.id;
    const said = this.words.map(({ word }) => word);
    if (photoId === undefined || said.length === 0) return;
    const { client } = this.desk;
    this.progress = { done: 0, total: 1 };
    await this.mattered.ask(async (signal) => {
      const onProgress = (progress: { done: number; total: number }): void => {
        if (!signal.aborted) this.progress = progress;
      };
      return (await client.request('caption.mattered', { photoId, words: said }, { signal, onProgress })).weights;
    });
    this.progress = null;
    if (this.photo?.id !== photoId) return;
    await this.hard.ask(async (signal) => {
      const { same, soft } = await client.request('learn.softAndHard', { photoId }, { signal });
      // The photo may have been captioned by another model, or anew since.
      const isSame = soft.words.map(({ word }) => word).join(' ') === said.join(' ');
      return isSame ? same : [];
    });
    if (this.hard.answer?.length === 0) this.hard.answer = null;
  }

  #follow(): void {
    const { client, returns: _returns } = this.desk;
    const photoId = this.photo?.id;
    untrack(() => {
      for (const one of [this.caption, this.mattered, this.hard]) {
        one.stop();
        one.answer = null;
        one.problem = '';
      }
      this.progress = null;
      this.place = 0;
    });
    if (photoId === undefined) return;
    untrack(() => {
      void this.caption.ask(async (signal) => {
        const { result } = await client.request('caption.get', { photoId }, { signal });
        const { captions, grid } = result ?? (await client.request('caption.run', { photoId }, { signal }));
        return { words: captions[0]?.words.filter(({ weights }) => weights.length > 0) ?? [], grid };
      });
    });
  }
}
