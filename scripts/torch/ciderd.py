"""CIDEr-D and BLEU as src/engine/metrics has them (coco-caption's), CIDEr-D of many captions at once and on the card.

Vedantam et al. 2015 (arXiv 1411.5726), section 5 and equation 4: tf-idf vectors of the 1- to 4-grams, cosine similarity
with the candidate's weights clipped to the reference's, a Gaussian penalty on the difference in length (sigma = 6, counted
in bigrams), mean over orders and references, times 10.
"""

import math
from collections import Counter

import torch

ORDERS = 4
SIGMA = 6
END = "<eos>"
BITS = 12


class CiderD:
    """
    @param references: for each photo its references, each a list of words; these photos are what documents are counted in
    @param words: all words that a candidate may have; a candidate is a row of their numbers
    @param end: whether the end of the sentence counts as a word: self-critical training needs it
    """

    def __init__(self, references, words, end, device):
        self.end = end
        self.device = device
        number = {word: i for i, word in enumerate(words)}
        self.eos = len(words)
        if self.eos >= 2**BITS:
            raise ValueError(f"CIDEr-D here knows up to {2**BITS - 1} words, not {self.eos}.")
        number[END] = self.eos
        known = len(number)
        photos = []
        frequency = [Counter() for _ in range(ORDERS)]
        for captions in references:
            counted = []
            for caption in captions:
                caption = [*caption, END] if end else caption
                ids = [number.setdefault(word, len(number)) for word in caption]
                counted.append((ngrams(ids), max(0, len(ids) - 1)))
            photos.append(counted)
            for order in range(ORDERS):
                frequency[order].update({ngram for counts, _ in counted for ngram in counts[order]})
        self.unseen = math.log(len(references))
        most = max(len(captions) for captions in references)
        lengths = torch.zeros(len(photos), most, dtype=torch.float64)
        norms = torch.zeros(len(photos), most, ORDERS, dtype=torch.float64)
        exists = torch.zeros(len(photos), most, dtype=torch.float64)
        self.tables = []
        for order in range(ORDERS):
            idf = {ngram: self.unseen - math.log(max(1, count)) for ngram, count in frequency[order].items()}
            codes = sorted((code(ngram), value) for ngram, value in idf.items() if max(ngram) < known)
            rows = {}
            for photo, counted in enumerate(photos):
                for place, (counts, length) in enumerate(counted):
                    squares = 0.0
                    for ngram, count in counts[order].items():
                        weight = count * idf[ngram]
                        squares += weight * weight
                        if max(ngram) < known:
                            rows.setdefault((photo << (ORDERS * BITS)) | code(ngram), {})[place] = weight
                    norms[photo, place, order] = math.sqrt(squares)
                    lengths[photo, place] = length
                    exists[photo, place] = 1
            keys = sorted(rows)
            weights = torch.zeros(len(keys), most, dtype=torch.float64)
            at = [(i, place, weight) for i, key in enumerate(keys) for place, weight in rows[key].items()]
            if at:
                i, place, weight = zip(*at)
                weights[list(i), list(place)] = torch.tensor(weight, dtype=torch.float64)
            self.tables.append(
                (
                    torch.tensor([c for c, _ in codes] or [-1], device=device),
                    torch.tensor([v for _, v in codes] or [0.0], dtype=torch.float64, device=device),
                    torch.tensor(keys or [-1], device=device),
                    (weights if keys else torch.zeros(1, most, dtype=torch.float64)).to(device),
                )
            )
        self.lengths, self.norms, self.exists = lengths.to(device), norms.to(device), exists.to(device)

    def score(self, photo, tokens, length):
        """
        @param photo: places among the references, [captions]; tokens: words' numbers, [captions, steps], anything behind
            `length` [captions] of them
        -> [captions], 0..10
        """
        steps = tokens.shape[1]
        at = torch.arange(steps + 1, device=self.device)
        tokens = torch.cat([tokens, tokens.new_zeros(len(tokens), 1)], 1)
        tokens = torch.where(at < length[:, None], tokens, self.eos)
        if self.end:
            length = length + 1
        similarity = torch.zeros(len(tokens), self.lengths.shape[1], dtype=torch.float64, device=self.device)
        codes = None
        for order in range(ORDERS):
            count = steps + 1 - order
            part = tokens[:, order : order + count]
            codes = part if codes is None else (codes[:, :count] << BITS) | part
            valid = at[:count] + order < length[:, None]
            same = (codes[:, :, None] == codes[:, None, :]) & valid[:, None, :] & valid[:, :, None]
            times = same.sum(2).double()
            first = valid & ~(same & (at[:count, None] > at[None, :count])).any(2)
            all_codes, idf, keys, weights = self.tables[order]
            place = torch.searchsorted(all_codes, codes).clamp(max=len(all_codes) - 1)
            own = torch.where(all_codes[place] == codes, idf[place], self.unseen) * times * first
            norm = (own * own).sum(1).sqrt()
            wanted = (photo[:, None] << (ORDERS * BITS)) | codes
            place = torch.searchsorted(keys, wanted).clamp(max=len(keys) - 1)
            theirs = weights[place] * ((keys[place] == wanted) & first)[..., None]
            products = (torch.minimum(own[..., None], theirs) * theirs).sum(1)
            norms = norm[:, None] * self.norms[photo, :, order]
            similarity += torch.where(norms == 0, products, products / norms.clamp(min=1e-300))
        difference = (length - 1).clamp(min=0)[:, None] - self.lengths[photo]
        total = similarity * torch.exp(-(difference**2) / (2 * SIGMA**2)) * self.exists[photo]
        return 10 * total.sum(1) / ORDERS / self.exists[photo].sum(1)


def ngrams(ids):
    return [Counter(tuple(ids[i : i + n]) for i in range(len(ids) - n + 1)) for n in range(1, ORDERS + 1)]


def code(ngram):
    number = 0
    for word in ngram:
        number = (number << BITS) | word
    return number


def bleu(candidates, references):
    """BLEU-1 to BLEU-4 of a corpus with the closest reference lengths, as coco-caption computes it."""
    matched, total = [0] * 4, [0] * 4
    length, closest = 0, 0
    for candidate, captions in zip(candidates, references, strict=True):
        length += len(candidate)
        closest += min((abs(len(caption) - len(candidate)), len(caption)) for caption in captions)[1]
        own = ngrams(candidate)
        theirs = [ngrams(caption) for caption in captions]
        for n in range(4):
            most = Counter()
            for counts in theirs:
                most |= counts[n]
            matched[n] += sum(min(count, most[ngram]) for ngram, count in own[n].items())
            total[n] += max(0, len(candidate) - n)
    scores, product = [], 1.0
    for n in range(4):
        product *= (matched[n] + 1e-15) / (total[n] + 1e-9)
        scores.append(product ** (1 / (n + 1)))
    ratio = (length + 1e-15) / (closest + 1e-9)
    if ratio < 1:
        scores = [score * math.exp(1 - 1 / ratio) for score in scores]
    return scores
