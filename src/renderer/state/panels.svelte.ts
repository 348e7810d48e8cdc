/** What is open around the photo. */
export class Panels {
  editing = $state(false);
  /** What the editor holds. */
  draft = '';
  /** What the editor begins with where it is not the caption; null: the caption. */
  begun: string | null = null;
  /** The contact sheet, in the photo's place. */
  sheet = $state(false);
  /** What stands beside the photo: there is room for one. */
  #side = $state<'others' | 'map' | null>(null);

  /** The other captions. */
  get others(): boolean {
    return this.#side === 'others';
  }

  set others(isOpen: boolean) {
    this.#open('others', isOpen);
  }

  /** How maps are drawn. */
  get map(): boolean {
    return this.#side === 'map';
  }

  set map(isOpen: boolean) {
    this.#open('map', isOpen);
  }

  #open(side: 'others' | 'map', isOpen: boolean): void {
    if (isOpen) this.#side = side;
    else if (this.#side === side) this.#side = null;
  }
}
