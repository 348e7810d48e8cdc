"""What models of text have in common behind their decoder: the output layer, its cross entropy, greedy search."""

import math

import torch
from torch.nn.functional import cross_entropy, linear


class TextOutput:
    """
    The half of a model that has `config`, `weights` ({name: tensor}), `forced` and `writer`.

    p(y_t) = softmax(x_t E^T + b), where the table E may be the one of the words, and b may be missing.
    """

    def table(self, *names):
        """The first of these that there is: tables may be shared."""
        for name in names:
            found = self.weights.get(f"{name}.table")
            if found is not None:
                return found
        raise KeyError(names)

    def scores(self, x):
        """x E^T (+ b): of every token. @param x: [..., size]"""
        return linear(x, self.table("output", "target", "words"), self.weights.get("output.bias"))

    def loss(self, sources, mask, fed, targets, smoothing=0.0):
        """
        The sum over all tokens of -sum_k q_k log p_k with q = (1 - e) at the target plus e / K everywhere (Szegedy et al.
        2016, section 7).

        @param sources: [rows, S]; mask: [rows, S], true at tokens, None where no row is padded
        @param fed: start token and words, [rows, T]; targets: words and end token, -100 at padding, [rows, T]
        """
        scores = self.scores(self.forced(sources, mask, fed))
        return cross_entropy(
            scores.flatten(0, 1), targets.flatten(), ignore_index=-100, reduction="sum", label_smoothing=smoothing
        )

    @torch.inference_mode()
    def translate(self, sources, mask, forbidden, most):
        """
        Greedy search. @param forbidden: tokens that no translation has @param most: the longest translation
        -> lists of tokens, without the end token
        """
        write = self.writer(sources, mask)
        device = sources.device
        start, end = self.config["startToken"], self.config["endToken"]
        fed = torch.full((len(sources), 1), start, device=device)
        ended = torch.zeros(len(sources), dtype=torch.bool, device=device)
        banned = torch.zeros(self.config["targetVocabularySize"], device=device)
        banned[forbidden] = -math.inf
        written = []
        for step in range(most):
            scores = self.scores(write(fed)).float() + banned
            if step == 0:
                scores[:, end] = -math.inf
            fed = scores.argmax(1, keepdim=True)
            written.append(fed)
            ended |= fed[:, 0] == end
            # Asking waits for the card.
            if step % 8 == 7 and bool(ended.all()):
                break
        rows = torch.cat(written, 1).tolist()
        return [row[: row.index(end)] if end in row else row for row in rows]
