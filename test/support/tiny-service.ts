import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AttendService, type ServiceOptions } from '../../src/service/attend-service.ts';
import { ModelHost } from '../../src/service/models/model-host.ts';
import type { ModelTasks } from '../../src/service/models/model-tasks.ts';
import { TASK_ERRORS } from '../../src/service/task-errors.ts';
import { LocalTasks } from '../../src/tasks/local-tasks.ts';
import { backendUnderTest } from './backend.ts';
import { temporaryFolder, writeTinyModel, writeTinyPhoto } from './tiny-captioner.ts';

/** A folder with the tiny captioner and photos, and services that use them. */
export interface TinyPlace {
  readonly folder: string;
  /** Paths of three photos. */
  readonly photos: readonly string[];
  /**
   * A service over the place's library; models run beside it, without a translator unless one is named. Close it
   * before the next one is opened.
   */
  open(options?: Partial<ServiceOptions> & { translator?: string }): Promise<AttendService>;
  remove(): Promise<void>;
}

export async function tinyPlace(): Promise<TinyPlace> {
  const { path: folder, remove } = await temporaryFolder();
  const model = await writeTinyModel(folder);
  const photos = Array.from({ length: 3 }, (_, i) => join(folder, 'photos', `photo-${i}.png`));
  await mkdir(join(folder, 'photos'));
  for (const [seed, photo] of photos.entries()) await writeTinyPhoto(photo, seed);
  return {
    folder,
    photos,
    remove,
    open: ({ translator, ...options } = {}) =>
      AttendService.open({
        door: 'browser',
        data: join(folder, 'data'),
        cache: join(folder, 'cache'),
        samples: join(folder, 'photos'),
        models: new LocalTasks<ModelTasks>(
          new ModelHost({ captioner: model, translator, models: folder, backend: backendUnderTest }),
          TASK_ERRORS,
        ),
        ...options,
      }),
  };
}
