"""BLEU (Papineni et al. 2002) as sacreBLEU computes it: corpus, 13a, exponential smoothing, one reference."""

import math
import re
from collections import Counter

RULES = [
    (re.compile(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])"), r" \1 "),
    (re.compile(r"([^0-9])([\.,])"), r"\1 \2 "),
    (re.compile(r"([\.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
]


def tokens_13a(text):
    """The words and marks of a text as mteval-v13a.pl cuts them."""
    for entity, sign in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, sign)
    text = f" {text} "
    for rule, by in RULES:
        text = rule.sub(by, text)
    return text.split()


def bleu(candidates, references):
    """-> on [0, 100]"""
    right, all_of = [0] * 4, [0] * 4
    length = reference_length = 0
    for candidate, reference in zip(candidates, references):
        ours, theirs = tokens_13a(candidate), tokens_13a(reference)
        length += len(ours)
        reference_length += len(theirs)
        for n in range(1, 5):
            found = Counter(zip(*(ours[i:] for i in range(n))))
            known = Counter(zip(*(theirs[i:] for i in range(n))))
            right[n - 1] += sum((found & known).values())
            all_of[n - 1] += max(0, len(ours) - n + 1)
    if length == 0 or right[0] == 0:
        return 0.0
    smooth, logs = 1.0, 0.0
    for matches, total in zip(right, all_of):
        if total == 0:
            return 0.0
        if matches == 0:
            smooth *= 2
        logs += math.log((matches or 1 / smooth) / total)
    penalty = min(1.0, math.exp(1 - reference_length / length))
    return 100 * penalty * math.exp(logs / 4)
