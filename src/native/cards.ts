import { CARDS, type CardName } from '../contract/constants/devices.ts';
import { offeredProviders, onnxRuntime } from './onnx-runtime.ts';
import type { GraphRunner } from './whole-graph.ts';

/** The graphics cards of this computer, as ONNX Runtime reaches them. */
export interface Cards {
  /** What ONNX Runtime was built for here, the one that is tried first at the front; none of them need be there. */
  readonly offered: readonly CardName[];
  /** What runs graphs there; whatever it cannot do runs on the processor. It may well fail once a graph is loaded. */
  open(card: CardName): GraphRunner;
}

/** @throws Error where ONNX Runtime is not installed */
export function cardsHere(): Cards {
  const known = new Set(offeredProviders());
  return {
    offered: CARDS.filter((card) => known.has(card)),
    open: (card) => onnxRuntime({ providers: [card] }),
  };
}
