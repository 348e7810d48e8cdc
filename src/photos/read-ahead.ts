/**
 * Reads ahead: takes sources from an iterable, starts to read each at once, and hands them out in batches in
 * their order.
 */
export class PhotoQueue<Source, Item> {
  readonly #sources: AsyncIterator<Source> | Iterator<Source>;
  readonly #read: (source: Source) => Promise<Item>;
  readonly #signal: AbortSignal | undefined;
  #arriving: Promise<IteratorResult<Source>> | undefined;
  #ended = false;

  /**
   * @param read must not reject
   * @param signal aborting ends the queue, even while it waits for a source that does not come
   */
  constructor(
    sources: AsyncIterable<Source> | Iterable<Source>,
    read: (source: Source) => Promise<Item>,
    signal?: AbortSignal,
  ) {
    this.#sources = Symbol.asyncIterator in sources ? sources[Symbol.asyncIterator]() : sources[Symbol.iterator]();
    this.#read = read;
    this.#signal = signal;
  }

  /**
   * The next items, at most `limit`; none at the end. Fewer where the next source is slower to come than the
   * items at hand are to read: whoever types paths at a terminal gets each answer at once.
   */
  async take(limit: number): Promise<Item[]> {
    if (this.#signal?.aborted) return [];
    // A promise of this call's own: one for the queue's whole life would collect a reaction for every photo.
    let stop = (): void => undefined;
    const stopped = new Promise<undefined>((resolve) => (stop = () => resolve(undefined)));
    this.#signal?.addEventListener('abort', stop);
    try {
      const batch: Promise<Item>[] = [];
      while (batch.length < limit && !this.#ended) {
        this.#arriving ??= Promise.resolve(this.#sources.next());
        const allRead = batch.length > 0 ? [Promise.all(batch).then(() => undefined)] : [];
        const arrived = await Promise.race([this.#arriving, stopped, ...allRead]);
        if (arrived === undefined) break;
        this.#arriving = undefined;
        if (arrived.done) this.#ended = true;
        else batch.push(this.#read(arrived.value));
      }
      return await Promise.all(batch);
    } finally {
      this.#signal?.removeEventListener('abort', stop);
    }
  }

  /** Lets the iterable clean up. Does not wait for a source that is still to come. */
  close(): void {
    this.#ended = true;
    // Whatever the iterable still says, nobody listens any more.
    this.#arriving?.catch(() => undefined);
    Promise.resolve(this.#sources.return?.()).catch(() => undefined);
  }
}
