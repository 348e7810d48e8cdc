"""Recurrent sequence to sequence of many runs at once: the mirror of src/engine/models/seq2seq.ts.

Luong's decoder: s_t = f([E y_{t−1}; h̃_{t−1}], s_{t−1}), h̃_t = tanh(W_c [s_t; c_t]), p ∝ exp(E_o h̃_t + b_o).
Bahdanau's: looks with s_{t−1}, s_t = f([E y_{t−1}; c_t], s_{t−1}), t_t = maxout(W [s_t; E y_{t−1}; c_t] + b).

Where the source does not act on the recurrence (Luong's decoder without input feeding) all steps look at once.
"""

import hashlib
import math

import torch
import torch.nn.functional as F

from recurrent import Cell, cell_shapes, encode
from scores import Score, score_shapes


def weight_shapes(config):
    """{name: shape} of a model's weights, in the engine's order."""
    size, encoder, hidden = config["embeddingSize"], config["encoderSize"], config["hiddenSize"]
    vocabulary, sharing = config["targetVocabularySize"], config["embeddings"]
    shapes = {("words" if sharing == "all" else "source") + ".table": (config["sourceVocabularySize"], size)}
    if sharing != "all":
        shapes["target.table"] = (vocabulary, size)
    if sharing == "none":
        shapes["output.table"] = (vocabulary, size)
    shapes["output.bias"] = (vocabulary,)

    def add(name, parts):
        shapes.update({f"{name}.{part}": shape for part, shape in parts.items()})

    two = config["encoder"] == "bidirectional"
    for name in ("encoder.forward", "encoder.backward") if two else ("encoder",):
        add(name, cell_shapes(config["cell"], size, encoder))
    annotations = 2 * encoder if two else encoder
    for part in initial_parts(config):
        add(f"initial.{part}", {"kernel": (annotations, hidden), "bias": (hidden,)})
    attention = config["attention"]
    add("attention", score_shapes(attention, annotations, hidden, config["attentionSize"]))
    context = 0 if attention == "none" else annotations
    if attention == "key-query-value":
        context = config["attentionSize"]
        shapes["attention.value.kernel"] = (annotations, context)
    bahdanau = config["decoder"] == "bahdanau"
    rest = context if bahdanau else size if config["inputFeeding"] else 0
    add("decoder", cell_shapes(config["cell"], size + rest, hidden))
    shapes["read-out.kernel"] = (hidden + (size if bahdanau else 0) + context, (2 if bahdanau else 1) * size)
    if bahdanau:
        shapes["read-out.bias"] = (2 * size,)
    return shapes


def initial_parts(config):
    """The parts of the decoder's first state that are mapped from the encoder's last."""
    return ["h", "c"] if config["cell"] == "lstm" and config["initialState"] == "final" else ["h"]


def draw_weights(config, seed):
    """
    First weights as the engine draws them: vectors of words on ±0.1, matrices on ±√(6 / (in + out)) (Glorot and Bengio
    2010), biases 0, a forget gate's 1. A weight depends on the seed and its name alone, so that models which share a part
    begin with the same part.
    """
    weights = {}
    for name, shape in weight_shapes(config).items():
        if name.endswith("bias"):
            weights[name] = torch.zeros(shape)
            if config["cell"] == "lstm" and name.startswith(("encoder", "decoder")):
                size = shape[0] // 4
                weights[name][size : 2 * size] = 1
            continue
        limit = 0.1 if name.endswith(".table") else math.sqrt(6 / (shape[0] + shape[1]))
        digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
        generator = torch.Generator().manual_seed(int.from_bytes(digest[:6], "big"))
        weights[name] = (2 * torch.rand(shape, generator=generator) - 1) * limit
    return weights


