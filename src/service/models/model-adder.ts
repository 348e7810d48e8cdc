import type { AddingProgress, ModelOffer } from '../../contract/data/models.ts';
import type { HubOffer } from '../../model-folders/hub/add-from-hub.ts';
import { HubConnection } from '../../model-folders/hub/hub-connection.ts';
import type { TaskControl } from '../../tasks/task-control.ts';

/** Adding models, which takes minutes and much memory: in a thread of its own, so that captions go on meanwhile. */
export interface AddingTasks {
  /** What a model of the Hub is. */
  offer(input: { name: string; revision?: string | undefined }, control: TaskControl<never>): Promise<ModelOffer>;
  /** Loads it and adds it. */
  add(input: { name: string; revision: string }, control: TaskControl<AddingProgress>): Promise<{ name: string }>;
  /** Adds a folder as its authors publish it. */
  addFolder(input: { path: string }, control: TaskControl<never>): Promise<{ name: string }>;
}

/** Milliseconds from report to report: each piece of a download would be thousands. */
const REPORTS = 100;

// They bring the engine, which is not to be loaded into the process that only asks for this.
const fromHub = () => import('../../model-folders/hub/add-from-hub.ts');

export class ModelAdder implements AddingTasks {
  offer: AddingTasks['offer'] = async ({ name, revision }, { signal }) => {
    const { offerFromHub } = await fromHub();
    const connection = new HubConnection();
    const offer = await offerFromHub(connection, name, { revision, signal });
    return offered(offer, connection);
  };

  add: AddingTasks['add'] = async ({ name, revision }, control) => {
    const { signal } = control;
    const { addFromHub, offerFromHub } = await fromHub();
    const connection = new HubConnection();
    // Asked once more: what the page was offered is the page's word.
    const offer = await offerFromHub(connection, name, { revision, signal });
    let last = -Infinity;
    const added = await addFromHub(connection, offer, {
      signal,
      report(progress) {
        if (progress.stage === 'load' && performance.now() - last < REPORTS) return;
        last = performance.now();
        control.report(progress);
      },
    });
    return { name: added.name };
  };

  addFolder: AddingTasks['addFolder'] = async ({ path }) => {
    const { addModel } = await import('../../model-folders/published/add-model.ts');
    const { name } = await addModel(path);
    return { name };
  };
}

function offered({ bytes, family, licence, loaded, name, revision }: HubOffer, { host }: HubConnection): ModelOffer {
  return { name, revision, family, licence: licence ?? null, bytes, loaded, host };
}
