"""Training many runs of one model as one: the optimiser, the batches, and a step that a card repeats as a whole."""

import math

import numpy as np
import torch

# Pairs are put together with others that fit into the same width, so that there are few shapes.
WIDTHS = (12, 16, 20, 24, 30, 40, 60)


class RunsOptimiser:
    """
    AdamW without decay (Kingma and Ba 2015), clipping by the norm of each run's gradient, and a running average of the
    weights, as in src/engine/training/adam-w.ts; each run has a rate of its own. Whatever changes from step to step lies
    on the device, so that a step can be recorded.

    @param leaves: weights, [runs, ...] each
    @param rates: the highest rate of each run, [runs]; `factor` says how much of it a step takes
    """

    def __init__(self, leaves, rates, beta2, clip, averaging):
        self.leaves, self.beta2, self.clip, self.averaging = leaves, beta2, clip, averaging
        self.sizes = [leaf[0].numel() for leaf in leaves]
        self.rates = rates[:, None]
        self.average = self._flat(leaf.detach() for leaf in leaves)
        self.m, self.v = torch.zeros_like(self.average), torch.zeros_like(self.average)
        self.steps, self.factor = self.average.new_zeros(()), self.average.new_zeros(())

    @staticmethod
    def _flat(tensors):
        return torch.cat([tensor.flatten(1) for tensor in tensors], 1)

    @torch.no_grad()
    def step(self, gradients):
        """One update; a run whose gradient is not finite stays as it is but for its momentum."""
        g = self._flat(gradients)
        norm = torch.linalg.vector_norm(g, dim=1, keepdim=True)
        g = (g * (self.clip / norm).clamp(max=1)).masked_fill(~torch.isfinite(norm), 0.0)
        self.steps += 1
        first = 1 - (self.steps * math.log(0.9)).exp()
        second = (1 - (self.steps * math.log(self.beta2)).exp()).sqrt()
        self.m.lerp_(g, 0.1)
        self.v.mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
        size = self.rates * (self.factor * second / first)
        change = self.m / (self.v.sqrt() + 1e-8 * second) * size
        for leaf, part in zip(self.leaves, change.split(self.sizes, 1)):
            leaf.sub_(part.view_as(leaf))
        # A young average would hang on to the first weights, so its decay starts low.
        decay = ((1 + self.steps) / (10 + self.steps)).clamp(max=self.averaging)
        self.average.lerp_(self._flat(self.leaves), 1 - decay)

    def averaged(self):
        """The averaged weights, in the leaves' order."""
        return [part.reshape(leaf.shape) for leaf, part in zip(self.leaves, self.average.split(self.sizes, 1))]

    def state(self):
        """Tensors that a checkpoint needs to go on."""
        value = self._flat(leaf.detach() for leaf in self.leaves)
        return {"value": value, "m": self.m, "v": self.v, "average": self.average, "steps": self.steps}

    @torch.no_grad()
    def restore(self, state):
        """Takes up a `state`, in place: a recorded step goes on with it."""
        for name in ("m", "v", "average", "steps"):
            getattr(self, name).copy_(state[name])
        for leaf, part in zip(self.leaves, state["value"].split(self.sizes, 1)):
            leaf.copy_(part.view_as(leaf))


class RunsData:
    """
    All pairs on the device, as rectangles, and which of them are seen when.

    @param pairs: a `PackedPairs`
    @param seeds: the runs of a seed see the same batches; all seeds have batches of the same widths in the same order
    """

    def __init__(self, pairs, seeds, device):
        if not (pairs.weights == 1).all():
            raise ValueError("Runs that are trained together see every pair once an epoch; these pairs have weights.")
        self.device, self.most = device, pairs.most
        self.width = int(max(pairs.source_lengths.max(), pairs.target_lengths.max() + 1))
        index = np.arange(len(pairs.weights))
        before, pairs.multiple = pairs.multiple, self.width
        sources, _, fed, wanted = zip(*(pairs.batch(part) for part in np.array_split(index, 1 + len(index) // 4096)))
        pairs.multiple = before
        self.sources, self.fed, self.wanted = (torch.cat(parts) for parts in (sources, fed, wanted))
        self.lengths = torch.from_numpy(pairs.source_lengths).to(device)
        longest = np.maximum(pairs.source_lengths, pairs.target_lengths + 1)
        self.widths = [w for w in WIDTHS if w < self.width] + [self.width]
        place = np.searchsorted(self.widths, longest)
        self.buckets = {w: index[place == i] for i, w in enumerate(self.widths) if (place == i).sum() >= self.rows(w)}
        self.seeds = seeds

    def rows(self, width):
        """Pairs of a batch."""
        return max(1, self.most // width)

    def epoch(self, number):
        """-> list of (width, pairs [seeds, rows] on the device), in random order; what fills no batch is left out"""
        order = []
        for width, members in self.buckets.items():
            rows = self.rows(width)
            count = len(members) // rows
            mixed = [
                np.random.default_rng([seed, number, width]).permutation(members)[: count * rows].reshape(count, rows)
                for seed in self.seeds
            ]
            order.extend((width, batch) for batch in torch.from_numpy(np.stack(mixed, 1)).to(self.device))
        return [order[i] for i in np.random.default_rng([number]).permutation(len(order))]

    def batch(self, pairs, width):
        """@param pairs: [runs, rows] -> sources, lengths, fed, wanted of these pairs"""
        sources, fed, wanted = (table[:, :width][pairs] for table in (self.sources, self.fed, self.wanted))
        return sources, self.lengths[pairs], fed, wanted


class Recorded:
    """
    A step of a group of runs, recorded once for each width and then repeated by the card without asking the processor
    (CUDA graphs); step by step where there is no card, or where recording fails.

    @param update: (pairs, width) -> leaves its losses in a tensor that it keeps
    @param stream: where this group's steps run, one after the other
    @param pool: memory that all recordings of a stream share
    """

    def __init__(self, update, stream=None, pool=None):
        self.update, self.stream, self.pool = update, stream, pool
        self.graphs, self.pairs = {}, {}

    def record(self, width, pairs):
        """@param pairs: an example"""
        self.pairs[width] = pairs.clone()
        self.stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(self.stream):
            for _ in range(1 if self.graphs else 2):
                self.update(self.pairs[width], width)
        torch.cuda.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self.pool, stream=self.stream, capture_error_mode="thread_local"):
            self.update(self.pairs[width], width)
        self.graphs[width] = graph

    def __call__(self, pairs, width):
        if width not in self.graphs:
            self.update(pairs, width)
            return
        with torch.cuda.stream(self.stream):
            self.pairs[width].copy_(pairs)
            self.graphs[width].replay()
