"""Stochastic hard attention (Xu et al. 2015, section 4.1): a step looks at one location, drawn from alpha.

The gradient of the lower bound (eqs. 11-12) is that of log p(y | s, a), and of log p(s | a) times a reward: what a location
was worth. Here a location answers for the word that it was looked at for, and its reward is how much likelier that word is
than where alpha is taken as it is, in place of the paper's moving average b: a baseline of the model's own, which no
location has a part in (as in self-critical training, Rennie et al. 2017).
"""

import torch
from torch.nn import functional as F


def likeliest(alpha):
    """What weighs the annotations outside training: one-hot rows. @param alpha: [rows, locations]"""
    return torch.zeros_like(alpha).scatter_(1, alpha.argmax(1, keepdim=True), 1)


class Draw:
    """
    Takes locations in training. With probability one half a row takes the expectation, which lowers the variance of the
    gradient (section 4.1). `taken` has a tensor a step: one-hot rows, 0 where the expectation was taken.
    """

    def __init__(self):
        self.taken = []

    def __call__(self, alpha):
        with torch.no_grad():
            location = torch.multinomial(alpha, 1)
            is_drawn = torch.rand(len(alpha), 1, device=alpha.device) < 0.5
            taken = torch.zeros_like(alpha).scatter_(1, location, is_drawn.float())
        self.taken.append(taken)
        return torch.where(is_drawn, taken, alpha)


def reinforce(scores, expected, targets, alpha, taken, settings):
    """
    -sum over words of lambda_r (log p(y) - log p_expected(y)) log alpha(s) + lambda_e H(alpha).

    @param scores, expected: of every next word [words, vocabulary], with drawn locations and with the expectation
    @param alpha, taken: [words, locations]
    """
    with torch.no_grad():
        reward = F.cross_entropy(expected, targets, reduction="none") - F.cross_entropy(scores, targets, reduction="none")
    log_alpha = torch.log(alpha + 1e-8)
    chosen = (log_alpha * taken).sum(1)
    entropy = -(alpha * log_alpha).sum()
    return -(settings["rewardWeight"] * (reward * chosen).sum() + settings["entropyWeight"] * entropy)
