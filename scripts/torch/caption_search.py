"""Beam search of all photos at once, with the engine's rules (src/engine/decoding/beam.ts), and sampling.

At each step the `width` likeliest continuations of a photo's beams are taken; those with the end token are finished, the
others are the next beams. No rule asks the processor, so that the card never waits.
"""

from dataclasses import dataclass

import torch

NEVER = float("-inf")


@dataclass
class Rules:
    """
    What a caption may be; tensors [vocabulary] of truth values. @param no_repeat: no sequence of so many words twice (0 or 3)
    """

    forbidden: torch.Tensor
    never_last: torch.Tensor
    repeatable: torch.Tensor
    no_repeat: int = 0

    @staticmethod
    def usual(words, decoding, device):
        """@param decoding: as model.json has it"""
        return Rules(
            marked(words, {"<start>", "<unk>"}, device),
            marked(words, decoding["neverLast"], device),
            marked(words, decoding.get("repeatable", words), device),
            decoding["noRepeat"],
        )

    @staticmethod
    def none(words, device):
        """Only that nothing is said that is no word."""
        every = torch.ones(len(words), dtype=torch.bool, device=device)
        return Rules(marked(words, {"<start>", "<unk>"}, device), ~every, every)


def marked(words, chosen, device):
    chosen = set(chosen)
    return torch.tensor([word in chosen for word in words], device=device)


@torch.no_grad()
def beam_search(captioner, features, rules, width, alpha=0.7, max_length=20, n_best=1):
    """
    -> (tokens [photos, n_best, max_length + 1] with the end token and then -1, scores [photos, n_best]), best first.
    A caption that was cut off has no end token; one that does not exist has the score -inf.
    """
    device, photos = features.device, len(features)
    end, start = captioner.config["endToken"], captioner.config["startToken"]
    vocabulary = captioner.config["vocabularySize"]
    annotations, keys, h, c = captioner.start(features)
    mean = annotations.mean(1)
    expand = lambda x: x.repeat_interleave(width, 0)
    annotations, keys, mean, h, c = map(expand, (annotations, keys, mean, h, c))
    cells = captioner.cells()
    rows = torch.arange(photos, device=device)[:, None] * width
    scores = torch.full((photos, width), NEVER, device=device)
    scores[:, 0] = 0
    tokens = torch.full((photos * width, max_length + 1), -1, dtype=torch.long, device=device)
    last = torch.full((photos * width,), start, device=device)
    # Penalties of the rules that no step changes.
    always = torch.where(rules.forbidden, NEVER, 0.0)
    used = torch.zeros(photos * width, vocabulary, dtype=torch.bool, device=device)
    best_tokens = torch.full((photos, n_best, max_length + 1), -1, dtype=torch.long, device=device)
    best = torch.full((photos, n_best), NEVER, device=device)
    live_at_end = None
    for step in range(max_length + 1):
        log_p, _, h, c = captioner.step(annotations, keys, h, c, last, mean, cells)
        log_p = log_p.float() + always
        log_p = log_p.masked_fill(used, NEVER)
        if step == 0:
            log_p[:, end] = NEVER
        else:
            log_p[:, end] = torch.where(rules.never_last[last], NEVER, log_p[:, end])
        if step == max_length - 1:
            log_p = log_p.masked_fill(rules.never_last, NEVER)
        if step == max_length:
            # A longest caption ends with its next token or is cut off; the other tokens still take places.
            pass
        if rules.no_repeat == 3 and step >= 3:
            before = tokens[:, : step - 2]
            same = (before == tokens[:, step - 2 : step - 1]) & (tokens[:, 1 : step - 1] == tokens[:, step - 1 : step])
            following = tokens[:, 2:step]
            banned = torch.zeros_like(log_p).scatter_add_(1, following.clamp(min=0), same.float())
            log_p = log_p.masked_fill(banned > 0, NEVER)
        total = (scores.view(-1, 1) + log_p).view(photos, width * vocabulary)
        values, places = total.topk(width, 1)
        beam, token = places // vocabulary, places % vocabulary
        parent = (rows + beam).view(-1)
        following = tokens[parent]
        following[:, step] = token.view(-1)
        ended = (token == end) & (values > NEVER)
        # What ended takes its place among the finished.
        final = torch.where(ended, values / (step + 1) ** alpha, NEVER)
        joined = torch.cat([best, final], 1)
        best, order = joined.topk(n_best, 1)
        choices = torch.cat([best_tokens, following.view(photos, width, -1)], 1)
        best_tokens = choices.gather(1, order[..., None].expand(-1, -1, max_length + 1))
        if step == max_length:
            break
        scores = torch.where(ended, NEVER, values)
        # Log-probabilities only fall: a beam that cannot enter the n-best any more is let go.
        hopeless = scores / (max_length + 1) ** alpha <= best[:, -1:]
        alive = scores.clone()
        scores = torch.where(hopeless.all(1, keepdim=True), NEVER, scores)
        tokens, last = following, token.view(-1)
        h, c = h[parent], c[parent]
        used = used[parent]
        used.scatter_(1, last[:, None], ~rules.repeatable[last][:, None])
        live_at_end = (alive, tokens)
    # Fewer than n_best ended: what was cut off follows.
    alive, tokens = live_at_end
    cut = torch.where(alive > NEVER, alive / max_length**alpha - 1e6, NEVER)
    best, order = torch.cat([best, cut], 1).topk(n_best, 1)
    choices = torch.cat([best_tokens, tokens.view(photos, width, -1)], 1)
    best_tokens = choices.gather(1, order[..., None].expand(-1, -1, max_length + 1))
    return best_tokens, best


@torch.no_grad()
def sample(captioner, features, rules, count, max_length=20):
    """`count` captions of each photo, drawn word by word. -> tokens [photos, count, max_length + 1], -1 behind the end."""
    device, photos = features.device, len(features)
    end, start = captioner.config["endToken"], captioner.config["startToken"]
    annotations, keys, h, c = captioner.start(features)
    mean = annotations.mean(1)
    expand = lambda x: x.repeat_interleave(count, 0)
    annotations, keys, mean, h, c = map(expand, (annotations, keys, mean, h, c))
    cells = captioner.cells()
    always = torch.where(rules.forbidden, NEVER, 0.0)
    last = torch.full((photos * count,), start, device=device)
    over = torch.zeros(photos * count, dtype=torch.bool, device=device)
    tokens = torch.full((photos * count, max_length + 1), -1, dtype=torch.long, device=device)
    for step in range(max_length):
        log_p, _, h, c = captioner.step(annotations, keys, h, c, last, mean, cells)
        last = torch.distributions.Categorical(logits=log_p.float() + always, validate_args=False).sample()
        tokens[:, step] = torch.where(over, -1, last)
        over = over | (last == end)
    return tokens.view(photos, count, -1)
