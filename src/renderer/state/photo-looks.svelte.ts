import { untrack } from 'svelte';
import { FOUND_MAPS, MAP_KINDS, toBeFound, type FoundMaps } from '../../contract/constants/map-kinds.ts';
import type { Word } from '../../contract/data/captions.ts';
import { Asking } from './asking.svelte.ts';
import type { Desk } from './desk.ts';
import type { Library } from './library.svelte.ts';
import { OfPhoto } from './of-photo.svelte.ts';

/** How a photo is looked at: by soft attention before and after each word is known, by what mattered to its words, and by hard attention. */
export const LOOKS = [...MAP_KINDS, 'hard'] as const;
export type LookName = (typeof LOOKS)[number];

/** A caption's words, and the grid of their maps. */
interface Caption {
  readonly words: readonly Word[];
  readonly grid: readonly [number, number];
}

/** The looks at the library's photo, word by word. Made by a component, with which its requests end. */
export class PhotoLooks extends OfPhoto {
  readonly caption: Asking<Caption>;
  /** Other maps of each word: found when somebody wants them. */
  readonly found: Readonly<Record<FoundMaps, Asking<readonly (readonly number[])[]>>>;
  /** The same words by hard attention. */
  readonly hard: Asking<readonly Word[]>;
  /** Of what mattered. */
  progress = $state.raw<{ done: number; total: number } | null>(null);
  /** Which word is looked at. */
  place = $state(0);

  readonly words = $derived.by((): readonly Word[] => this.caption.answer?.words ?? []);
  /** What is known, in order. */
  readonly looks = $derived.by((): { name: LookName; words: readonly Word[] }[] => {
    const hard = this.hard.answer;
    return [
      { name: 'looked' as const, words: this.words },
      ...FOUND_MAPS.flatMap((name) => {
        const maps = this.found[name].answer;
        return maps ? [{ name, words: this.words.map((word, i) => ({ ...word, weights: [...(maps[i] ?? [])] })) }] : [];
      }),
      ...(hard ? [{ name: 'hard' as const, words: hard }] : []),
    ];
  });
  readonly isWorking = $derived.by(() => this.hard.working || FOUND_MAPS.some((kind) => this.found[kind].working));

  constructor(desk: Desk, library: Library) {
    super(desk, library);
    this.caption = new Asking(desk);
    this.found = { posterior: new Asking(desk), mattered: new Asking(desk) };
    this.hard = new Asking(desk);
    $effect(() => this.#follow());
    $effect(() => () => {
      for (const one of this.asked) one.stop();
    });
  }

  /** All that is asked for. */
  get asked(): readonly Pick<Asking<unknown>, 'answer' | 'problem' | 'stop'>[] {
    return [this.caption, ...FOUND_MAPS.map((kind) => this.found[kind]), this.hard];
  }

  /** Finds the other maps, and what hard attention looked at for the same words. */
  async compare(): Promise<void> {
    const photoId = this.photo?.id;
    const said = this.words.map(({ word }) => word);
    if (photoId === undefined || said.length === 0) return;
    const { client } = this.desk;
    this.progress = { done: 0, total: 1 };
    for (const kind of this.desk.mapKinds.flatMap((one) => toBeFound(one) ?? [])) {
      await this.found[kind].ask(async (signal) => {
        const onProgress = (progress: { done: number; total: number }): void => {
          if (!signal.aborted) this.progress = progress;
        };
        return (await client.request(`caption.${kind}`, { photoId, words: said }, { signal, onProgress })).weights;
      });
      if (this.photo?.id !== photoId) return;
    }
    this.progress = null;
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
      for (const one of this.asked) {
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