class Seq2SeqRuns:
    """Several models of one shape at once, a function of their weights. @param weights: {name: [runs, ...]}"""

    def __init__(self, config, weights):
        self.config, self.weights = config, weights
        self.runs = next(iter(weights.values())).shape[0]
        all_share = config["embeddings"] == "all"
        self.source = weights["words.table" if all_share else "source.table"]
        self.target = weights["words.table" if all_share else "target.table"]
        self.output = weights["output.table"] if config["embeddings"] == "none" else self.target
        self.score = Score(config["attention"], self._under("attention"), config.get("scaled", False))
        self.feeds = config["decoder"] == "bahdanau" or config["inputFeeding"]

    def _under(self, name):
        return {key[len(name) + 1 :]: w for key, w in self.weights.items() if key.startswith(name + ".")}

    def forced(self, source, lengths, inputs, dropout=0.0):
        """
        What the last layer reads at every step of given targets.

        @param source: tokens, [runs, rows, places]; lengths: [runs, rows]; inputs: start token and words, [runs, rows, steps]
        -> [runs, rows, steps, embedding size]
        """
        size = self.config["embeddingSize"]
        words = F.dropout(look_up(self.target, inputs), dropout)
        state, memory = self.start(source, lengths, dropout)
        cell = Cell(self.config["cell"], self._under("decoder"), size)
        runs, rows, steps = inputs.shape
        given = cell.given(words.transpose(1, 2).reshape(runs, steps * rows, size)).unflatten(1, (steps, rows))
        moments = []
        for t in range(steps):
            state, moment = self._advance(cell, given[:, t], state, memory)
            moments.append(moment)
        hidden, contexts, fed, _ = zip(*moments)
        if self.config["inputFeeding"]:
            output = torch.stack(fed, 2)
        else:
            hidden = torch.stack(hidden, 2)
            context = torch.stack(contexts, 2) if contexts[0] is not None else self._look(memory, hidden)[0]
            output = self._read_out(hidden, words, context)
        return F.dropout(output, dropout)

    def scores(self, output):
        """x Eᵀ + b. @param output: [runs, rows, ..., size] -> [runs, rows × ..., vocabulary]"""
        flat = output.flatten(1, -2)
        return torch.baddbmm(self.weights["output.bias"][:, None], flat, self.output.transpose(1, 2))

    def start(self, source, lengths, dropout=0.0):
        """-> (state before the first token: parts of the cell's, then h̃; memory: keys, values, mask)"""
        config = self.config
        words = F.dropout(look_up(self.source, source), dropout)
        annotations, final = encode(config["cell"], self._under("encoder"), words, lengths)
        there = torch.arange(source.shape[2], device=source.device) < lengths[:, :, None]
        if config["initialState"] == "mean":
            final = [(annotations * there[..., None]).sum(2) / lengths[:, :, None]]
        state = []
        for k, part in enumerate(initial_parts(config)):
            kernel, bias = self.weights[f"initial.{part}.kernel"], self.weights[f"initial.{part}.bias"]
            mapped = torch.baddbmm(bias[:, None], final[k], kernel)
            state.append(torch.tanh(mapped) if k == 0 else mapped)
        if config["cell"] == "lstm" and len(state) == 1:
            state.append(torch.zeros_like(state[0]))
        fed = words.new_zeros(*lengths.shape, config["embeddingSize"]) if config["inputFeeding"] else None
        memory = None
        if config["attention"] != "none":
            values = annotations
            if config["attention"] == "key-query-value":
                values = (annotations.flatten(1, 2) @ self.weights["attention.value.kernel"]).unflatten(
                    1, annotations.shape[1:3]
                )
            mask = torch.zeros(there.shape, device=source.device).masked_fill(~there, -math.inf)[:, :, None]
            memory = (self.score.keys(annotations), values, mask)
        return (state, fed), memory

    def step(self, tokens, state, memory):
        """
        A step of a search. @param tokens: [runs, rows]
        -> (log p [runs, rows, vocabulary], weights [runs, rows, places] or None, the state after it)
        """
        word = look_up(self.target, tokens)
        cell = Cell(self.config["cell"], self._under("decoder"), self.config["embeddingSize"])
        state, (hidden, context, output, weights) = self._advance(cell, cell.given(word), state, memory)
        if not self.feeds:
            context, weights = self._look(memory, hidden)
        if output is None:
            output = self._read_out(hidden, word, context)
        return torch.log_softmax(self.scores(output), 2), weights, state

    def greedy(self, source, lengths, forbidden, most):
        """The likeliest token at each step. -> ids [runs, rows, steps], each row's end token in it unless `most` came first"""
        state, memory = self.start(source, lengths)
        tokens = torch.full(lengths.shape, self.config["startToken"], device=source.device)
        ended, written = torch.zeros_like(tokens, dtype=torch.bool), []
        for t in range(most):
            scores, _, state = self.step(tokens, state, memory)
            scores[..., forbidden] = -math.inf
            tokens = scores.argmax(2)
            written.append(tokens)
            ended |= tokens == self.config["endToken"]
            # Whoever asks waits for the card, so it is asked from time to time.
            if t % 8 == 7 and ended.all():
                break
        return torch.stack(written, 2)

    def _advance(self, cell, given, state, memory):
        """
        One step of the recurrence. -> (state, (s_t, c_t, h̃_t, α_t)); None what there is not, or what does not act on the
        recurrence: it is computed for all steps at once
        """
        state, fed = state
        if self.config["decoder"] == "bahdanau":
            context, weights = self._look(memory, state[0])
            state = cell.step(given, context, state)
            return (state, None), (state[0], context, None, weights)
        state = cell.step(given, fed, state)
        if not self.config["inputFeeding"]:
            return (state, None), (state[0], None, None, None)
        context, weights = self._look(memory, state[0])
        fed = self._read_out(state[0], None, context)
        return (state, fed), (state[0], context, fed, weights)

    def _look(self, memory, queries):
        """c_t and α_t; None without attention. @param queries: [runs, rows, size], or [runs, rows, steps, size]"""
        if memory is None:
            return None, None
        if queries.dim() == 3:
            context, weights = self._look(memory, queries[:, :, None])
            return context[:, :, 0], weights[:, :, 0]
        keys, values, mask = memory
        weights = torch.softmax(self.score.energies(keys, queries) + mask, 3)
        return (weights @ values).expand(-1, -1, queries.shape[2], -1), weights

    def _read_out(self, hidden, words, context):
        """h̃, or t, of one step or of many. @param hidden, words, context: [runs, rows, size], or [runs, rows, steps, size]"""
        bahdanau = self.config["decoder"] == "bahdanau"
        parts = [hidden] + ([words] if bahdanau else []) + ([] if context is None else [context])
        flat = torch.cat(parts, -1).flatten(1, -2)
        kernel, rows = self.weights["read-out.kernel"], hidden.shape[1:-1]
        if not bahdanau:
            return torch.tanh(flat @ kernel).unflatten(1, rows)
        deep = torch.baddbmm(self.weights["read-out.bias"][:, None], flat, kernel)
        one, other = deep.chunk(2, 2)
        return torch.maximum(one, other).unflatten(1, rows)


