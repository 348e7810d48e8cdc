"""Show, Attend and Tell (Xu et al. 2015, arXiv 1502.03044) from the encoder's grid on, as src/engine/models/captioner.ts.

    a_i = relu(W_p x_i + b_p)                                    the annotations of the grid's cells x_i
    e_ti = v' tanh(W_a a_i + b + W_h q_t), alpha_t = softmax(e_t), z_t = sum_i alpha_ti a_i
    p(y_t) ~ exp(L_o (E y_(t-1) + L_h h_t + L_z z_t))            L_o shares its matrix with E

The query q_t is h_(t-1) (`state`) or [h_(t-1); E y_(t-1)] (`word`), with h_t, c_t = LSTM([E y_(t-1); beta_t z_t]), the gate
beta_t = sigmoid(f(h_(t-1))) and first states from the mean annotation; or (`top-down`, Anderson et al. 2018) it is h1_t of
a pair of LSTMs that begin with 0: h1_t = LSTM1([E y_(t-1); mean a; h2_(t-1)]) looks, h2_t = LSTM2([z_t; h1_t]) writes.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from hard_attention import Draw, likeliest


def shapes(config):
    """{name: (shape, how it is drawn)} in the engine's order."""
    a, k, h = config["annotationSize"], config["attentionSize"], config["hiddenSize"]
    e, words, features = config["embeddingSize"], config["vocabularySize"], config["featureSize"]
    query = config.get("query", "state")
    pair = query == "top-down"
    found = {"annotations.kernel": (features, a), "annotations.bias": (a,)}
    if not pair:
        found |= {"initial.h.kernel": (a, h), "initial.h.bias": (h,), "initial.c.kernel": (a, h), "initial.c.bias": (h,)}
    if config["attention"] != "none":
        asks = h + e if query == "word" else h
        found |= {"attention.annotations": (a, k), "attention.query": (asks, k), "attention.bias": (k,)}
        found |= {"attention.v": (k, 1)}
    if not pair:
        found |= {"gate.kernel": (h, 1), "gate.bias": (1,)}
    found |= {"words.table": (words, e)}
    rest = a + h if pair else a
    found |= {"lstm.kernel": (e + rest + h, 4 * h), "lstm.bias": (4 * h,)}
    if pair:
        found |= {"writer.kernel": (a + h + h, 4 * h), "writer.bias": (4 * h,)}
    found |= {"output.h.kernel": (h, e), "output.h.bias": (e,), "output.z.kernel": (a, e), "output.bias": (words,)}
    return found


def draw(config, generator):
    """First weights as the engine draws them, from another generator: Glorot and Bengio 2010; the forget gates open."""
    weights = {}
    for name, shape in shapes(config).items():
        if name in ("lstm.bias", "writer.bias"):
            size = config["hiddenSize"]
            weights[name] = torch.zeros(shape)
            weights[name][size : 2 * size] = 1
        elif len(shape) == 1:
            weights[name] = torch.zeros(shape)
        else:
            limit = 0.1 if name == "words.table" else math.sqrt(6 / sum(shape))
            weights[name] = (2 * torch.rand(shape, generator=generator) - 1) * limit
    return weights


