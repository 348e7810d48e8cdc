import type { CaptionOptions } from '../contract/data/captions.ts';
import type { PhotoRef } from '../captioning/photo-tasks.ts';
import type { PhotoRead } from '../photos/photo-to-caption.ts';
import type { JobQueue } from '../tasks/job-queue.ts';
import type { TaskRunner } from '../tasks/task-thread.ts';
import type { ModelTasks } from './models/model-tasks.ts';

/** One that nobody has asked for after so many milliseconds does not keep others from being looked at ahead. */
const PATIENCE = 2000;

interface Ahead {
  readonly key: string;
  readonly read: Promise<PhotoRead | null>;
  readonly begun: number;
}

/**
 * Whoever adds a photo looks at it next: it is read and encoded while it goes to the disk, so that its first word comes
 * sooner. One at a time, and none while the one before waits to be asked for: of many photos that are added, the first is
 * looked at, and the others have their turn in a batch.
 */
export class LookAhead {
  readonly #models: TaskRunner<ModelTasks>;
  readonly #queue: JobQueue;
  #ahead: Ahead | undefined;

  constructor(models: TaskRunner<ModelTasks>, queue: JobQueue) {
    this.#models = models;
    this.#queue = queue;
  }

  /**
   * Begins with a photo, from its bytes in memory or its file.
   * @param options it will probably be captioned with
   */
  begin(photo: PhotoRef, options: CaptionOptions): void {
    if (this.#ahead && performance.now() - this.#ahead.begun < PATIENCE) return;
    const read = this.#models.run('readPhoto', photo);
    this.#ahead = { key: photo.key, read, begun: performance.now() };
    // What goes wrong is told to whoever asks for the photo.
    this.#encode(photo, read, options).catch(() => undefined);
  }

  /** What was read of a photo ahead, once; undefined where it was not. @throws what reading it throws */
  take(key: string): Promise<PhotoRead | null> | undefined {
    if (this.#ahead?.key !== key) return undefined;
    const { read } = this.#ahead;
    this.#ahead = undefined;
    return read;
  }

  async #encode({ key, name }: PhotoRef, reading: Promise<PhotoRead | null>, options: CaptionOptions): Promise<void> {
    const read = await reading;
    if (!read) return;
    // In the background: whatever somebody waits for goes first.
    await this.#queue.add((signal) => this.#models.run('encode', { photo: { key, name }, read, options }, { signal }), {
      priority: 'background',
    });
  }
}