class Seq2Seq:
    """
    One model, with gradients, as `train_text.py` wants it.

    @param weights: {name: tensor} as in a checkpoint
    """

    def __init__(self, config, weights, device, rates=None):
        self.config = config
        self.weights = {name: torch.nn.Parameter(weight.to(device).clone()) for name, weight in weights.items()}
        self.rates, self.training = rates or {}, False

    def _model(self):
        return Seq2SeqRuns(self.config, {name: weight[None] for name, weight in self.weights.items()})

    def loss(self, sources, mask, fed, targets, smoothing=0.0):
        """
        The sum of the cross entropies of all target tokens, in nats.

        @param sources: [rows, S]; mask: [rows, S], true at tokens, None where no row is padded
        @param fed: start token and words, [rows, T]; targets: words and end token, -100 at padding, [rows, T]
        """
        model = self._model()
        dropout = self.rates.get("dropout", 0.0) if self.training else 0.0
        scores = model.scores(model.forced(sources[None], _lengths(sources, mask)[None], fed[None], dropout))[0]
        return F.cross_entropy(scores.float(), targets.flatten(), reduction="sum", label_smoothing=smoothing)

    def translate(self, sources, mask, forbidden, most):
        """Greedy. -> ids of each row, without the end token"""
        ids = self._model().greedy(sources[None], _lengths(sources, mask)[None], forbidden, most)[0].tolist()
        end = self.config["endToken"]
        return [row[: row.index(end)] if end in row else row for row in ids]


def _lengths(sources, mask):
    if mask is None:
        return torch.full(sources.shape[:1], sources.shape[1], device=sources.device)
    return mask.sum(1)


def look_up(tables, tokens):
    """The vectors of tokens, each run from its own table. @param tables: [runs, vocabulary, size] @param tokens: [runs, ...]"""
    runs, vocabulary, size = tables.shape
    offset = (torch.arange(runs, device=tokens.device) * vocabulary).view(-1, *[1] * (tokens.dim() - 1))
    return tables.reshape(-1, size).index_select(0, (tokens + offset).flatten()).view(*tokens.shape, size)
