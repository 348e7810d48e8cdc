import { untrack } from 'svelte';
import type { Word } from '../../../contract/data/captions.ts';
import type { SoftAndHard } from '../../../contract/data/traces.ts';
import type { Desk } from '../../state/desk.ts';
import type { Library } from '../../state/library.svelte.ts';
import { OfPhoto } from '../../state/of-photo.svelte.ts';
import type { Panel } from '../../state/places.ts';
import { Asking } from '../../state/asking.svelte.ts';
import { openWanted } from '../caption-lesson.svelte.ts';
import { countIn, oneIn } from '../panel-address.ts';

/** What hard attention writes: the words of soft attention, or its own. */
export const WRITES = ['same', 'own'] as const;
export type Writes = (typeof WRITES)[number];

/** Soft and hard attention on one photo, word by word. Made by a component, with which its requests end. */
export class HardLesson extends OfPhoto {
  readonly asking: Asking<SoftAndHard>;
  writes = $state<Writes>('same');
  /** Which word is looked at. */
  place = $state(0);

  readonly told = $derived.by(() => this.asking.answer);
  readonly soft = $derived<readonly Word[]>(this.told?.soft.words ?? []);
  readonly hard = $derived<readonly Word[]>((this.writes === 'same' ? this.told?.same : this.told?.hard.words) ?? []);
  readonly most = $derived(Math.max(this.soft.length, this.hard.length));
  readonly panel = $derived.by((): Panel =>
    this.photo ? { photo: this.photo.id, writes: this.writes, ...(this.told && { word: String(this.place) }) } : {},
  );

  constructor(desk: Desk, library: Library, panel: Panel) {
    super(desk, library);
    this.asking = new Asking(desk);
    openWanted(library, panel);
    this.writes = oneIn(panel, 'writes', WRITES) ?? 'same';
    this.place = countIn(panel, 'word') ?? 0;
    $effect(() => this.#follow());
    $effect(() => () => this.asking.stop());
  }

  /** On by some words, or back. */
  turn(by: number): void {
    this.place = Math.max(0, Math.min(this.most - 1, this.place + by));
  }

  #follow(): void {
    const { client, returns: _returns } = this.desk;
    const photoId = this.photo?.id;
    if (photoId === undefined) return;
    untrack(() => {
      void this.asking
        .ask((signal) => client.request('learn.softAndHard', { photoId }, { signal }))
        .then((isNew) => {
          if (isNew) this.place = Math.max(0, Math.min(this.most - 1, this.place));
        });
    });
  }
}
