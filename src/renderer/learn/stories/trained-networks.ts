import type { TrainedNetwork } from '../../../engine/laboratory/stories/trained-network.ts';
import networks from './trained-networks.json';

/** One network for each number of hops, as `npm run laboratory -- stories` trained them. */
export const TRAINED_NETWORKS: readonly TrainedNetwork[] = networks;
export const HOPS: readonly number[] = TRAINED_NETWORKS.map(({ hops }) => hops);
