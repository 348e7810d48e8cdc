// The thread that draws pictures.
import { parentPort } from 'node:worker_threads';
import { PictureHost } from '../service/export/picture-tasks.ts';
import { TASK_ERRORS } from '../service/task-errors.ts';
import { serveTasks } from '../tasks/serve-tasks.ts';

if (!parentPort) throw new Error('This file is started as a thread.');
serveTasks(parentPort, new PictureHost(), TASK_ERRORS);
