import { AttendService, type ServiceOptions } from './attend-service.ts';
import type { PictureTasks } from './export/picture-tasks.ts';
import type { ModelHostOptions } from './models/model-host.ts';
import type { AddingTasks } from './models/model-adder.ts';
import type { ModelTasks } from './models/model-tasks.ts';
import { TASK_ERRORS } from './task-errors.ts';
import { TaskThread } from '../tasks/task-thread.ts';
import { workerFile } from '../files/worker-file.ts';

/** Opens the service with a thread for the models and one for pictures (and one for adding models, where somebody does), and begins to load the models. */
export async function startService(
  options: Omit<ServiceOptions, 'models' | 'pictures' | 'adding'> & { models?: ModelHostOptions },
): Promise<AttendService> {
  const { models, ...rest } = options;
  const service = await AttendService.open({
    ...rest,
    models: new TaskThread<ModelTasks>(workerFile('models'), {
      errors: TASK_ERRORS,
      name: 'The models',
      data: models ?? {},
    }),
    pictures: new TaskThread<PictureTasks>(workerFile('pictures'), {
      errors: TASK_ERRORS,
      name: 'The drawing of pictures',
    }),
    adding: new TaskThread<AddingTasks>(workerFile('adding'), {
      errors: TASK_ERRORS,
      name: 'The adding of models',
    }),
  });
  void service.warmUp();
  return service;
}
