// The thread in which the memory networks answer.
import { answerStories } from '../../../engine/laboratory/stories/answer-stories.ts';
import { unpackNetwork } from '../../../engine/laboratory/stories/trained-network.ts';
import { startTraining } from '../../../engine/laboratory/gradients.ts';
import type { MemoryNetwork } from '../../../engine/models/memory-network.ts';
import type { FromStories, ToStories } from './stories-messages.ts';
import { TRAINED_NETWORKS } from './trained-networks.ts';

const networks = new Map<number, MemoryNetwork>();

async function answer({ hops, id, story }: ToStories): Promise<FromStories> {
  try {
    await startTraining();
    let network = networks.get(hops);
    if (!network) {
      const trained = TRAINED_NETWORKS.find((one) => one.hops === hops);
      if (!trained) throw new Error(`There is no network of ${hops} hops.`);
      networks.set(hops, (network = unpackNetwork(trained)));
    }
    const [told] = answerStories(network, [story]);
    if (!told) throw new Error('The network gave no answer.');
    return { id, answer: told };
  } catch (error) {
    return { id, problem: error instanceof Error ? error.message : String(error) };
  }
}

addEventListener('message', ({ data }) => {
  void answer(data as ToStories).then((message) => postMessage(message));
});
