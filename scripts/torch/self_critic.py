"""Self-critical sequence training (Rennie et al. 2017) with the mean reward of a photo's other captions as the baseline
(Luo 2020): the gradient of -E[CIDEr-D] is the advantage times that of -log p.

The end of the sentence counts as a word of the reward, so that captions do not end in "with a".
"""

import torch

from caption_search import Rules, beam_search, sample
from ciderd import CiderD


class SelfCritic:
    def __init__(self, data):
        self.data = data
        self.reward = CiderD(data.texts, data.words, True, data.device)
        self.rules = Rules.none(data.words, data.device)

    def criticise(self, captioner, features, photos, samples, search):
        """
        @param features: [photos, locations, channels]; photos: their places among the photos of training
        -> (tokens [photos * samples, steps] with the end and then -1, advantages [photos * samples], the mean reward)
        """
        end = captioner.config["endToken"]
        if search == "beam":
            tokens, scores = beam_search(captioner, features, self.rules, samples, alpha=0, n_best=samples)
            exists = (scores > float("-inf")).view(-1)
        else:
            tokens = sample(captioner, features, self.rules, samples)
            exists = torch.ones(len(photos) * samples, dtype=torch.bool, device=features.device)
        tokens = tokens.view(len(photos) * samples, -1)
        length = ((tokens >= 0) & (tokens != end)).sum(1)
        rewards = self.reward.score(photos.repeat_interleave(samples), tokens.clamp(min=0), length).float()
        rewards = rewards.view(-1, samples)
        total = rewards.sum(1, keepdim=True)
        advantages = (rewards - (total - rewards) / max(1, samples - 1)).view(-1)
        return tokens, torch.where(exists, advantages, 0.0), rewards.mean()
