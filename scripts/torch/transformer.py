"""The Transformer (Vaswani et al. 2017): the mirror of src/engine/models/transformer.ts, with gradients."""

import math

import torch
from torch.nn.functional import dropout, embedding, layer_norm, linear, relu, scaled_dot_product_attention

from text_output import TextOutput


class Transformer(TextOutput):
    """
    - input: sqrt(d) E x_p + PE(p), through dropout;
    - encoder: layers of self-attention and FFN; decoder: layers of masked self-attention, attention to the encoder's
      output, and FFN; what a sub-layer gives goes through dropout before it is added;
    - p(y_t) = softmax(x_t E^T).

    With `pre` normalisation the sum that runs through a stack is normalised once more at its end.

    @param weights: {name: tensor} as in a checkpoint, kernels [in, out]
    """

    def __init__(self, config, weights, device, rates=None):
        self.config = config
        self.size, self.heads = config["size"], config["heads"]
        self.pre = config["normalisation"] == "pre"
        self.weights = {name: torch.nn.Parameter(w.to(device).clone()) for name, w in weights.items()}
        self.positions = positions(1024, self.size).to(device)
        # Dropout of sums, of attention's weights, of the inner layer; set while training.
        self.rates = rates or {}
        self.training = False
        # Matrices as products want them; None: made of the weights each time.
        self.laid_out = None

    @torch.no_grad()
    def freeze(self):
        """Lays matrices out once, for translating: the weights must not change any more, and have no gradients."""
        self.weights = {name: weight.detach() for name, weight in self.weights.items()}
        self.laid_out = {}

    def matrix(self, name, *parts):
        """The kernels of some parts as one, [out, in]."""
        if self.laid_out is None:
            return self.joined(name, parts)
        found = self.laid_out.get((name, parts))
        if found is None:
            found = self.laid_out[name, parts] = self.joined(name, parts).contiguous()
        return found

    def joined(self, name, parts):
        kernels = [self.weights[f"{name}.{part}.kernel"] for part in parts]
        return (torch.cat(kernels, 1) if len(kernels) > 1 else kernels[0]).T

    def rate(self, name):
        return self.rates.get(name, 0.0) if self.training else 0.0

    def drop(self, x, name="dropout"):
        return dropout(x, self.rate(name)) if self.training else x

    def embed(self, table, tokens, position=0):
        """sqrt(d) E x + PE. @param tokens: [rows, length] -> [rows, length, size]"""
        end = position + tokens.shape[1]
        if end > len(self.positions):
            self.positions = positions(2 * end, self.size).to(self.positions)
        return self.drop(embedding(tokens, table) * math.sqrt(self.size) + self.positions[position:end])

    def norm(self, x, name):
        return layer_norm(x, (self.size,), self.weights[f"{name}.gain"], self.weights[f"{name}.bias"], 1e-5)

    def around(self, x, name, sublayer):
        """A residual connection with its normalisation before or behind it (Xiong et al. 2020)."""
        output = self.drop(sublayer(self.norm(x, name) if self.pre else x))
        return x + output if self.pre else self.norm(x + output, name)

    def feed_forward(self, x, name):
        """FFN(x) = max(0, x W_1 + b_1) W_2 + b_2 (eq. 2)."""
        inner = relu(linear(x, self.matrix(name, "inner"), self.weights[f"{name}.inner.bias"]))
        inner = self.drop(inner, "feedForwardDropout")
        return linear(inner, self.matrix(name, "outer"), self.weights[f"{name}.outer.bias"])

    def maps(self, x, name, *parts):
        """Queries, keys or values of all heads: one matrix for those that read the same. -> [parts, rows, heads, length, d_k]"""
        rows, length, _ = x.shape
        together = linear(x, self.matrix(name, *parts))
        split = together.view(rows, length, len(parts), self.heads, self.size // self.heads)
        return split.permute(2, 0, 3, 1, 4)

    def attend(self, query, key, value, name, mask=None, causal=False, looked=None):
        """
        softmax(Q K^T / sqrt(d_k)) V of every head, joined (eq. 1).
        @param mask: true where may be looked
        @param looked: a list that the weights are put into, [rows, heads, T, S]; None: they are not kept
        """
        if looked is None:
            rate = self.rate("attentionDropout")
            seen = scaled_dot_product_attention(query, key, value, mask, rate, is_causal=causal)
        else:
            scores = query @ key.transpose(2, 3) / math.sqrt(self.size // self.heads)
            weights = torch.softmax(scores if mask is None else scores.masked_fill(~mask, -math.inf), 3)
            looked.append(weights)
            seen = weights @ value
        rows, _, length, _ = seen.shape
        return linear(seen.transpose(1, 2).reshape(rows, length, self.size), self.matrix(name, "output"))

    def encode(self, tokens, mask):
        """
        @param tokens: [rows, S]
        @param mask: [rows, S], true at tokens; None where no row is padded
        -> keys and values of each layer of the decoder, [2, rows, heads, S, d_k]; the mask as attention wants it
        """
        hidden = None if mask is None else mask[:, None, None, :]
        x = self.embed(self.table("words", "source"), tokens)
        for i in range(self.config["encoderLayers"]):
            name = f"encoder.{i}.attention"
            x = self.around(
                x, f"{name}-norm", lambda y: self.attend(*self.maps(y, name, "query", "key", "value"), name, hidden)
            )
            x = self.around(
                x, f"encoder.{i}.feed-forward-norm", lambda y: self.feed_forward(y, f"encoder.{i}.feed-forward")
            )
        if self.pre:
            x = self.norm(x, "encoder.norm")
        layers = range(self.config["decoderLayers"])
        return [self.maps(x, f"decoder.{i}.source-attention", "key", "value") for i in layers], hidden

    def decode(self, tokens, memory, hidden, past=None, looks=None, looked=None):
        """
        All tokens at once, or one more behind those in `past`.

        @param tokens: [rows, T]
        @param past: keys and values of each layer, [2, rows, heads, T, d_k], which are gone on with; None: nothing is kept
        @param looks, looked: a layer, and the list into which the weights of its attention to the source are put
        -> [rows, T, size]
        """
        position = past[0].shape[3] if past and past[0] is not None else 0
        x = self.embed(self.table("words", "target"), tokens, position)
        for i in range(self.config["decoderLayers"]):
            own, source = f"decoder.{i}.attention", f"decoder.{i}.source-attention"

            def attend_self(y):
                maps = self.maps(y, own, "query", "key", "value")
                if past is None:
                    # Rows are padded at their end, so what hides the future hides padding from all that counts.
                    return self.attend(*maps, own, causal=True)
                past[i] = maps[1:] if past[i] is None else torch.cat([past[i], maps[1:]], 3)
                return self.attend(maps[0], *past[i], own)

            def attend_source(y):
                kept = looked if i == looks else None
                return self.attend(self.maps(y, source, "query")[0], *memory[i], source, hidden, looked=kept)

            x = self.around(x, f"{own}-norm", attend_self)
            x = self.around(x, f"{source}-norm", attend_source)
            x = self.around(
                x, f"decoder.{i}.feed-forward-norm", lambda y: self.feed_forward(y, f"decoder.{i}.feed-forward")
            )
        return self.norm(x, "decoder.norm") if self.pre else x

    def forced(self, sources, mask, fed):
        """What stands before the output layer, the words being given. -> [rows, T, size]"""
        return self.decode(fed, *self.encode(sources, mask))

    def writer(self, sources, mask):
        """-> a function that takes the next word of every row [rows, 1] to what stands before the output layer, [rows, size]"""
        memory, hidden = self.encode(sources, mask)
        memory = [layer.contiguous() for layer in memory]
        past = [None] * self.config["decoderLayers"]
        return lambda fed: self.decode(fed, memory, hidden, past)[:, -1]


def positions(count, size):
    """PE(p, 2i) = sin(p / 10000^(2i / size)), PE(p, 2i + 1) = cos(...) (section 3.5). -> [count, size]"""
    at = torch.arange(count, dtype=torch.float64)[:, None]
    column = torch.arange(0, size, 2, dtype=torch.float64)
    angle = at / 10000 ** (column / size)
    return torch.stack([angle.sin(), angle.cos()], 2).reshape(count, size).float()
