// The thread in which a small model is trained while the page shows how.
import { DigitRun } from '../../../engine/laboratory/digit-run.ts';
import { startTraining } from '../../../engine/laboratory/gradients.ts';
import { Trainer } from './trainer.ts';

const trainer = new Trainer(
  async (options) => {
    await startTraining();
    return new DigitRun(options);
  },
  (message) => postMessage(message),
);
addEventListener('message', ({ data }) => void trainer.hear(data as Parameters<Trainer['hear']>[0]));
