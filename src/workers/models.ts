// The thread that runs the models; see `startModels`.
import { parentPort, workerData } from 'node:worker_threads';
import { ModelHost, type ModelHostOptions } from '../service/models/model-host.ts';
import { TASK_ERRORS } from '../service/task-errors.ts';
import { serveTasks } from '../tasks/serve-tasks.ts';

if (!parentPort) throw new Error('This file is started as a thread.');
serveTasks(parentPort, new ModelHost(workerData as ModelHostOptions), TASK_ERRORS);
