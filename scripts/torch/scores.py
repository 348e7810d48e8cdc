"""Score functions of attention, of many models at once: how well annotations match queries (src/engine/attention)."""

import math

import torch


def score_shapes(attention, annotations, queries, size):
    """{weight: shape} of a way to see the source, by the names of `Seq2SeqConfig.attention`."""
    if attention in ("none", "dot", "scaled-dot"):
        return {}
    if attention == "summary":
        return {"kernel": (annotations, size), "v": (size, 1)}
    if attention == "additive":
        return {"annotations": (annotations, size), "query": (queries, size), "bias": (size,), "v": (size, 1)}
    if attention == "general":
        return {"annotations": (annotations, queries)}
    if attention == "concat":
        return {"kernel": (queries + annotations, size), "v": (size, 1)}
    if attention in ("key-query", "key-query-value"):
        return {"key": (annotations, size), "query": (queries, size)}
    raise ValueError(f"There is no attention called {attention}.")


class Score:
    """
    One score function, its weights [runs, ...] by name.

    - additive: e = vᵀ tanh(W_a a + W_h h + b) (Bahdanau et al. 2015, A.1.2); concat the same with one matrix, no bias
    - dot: e = hᵀ a; general: e = hᵀ W a (Luong et al. 2015, eq. 8); key-query: e = (W_q h)ᵀ (W_k a)
    - scaled: products over √d, d the size of what is multiplied (Vaswani et al. 2017, eq. 1)
    - summary: e = vᵀ tanh(W a), no query (Lin et al. 2017, eq. 5)
    """

    def __init__(self, attention, weights, scaled=False):
        self.attention, self.weights = attention, weights
        self.scaled = scaled or attention == "scaled-dot"

    def keys(self, annotations):
        """What depends on the source alone. @param annotations: [runs, rows, places, size] -> [runs, rows, places, keys]"""
        w, kind = self.weights, self.attention
        if kind == "summary":
            return _map(torch.tanh(_map(annotations, w["kernel"])), w["v"])
        if kind == "additive":
            return _map(annotations, w["annotations"]) + w["bias"][:, None, None]
        if kind == "concat":
            return _map(annotations, w["kernel"][:, -annotations.shape[3] :])
        keys = annotations
        if kind == "general":
            keys = _map(annotations, w["annotations"])
        elif kind in ("key-query", "key-query-value"):
            keys = _map(annotations, w["key"])
        return keys / math.sqrt(keys.shape[3]) if self.scaled else keys

    def energies(self, keys, queries):
        """@param queries: [runs, rows, steps, size] -> [runs, rows, steps, places]"""
        w, kind = self.weights, self.attention
        if kind == "summary":
            return keys.transpose(2, 3)
        if kind in ("additive", "concat"):
            asks = w["query"] if kind == "additive" else w["kernel"][:, : queries.shape[3]]
            hidden = torch.tanh(keys[:, :, None] + _map(queries, asks)[:, :, :, None])
            return _map(hidden.flatten(2, 3), w["v"]).view(hidden.shape[:4])
        if kind in ("key-query", "key-query-value"):
            queries = _map(queries, w["query"])
        return queries @ keys.transpose(2, 3)


def _map(x, kernel):
    """The same map for every place. @param x: [runs, rows, places, in] @param kernel: [runs, in, out]"""
    return (x.flatten(1, 2) @ kernel).unflatten(1, x.shape[1:3])
