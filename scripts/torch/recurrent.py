"""Recurrent cells and the encoder, of many models at once: the first dimension of every tensor is the model ("runs").

Small recurrent networks keep no card busy: their steps are many and short. Models that differ in nothing but seed and
learning rate are therefore computed as one, each product a batch of products.
"""

import torch

# What a cell's weights are called, with what follows its name, in the engine's order.
CELL_WEIGHTS = {
    "gru": ("gates.kernel", "gates.bias", "candidate.kernel", "candidate.bias"),
    "lstm": ("kernel", "bias"),
    "plain": ("kernel", "bias"),
}


def cell_shapes(kind, inputs, size):
    """{weight: shape} of a cell (src/engine/layers/gru.ts, lstm.ts, plain.ts)."""
    rows = inputs + size
    if kind == "gru":
        shapes = [(rows, 2 * size), (2 * size,), (rows, size), (size,)]
    else:
        width = {"lstm": 4, "plain": 1}[kind] * size
        shapes = [(rows, width), (width,)]
    return dict(zip(CELL_WEIGHTS[kind], shapes))


class Cell:
    """
    One step of a recurrence, in two parts: what the first columns of the input say, for all steps at once, and the rest.

    GRU: z, r = σ([x; h] W + b), h̃ = tanh([x; r h] W' + b'), h' = (1 − z) h + z h̃.
    LSTM: i, f, o, g = σ, σ, σ, tanh ([x; h] W + b), c' = f c + i g, h' = o tanh c'.
    Plain: h' = tanh([x; h] W + b).

    @param weights: {name as in CELL_WEIGHTS: [runs, ...]}
    @param width: columns of the input that `given` sees
    """

    def __init__(self, kind, weights, width):
        self.kind = kind
        if kind == "gru":
            kernel = torch.cat([weights["gates.kernel"], weights["candidate.kernel"]], 2)
            bias = torch.cat([weights["gates.bias"], weights["candidate.bias"]], 1)
            self.candidate = weights["candidate.kernel"][:, width:]
            self.recurrent = weights["gates.kernel"][:, width:]
        else:
            kernel, bias = weights["kernel"], weights["bias"]
            self.recurrent = kernel[:, width:]
        self.own, self.bias = kernel[:, :width], bias[:, None]
        self.size = bias.shape[1] // {"gru": 1, "lstm": 4, "plain": 1}[kind]
        if kind == "gru":
            self.size = bias.shape[1] // 3

    def given(self, x):
        """What x says to all gates. @param x: [runs, rows, width] -> [runs, rows, gates]"""
        return torch.baddbmm(self.bias, x, self.own)

    def step(self, given, rest, state):
        """
        @param given: rows of `given` of this step, [runs, rows, gates]
        @param rest: the input's other columns, [runs, rows, ...], or None
        @param state: [h], or [h, c] of an LSTM, each [runs, rows, size]
        """
        h, size = state[0], self.size

        def beside(x):
            return x if rest is None else torch.cat([rest, x], 2)

        if self.kind == "plain":
            return [torch.tanh(torch.baddbmm(given, beside(h), self.recurrent))]
        if self.kind == "gru":
            gates = torch.sigmoid(torch.baddbmm(given[..., : 2 * size], beside(h), self.recurrent))
            z, r = gates.chunk(2, 2)
            candidate = torch.tanh(torch.baddbmm(given[..., 2 * size :], beside(r * h), self.candidate))
            return [torch.lerp(h, candidate, z)]
        sums = torch.baddbmm(given, beside(h), self.recurrent)
        i, f, o = torch.sigmoid(sums[..., : 3 * size]).chunk(3, 2)
        c = f * state[1] + i * torch.tanh(sums[..., 3 * size :])
        return [o * torch.tanh(c), c]

    def zero(self, runs, rows, like):
        """The state before the first step."""
        return [like.new_zeros(runs, rows, self.size) for _ in range(2 if self.kind == "lstm" else 1)]


def along(cell, x):
    """
    Runs a cell along sequences. Behind the end of a row its state goes on; nobody reads it.

    @param x: [runs, rows, length, width] -> the parts of the state at every token, each [runs, rows, length, size]
    """
    runs, rows, length, width = x.shape
    given = cell.given(x.transpose(1, 2).reshape(runs, length * rows, width)).unflatten(1, (length, rows))
    state, states = cell.zero(runs, rows, x), []
    for t in range(length):
        state = cell.step(given[:, t], None, state)
        states.append(state)
    return [torch.stack(part, 2) for part in zip(*states)]


def encode(kind, weights, x, lengths):
    """
    The annotations of sources: h_j, or [→h_j; ←h_j] where there are weights of two directions
    (src/engine/layers/bidirectional.ts). Backward is forward on the reversed row.

    @param weights: {name behind `encoder.`: [runs, ...]}
    @param x: [runs, rows, length, width]
    @param lengths: [runs, rows]
    -> (annotations [runs, rows, length, size], final: parts of the last state, each [runs, rows, size])
    """
    runs, rows, length, width = x.shape
    last = (lengths - 1)[:, :, None, None]
    if f"forward.{CELL_WEIGHTS[kind][0]}" not in weights:
        states = along(Cell(kind, weights, width), x)
        return states[0], [_at(part, last) for part in states]
    both = {name: torch.cat([weights[f"forward.{name}"], weights[f"backward.{name}"]]) for name in CELL_WEIGHTS[kind]}
    places = torch.arange(length, device=x.device).expand(runs, rows, length)
    reverse = torch.where(places < lengths[:, :, None], lengths[:, :, None] - 1 - places, places)[..., None]
    turned = x.gather(2, reverse.expand(-1, -1, -1, width))
    states = along(Cell(kind, both, width), torch.cat([x, turned]))
    size = states[0].shape[3]
    back = states[0][runs:].gather(2, reverse.expand(-1, -1, -1, size))
    final = [torch.cat([_at(part[:runs], last), _at(part[runs:], last)], 2) for part in states]
    return torch.cat([states[0][:runs], back], 3), final


def _at(states, place):
    """The state at one token of each row. @param place: [runs, rows, 1, 1]"""
    return states.gather(2, place.expand(-1, -1, 1, states.shape[3])).squeeze(2)