class Captioner(nn.Module):
    """@param weights: {name: tensor} as Attend stores them, matrices [in, out]."""

    def __init__(self, config, weights):
        super().__init__()
        self.config = config
        self.query = config.get("query", "state")
        self.size = config["hiddenSize"]
        # Uniform weights in place of alpha, to tell what they are worth.
        self.everywhere_alike = False
        # What hard attention does with alpha; in training another function takes its place.
        self.choose = likeliest
        self.names = list(shapes(config))
        for name in self.names:
            self.register_parameter(name.replace(".", "/"), nn.Parameter(weights[name].float().clone()))

    def w(self, name):
        return self._parameters[name.replace(".", "/")]

    def entries(self):
        """{name: tensor} as Attend stores them."""
        return {name: self.w(name).detach() for name in self.names}

    @torch.no_grad()
    def forget_mean(self):
        """A pair of LSTMs that never sees the mean annotation: whoever trains with `mean` dropped always begins with it."""
        first = self.config["embeddingSize"]
        self.w("lstm.kernel")[first : first + self.config["annotationSize"]] = 0

    def annotations(self, features):
        """features [photos, locations, channels] -> [photos, locations, annotation size]."""
        return torch.relu(features @ self.w("annotations.kernel") + self.w("annotations.bias"))

    @property
    def looks(self):
        """Whether there is attention; without it the context is the mean annotation."""
        return self.config["attention"] != "none"

    def keys(self, annotations):
        """W_a a_i + b; of a model without attention the annotations themselves, which nobody asks."""
        if not self.looks:
            return annotations
        return annotations @ self.w("attention.annotations") + self.w("attention.bias")

    def cells(self):
        """The LSTMs' matrices as PyTorch's cell takes them; to be made once a sequence."""
        found = [self.cell("lstm")]
        return found + [self.cell("writer")] if self.query == "top-down" else found

    def cell(self, name):
        """The engine's gates are i, f, o, g; PyTorch's i, f, g, o. Input rows first in the engine's matrix."""
        n = self.size
        i, f, o, g = self.w(f"{name}.kernel").T.split(n)
        kernel = torch.cat([i, f, g, o])
        i, f, o, g = self.w(f"{name}.bias").split(n)
        bias = torch.cat([i, f, g, o])
        return kernel[:, :-n].contiguous(), kernel[:, -n:].contiguous(), bias, torch.zeros_like(bias)

    def first_state(self, mean):
        """h and c of each row; of a pair of LSTMs side by side. @param mean: the mean annotation, [rows, size]"""
        if self.query == "top-down":
            zeros = mean.new_zeros(len(mean), 2 * self.size)
            return zeros, zeros
        h = torch.tanh(mean @ self.w("initial.h.kernel") + self.w("initial.h.bias"))
        c = torch.tanh(mean @ self.w("initial.c.kernel") + self.w("initial.c.bias"))
        return h, c

    def start(self, features):
        """-> (annotations, keys, h, c), a row a photo."""
        annotations = self.annotations(features)
        return annotations, self.keys(annotations), *self.first_state(annotations.mean(1))

    def look(self, annotations, keys, query):
        """-> (z [rows, annotation size], alpha [rows, locations]; None without attention)."""
        if not self.looks:
            return annotations.mean(1), None
        energies = (torch.tanh(keys + (query @ self.w("attention.query"))[:, None]) @ self.w("attention.v"))[..., 0]
        alpha = torch.softmax(energies, 1)
        attended = torch.full_like(alpha, 1 / alpha.shape[1]) if self.everywhere_alike else alpha
        if self.config["attention"] == "hard" and not self.everywhere_alike:
            attended = self.choose(alpha)
        return torch.bmm(attended[:, None], annotations)[:, 0], alpha

    def advance(self, annotations, keys, mean, h, c, word, cells):
        """One step. -> (what the output layer reads of the state, z, alpha, h, c)."""
        if self.query == "top-down":
            n = self.size
            h1, c1 = torch.lstm_cell(torch.cat([word, mean, h[:, n:]], 1), (h[:, :n], c[:, :n]), *cells[0])
            context, alpha = self.look(annotations, keys, h1)
            h2, c2 = torch.lstm_cell(torch.cat([context, h1], 1), (h[:, n:], c[:, n:]), *cells[1])
            return h2, context, alpha, torch.cat([h1, h2], 1), torch.cat([c1, c2], 1)
        query = torch.cat([h, word], 1) if self.query == "word" else h
        context, alpha = self.look(annotations, keys, query)
        context = context * torch.sigmoid(h @ self.w("gate.kernel") + self.w("gate.bias"))
        h, c = torch.lstm_cell(torch.cat([word, context], 1), (h, c), *cells[0])
        return h, context, alpha, h, c

    def deep(self, word, hidden, context):
        """E y_(t-1) + L_h h_t + L_z z_t."""
        return (
            word
            + hidden @ self.w("output.h.kernel")
            + self.w("output.h.bias")
            + context @ self.w("output.z.kernel")
        )

    def scores(self, deep):
        return deep @ self.w("words.table").T + self.w("output.bias")

    def step(self, annotations, keys, h, c, tokens, mean=None, cells=None):
        """-> (log-probabilities [rows, vocabulary], alpha [rows, locations], h, c)."""
        if mean is None and self.query == "top-down":
            mean = annotations.mean(1)
        word = self.w("words.table")[tokens]
        hidden, context, alpha, h, c = self.advance(annotations, keys, mean, h, c, word, cells or self.cells())
        return torch.log_softmax(self.scores(self.deep(word, hidden, context)), 1), alpha, h, c

    def teacher_forced(self, features, inputs, places, source, drop=None):
        """
        The scores of every next word, given the true words before it.

        @param features: [photos, locations, channels]
        @param inputs: the tokens fed, [rows, steps]; source: each row's photo
        @param places: where there is a word to be said, [words], numbers row * steps + step
        @param drop: {"words": rate, "annotations": rate, "mean": rate} in training; nothing: none
        -> (scores [words, vocabulary], alpha [words, locations]; None without attention), in the order of `places`
        """
        return self.unroll(self.given(features, inputs, places, source, drop))

    def teacher_forced_hard(self, features, inputs, places, source, drop=None):
        """
        The same with locations that are drawn, and what would have been said with the expectation, of which no gradient goes.

        -> (scores, alpha, the locations taken [words, locations], expected scores [words, vocabulary])
        """
        given = self.given(features, inputs, places, source, drop)
        draw = Draw()
        try:
            self.choose = lambda alpha: alpha
            with torch.no_grad():
                expected, _ = self.unroll(given)
            self.choose = draw
            scores, alpha = self.unroll(given)
        finally:
            self.choose = likeliest
        return scores, alpha, torch.stack(draw.taken, 1).flatten(0, 1)[places], expected

    def given(self, features, inputs, places, source, drop=None):
        """Everything that is known before the first step; chance has had its say."""
        drop = drop or {"words": 0, "annotations": 0, "mean": 0}
        annotations = F.dropout(self.annotations(features), drop["annotations"])
        words = F.dropout(self.w("words.table")[inputs], drop["words"])
        mean = annotations.mean(1)
        seen = mean
        kept = None
        if drop["mean"] > 0:
            kept = (torch.rand(len(mean), 1, device=mean.device) >= drop["mean"]).float()
        if kept is not None and self.query == "top-down":
            seen = mean * kept
        h, c = self.first_state(mean)
        if kept is not None and self.query != "top-down":
            h, c = h * kept, c * kept
        keys = self.keys(annotations)[source]
        annotations, seen, h, c = annotations[source], seen[source], h[source], c[source]
        kept = F.dropout(words.new_ones(len(places), words.shape[2]), drop["words"])
        return annotations, keys, seen, h, c, words, places, kept

    def unroll(self, given):
        annotations, keys, seen, h, c, words, places, kept = given
        cells = self.cells()
        hidden, contexts, alphas = [], [], []
        for step in range(words.shape[1]):
            state, context, alpha, h, c = self.advance(annotations, keys, seen, h, c, words[:, step], cells)
            hidden.append(state)
            contexts.append(context)
            alphas.append(alpha)
        said = lambda values: torch.stack(values, 1).flatten(0, 1)[places]
        deep = self.deep(words.flatten(0, 1)[places], said(hidden), said(contexts))
        return self.scores(deep * kept), said(alphas) if self.looks else None
