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
        -> (the captions as lists of ids with the end, also behind one that was cut off; the photo of each, its place in the
            batch; their advantages [captions]; the mean reward). A beam may have found fewer than `samples`.
        """
        end = captioner.config["endToken"]
        if search == "beam":
            tokens, scores = beam_search(captioner, features, self.rules, samples, alpha=0, n_best=samples)
            exists = scores > float("-inf")
        else:
            tokens = sample(captioner, features, self.rules, samples)
            exists = torch.ones(len(photos), samples, dtype=torch.bool, device=features.device)
        tokens = tokens.view(len(photos) * samples, -1)
        length = ((tokens >= 0) & (tokens != end)).sum(1)
        rewards = self.reward.score(photos.repeat_interleave(samples), tokens.clamp(min=0), length).float()
        rewards = torch.where(exists, rewards.view(-1, samples), 0.0)
        others = (exists.sum(1, keepdim=True) - 1).clamp(min=1)
        advantages = rewards - (rewards.sum(1, keepdim=True) - rewards) / others
        captions = [[i for i in row if i >= 0 and i != end] + [end] for row in tokens.tolist()]
        found = exists.view(-1).nonzero()[:, 0]
        places = found.tolist()
        source = [place // samples for place in places]
        return [captions[place] for place in places], source, advantages.view(-1)[found], rewards.mean()
