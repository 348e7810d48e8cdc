"""The lane of PyTorch: the captioner's decoder on the same weights, searched with the same rules.

Needs numpy and torch (requirements.txt beside this file).
"""

import sys
from pathlib import Path
from time import perf_counter

from serve import serve

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts" / "torch"))

INSTALL = "PyTorch is not installed"

try:
    import numpy as np
    import torch
    from captioner import Captioner
    from checkpoint import read_checkpoint
except ImportError as error:
    INSTALL += f" ({error})"
    torch = None


def open_captioner(folder):
    """The captioner of a model's folder, ready for a search: its LSTMs' matrices are laid out once."""
    manifest, weights = read_checkpoint(folder)
    captioner = Captioner(manifest["config"], weights)
    captioner.words = manifest["metadata"]["vocabulary"]
    captioner.decoding = manifest["metadata"]["decoding"]
    captioner.laid_out = [tuple(part.detach() for part in cell) for cell in captioner.cells()]
    return captioner


class Beams:
    """The beams of one photo."""

    def __init__(self, search):
        self.search = search
        self.live = [([], 0.0, [])]  # tokens, log-probability, weights
        self.finished = []  # score, tokens, weights
        self.cut_off = []

    def advance(self, log_probabilities, weights, first_row):
        """Takes a step; returns the rows that go on and the tokens that they are fed."""
        s = self.search
        before = torch.tensor([log_probability for _, log_probability, _ in self.live])
        flat = (log_probabilities + before[:, None]).flatten()
        following, went = [], set()
        for score, beam, token in self.likeliest(flat):
            tokens, _, looked = self.live[beam]
            looked = looked + [weights[beam]]
            if token == s.end:
                self.finished.append((score / (len(tokens) + 1) ** s.alpha, tokens, looked))
                went.add(beam)
            elif len(tokens) < s.max_length:
                following.append((beam, tokens + [token], score, looked))
        if not following:
            for beam, (tokens, score, looked) in enumerate(self.live):
                if beam not in went:
                    self.cut_off.append((score / max(1, len(tokens)) ** s.alpha, tokens, looked))
        if following and self.finished:
            best = max(score for score, _, _ in self.finished)
            if following[0][2] / (s.max_length + 1) ** s.alpha <= best:
                following = []
        self.live = [(tokens, score, looked) for _, tokens, score, looked in following]
        return [first_row + beam for beam, _, _, _ in following], [tokens[-1] for _, tokens, _, _ in following]

    def likeliest(self, flat):
        """The `width` likeliest continuations that the rules allow, likeliest first."""
        s = self.search
        wanted = min(len(flat), 4 * s.width + 8)
        while True:
            values, places = flat.topk(wanted)
            found = []
            for score, place in zip(values.tolist(), places.tolist()):
                beam, token = divmod(place, s.vocabulary_size)
                if s.allows(self.live[beam][0], token):
                    found.append((score, beam, token))
                    if len(found) == s.width:
                        return found
            if wanted == len(flat):
                return found
            wanted = min(len(flat), 8 * wanted)

    def best(self):
        return max(self.finished or self.cut_off, key=lambda hypothesis: hypothesis[0])


class Search:
    def __init__(self, captioner, width):
        words, decoding = captioner.words, captioner.decoding
        self.width = width
        self.vocabulary_size = len(words)
        self.start = captioner.config["startToken"]
        self.end = captioner.config["endToken"]
        self.alpha = decoding["lengthNormalisation"]
        self.max_length = decoding["maxLength"]
        self.no_repeat = decoding["noRepeat"]
        self.forbidden = {self.start, words.index("<unk>")}
        self.never_last = {words.index(word) for word in decoding["neverLast"] if word in words}
        self.repeatable = {words.index(word) for word in decoding.get("repeatable", words) if word in words}

    def allows(self, tokens, token):
        if token == self.end:
            return len(tokens) > 0 and tokens[-1] not in self.never_last
        if token in self.forbidden or (len(tokens) == self.max_length - 1 and token in self.never_last):
            return False
        if token not in self.repeatable and token in tokens:
            return False
        n = self.no_repeat
        if n == 0 or len(tokens) < n:
            return True
        ngram = tokens[len(tokens) - n + 1 :] + [token]
        return all(tokens[at : at + n] != ngram for at in range(len(tokens) - n + 1))


def beam_search(captioner, features, width):
    """Beam search of some photos, all beams of all photos as one batch. Returns the words of each."""
    search = Search(captioner, width)
    annotations, keys, h, c = captioner.start(features)
    photos = [Beams(search) for _ in range(len(features))]
    photo_of = list(range(len(photos)))
    tokens = torch.full((len(photos),), search.start)
    while len(tokens) > 0:
        log_probabilities, weights, h, c = captioner.step(annotations, keys, h, c, tokens, cells=captioner.laid_out)
        looked = weights.numpy()
        rows, following, first = [], [], 0
        before = photo_of
        for beams in photos:
            height = len(beams.live)
            if height == 0:
                continue
            last = first + height
            own_rows, own_tokens = beams.advance(log_probabilities[first:last], looked[first:last], first)
            rows += own_rows
            following += own_tokens
            first = last
        index = torch.tensor(rows, dtype=torch.long)
        h, c = h[index], c[index]
        photo_of = [before[row] for row in rows]
        if photo_of != before:
            annotations, keys = annotations[index], keys[index]
        tokens = torch.tensor(following, dtype=torch.long)
    return [[captioner.words[token] for token in beams.best()[1]] for beams in photos]


def score(captioner, features, words):
    """log p of each word of a given caption of one photo."""
    annotations, keys, h, c = captioner.start(features)
    result, last = [], captioner.config["startToken"]
    for word in words:
        log_probabilities, _, h, c = captioner.step(annotations, keys, h, c, torch.tensor([last]), cells=captioner.laid_out)
        last = captioner.words.index(word)
        result.append(log_probabilities[0, last].item())
    return result


class Lane:
    def open(self, folder, grids, beam, threads):
        """`grids` is a file of float32 numbers, the encoder's grid of each photo. Takes one thread or `threads`, whichever is faster."""
        if torch is None:
            raise RuntimeError(INSTALL)
        self.captioner = open_captioner(folder)
        rows, columns = self.captioner.config["grid"]
        shape = (-1, rows * columns, self.captioner.config["featureSize"])
        self.grids = torch.from_numpy(np.fromfile(grids, "<f4").reshape(shape))
        times = {}
        for count in {1, threads}:
            torch.set_num_threads(count)
            times[count] = min(self.decode([0], beam)["milliseconds"] for _ in range(5))
        best = min(times, key=times.get)
        torch.set_num_threads(best)
        return {"version": torch.__version__, "python": sys.version.split()[0], "threads": best}

    def decode(self, photos, beam):
        """Milliseconds a photo, and the captions."""
        features = self.grids[torch.tensor(photos)]
        begin = perf_counter()
        words = beam_search(self.captioner, features, beam)
        return {"milliseconds": 1000 * (perf_counter() - begin) / len(photos), "words": words}

    def score(self, photo, words):
        return score(self.captioner, self.grids[photo : photo + 1], words)


if torch is not None:
    serve = torch.inference_mode()(serve)
if __name__ == "__main__":
    serve(Lane())
