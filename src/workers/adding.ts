// The thread that loads and adds models; see `AddingTasks`.
import { parentPort } from 'node:worker_threads';
import { ModelAdder } from '../service/models/model-adder.ts';
import { TASK_ERRORS } from '../service/task-errors.ts';
import { serveTasks } from '../tasks/serve-tasks.ts';

if (!parentPort) throw new Error('This file is started as a thread.');
serveTasks(parentPort, new ModelAdder(), TASK_ERRORS);
