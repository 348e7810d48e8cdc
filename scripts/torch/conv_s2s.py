"""ConvS2S (Gehring et al. 2017): the mirror of src/engine/models/conv-s2s.ts, with gradients."""

import math

import torch
from torch.nn.functional import dropout, embedding, glu, pad

from text_output import TextOutput
from transformer import positions

# The standard deviation of the first embeddings (section 3.5).
SPREAD = 0.1


class ConvS2S(TextOutput):
    """
    - input: E x_p + p, through dropout;
    - encoder and decoder: blocks of a convolution with a gated linear unit and what came in beside it, times sqrt(1/2);
    - every layer of the decoder looks at the source: a = softmax((W h + b + g) z'), c = sqrt(m) sum a (z + e);
    - p(y_t) = softmax(h E^T + b).

    @param weights: {name: tensor} as in a checkpoint, kernels [in, out]
    """

    def __init__(self, config, weights, device, rates=None):
        self.config = config
        self.width = config["width"]
        self.weights = {name: torch.nn.Parameter(w.to(device).clone()) for name, w in weights.items()}
        self.positions = (positions(1024, config["size"]) * SPREAD * math.sqrt(2)).to(device)
        self.rates = rates or {}
        self.training = False

    def drop(self, x):
        return dropout(x, self.rates.get("dropout", 0.0), self.training)

    def embed(self, table, tokens, position=0):
        """E x + p. @param tokens: [rows, length] -> [rows, length, size]"""
        x = embedding(tokens, table) + self.positions[position : position + tokens.shape[1]]
        return self.drop(x)

    def block(self, x, name, ahead):
        """
        (v(W [x_(t + ahead); ...; x_(t + ahead - k + 1)] + b) + x_t) sqrt(1/2), the newest first.

        @param x: [rows, length, size] @param ahead: steps of the future that are seen
        """
        length, k = x.shape[1], self.width
        around = pad(x, (0, 0, k - 1 - ahead, ahead))
        seen = torch.cat([around[:, k - 1 - j : k - 1 - j + length] for j in range(k)], 2)
        y = seen @ self.weights[f"{name}.kernel"] + self.weights[f"{name}.bias"]
        return (glu(y, 2) + x) * math.sqrt(0.5)

    def encode(self, tokens, mask):
        """
        @param tokens: [rows, S] @param mask: [rows, S], true at tokens; None where no row is padded
        -> z, z + e, where nobody may look [rows, 1, S] or None, sqrt(m) [rows, 1, 1]
        """
        e = self.embed(self.table("words", "source"), tokens)
        z = e
        for i in range(self.config["encoderLayers"]):
            z = self.drop(z)
            z = self.block(z if mask is None else z * mask[..., None], f"encoder.{i}", (self.width - 1) // 2)
        count = z.new_full((len(tokens),), tokens.shape[1]) if mask is None else mask.sum(1).to(z)
        return z, z + e, None if mask is None else ~mask[:, None, :], count.sqrt()[:, None, None]

    def look(self, h, g, memory, i):
        """(h + c) sqrt(1/2)."""
        z, values, hidden, roots = memory
        d = h @ self.weights[f"attention.{i}.kernel"] + self.weights[f"attention.{i}.bias"] + g
        scores = d @ z.transpose(1, 2)
        if hidden is not None:
            scores = scores.masked_fill(hidden, -math.inf)
        return (h + roots * (torch.softmax(scores, 2) @ values)) * math.sqrt(0.5)

    def decode(self, tokens, memory, past=None):
        """
        All tokens at once, or one more behind those whose layers' inputs are in `past`.

        @param past: k - 1 inputs of each layer, [rows, k - 1, size], which are gone on with; None: nothing is kept
        -> [rows, T, size]
        """
        position = past["position"] if past else 0
        g = self.embed(self.table("words", "target"), tokens, position)
        h = g
        for i in range(self.config["decoderLayers"]):
            h = self.drop(h)
            if past is None:
                h = self.block(h, f"decoder.{i}", 0)
            else:
                seen = torch.cat([past[i], h], 1)
                past[i] = seen[:, 1:]
                h = self.block(seen, f"decoder.{i}", 0)[:, -1:]
            h = self.look(h, g, memory, i)
        if past:
            past["position"] = position + 1
        return self.drop(h)

    def forced(self, sources, mask, fed):
        """What stands before the output layer, the words being given. -> [rows, T, size]"""
        return self.decode(fed, self.encode(sources, mask))

    def writer(self, sources, mask):
        """-> a function that takes the next word of every row [rows, 1] to what stands before the output layer, [rows, size]"""
        memory = self.encode(sources, mask)
        nothing = memory[0].new_zeros(len(sources), self.width - 1, self.config["size"])
        past = {"position": 0, **{i: nothing for i in range(self.config["decoderLayers"])}}
        return lambda fed: self.decode(fed, memory, past)[:, -1]
