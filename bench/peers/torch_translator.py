"""The lane of PyTorch for translators: the Transformer on the same weights, searched with the same rules.

The model is that of scripts/torch. Written to be fast: projections that read the same input are one matrix, keys and values
of the source are computed once and those of the past are kept, the best continuations of all rows are found by one topk.
Sources and results are token ids. Needs numpy and torch (requirements.txt beside this file).
"""

import math
import sys
from pathlib import Path
from time import perf_counter

from serve import serve

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts" / "torch"))

INSTALL = "PyTorch is not installed"

try:
    import torch
    from checkpoint import read_checkpoint
    from torch.nn.functional import log_softmax
    from transformer import Transformer
except ImportError as error:
    INSTALL += f" ({error})"
    torch = None


def open_translator(folder):
    """The Transformer of a model's folder, ready for a search: its matrices are laid out once."""
    manifest, weights = read_checkpoint(folder)
    if manifest["architecture"] != "transformer":
        raise ValueError("the translator here must be a Transformer")
    model = Transformer(manifest["config"], weights, torch.device("cpu"))
    model.freeze()
    return model


class Search:
    """What is searched for: see src/engine/decoding/beam.ts."""

    def __init__(self, model, beam, max_length, alpha, forbidden, looks):
        config = model.config
        self.width, self.max_length, self.alpha, self.looks = beam, max_length, alpha, looks
        self.start, self.end = config["startToken"], config["endToken"]
        self.forbidden = torch.tensor(forbidden)


class Beams:
    """The beams of one source."""

    def __init__(self, search):
        self.search = search
        self.live = [([], 0.0, [])]  # tokens, log-probability, where they looked
        self.finished = None  # score, tokens, where they looked
        self.cut_off = None

    def advance(self, values, places, looked, first_row):
        """Takes a step, given the best tokens of each beam; -> the rows that go on and the tokens that they are fed."""
        s = self.search
        candidates = [
            (before + value, beam, token)
            for beam, (_, before, _) in enumerate(self.live)
            for value, token in zip(values[first_row + beam], places[first_row + beam])
            if value > -math.inf
        ]
        candidates.sort(key=lambda candidate: -candidate[0])
        following, went = [], set()
        for score, beam, token in candidates[: s.width]:
            tokens, _, weights = self.live[beam]
            weights = weights + [looked[first_row + beam]]
            if token == s.end:
                ended = (score / (len(tokens) + 1) ** s.alpha, tokens, weights)
                if self.finished is None or ended[0] > self.finished[0]:
                    self.finished = ended
                went.add(beam)
            elif len(tokens) < s.max_length:
                following.append((first_row + beam, tokens + [token], score, weights))
        if not following:
            for beam, (tokens, score, weights) in enumerate(self.live):
                cut = (score / max(1, len(tokens)) ** s.alpha, tokens, weights)
                if beam not in went and (self.cut_off is None or cut[0] > self.cut_off[0]):
                    self.cut_off = cut
        elif self.finished and following[0][2] / (s.max_length + 1) ** s.alpha <= self.finished[0]:
            following = []
        self.live = [(tokens, score, weights) for _, tokens, score, weights in following]
        return [row for row, _, _, _ in following], [tokens[-1] for _, tokens, _, _ in following]


def beam_search(model, sources, search):
    """Translates some sources, all beams of all of them as one batch; with one beam it is greedy. -> their tokens."""
    lengths = [len(source) for source in sources]
    longest = max(lengths)
    tokens = torch.tensor([source + [0] * (longest - len(source)) for source in sources])
    mask = None
    if min(lengths) < longest:
        mask = torch.arange(longest) < torch.tensor(lengths)[:, None]
    memory, mask = model.encode(tokens, mask)
    # Contiguous: they are read at every step.
    memory = [kept.contiguous() for kept in memory]
    past = [None] * len(memory)
    beams = [Beams(search) for _ in sources]
    source_of = list(range(len(sources)))
    fed = torch.full((len(sources),), search.start)
    position = 0
    while len(fed) > 0:
        weights = []
        states = model.decode(fed[:, None], memory, mask, past, search.looks, weights)
        log_probabilities = log_softmax(model.scores(states[:, 0]), 1)
        log_probabilities[:, search.forbidden] = -math.inf
        if position == 0:
            log_probabilities[:, search.end] = -math.inf
        values, places = log_probabilities.topk(search.width, 1)
        values, places, looked = values.tolist(), places.tolist(), weights[0].mean(1)[:, 0].numpy()
        rows, following, first = [], [], 0
        for source in beams:
            height = len(source.live)
            if height == 0:
                continue
            own_rows, own_tokens = source.advance(values, places, looked, first)
            rows += own_rows
            following += own_tokens
            first += height
        if rows != list(range(first)):
            index = torch.tensor(rows, dtype=torch.long)
            past = [kept.index_select(1, index) for kept in past]
            before, source_of = source_of, [source_of[row] for row in rows]
            if source_of != before:
                memory = [kept.index_select(1, index) for kept in memory]
                mask = None if mask is None else mask.index_select(0, index)
        fed = torch.tensor(following, dtype=torch.long)
        position += 1
    return [(source.finished or source.cut_off)[1] for source in beams]


class Lane:
    def open(self, folder, threads, single, batch):
        """
        Takes one thread or `threads`, whichever is faster, for one source and for several.
        @param single, batch: arguments of `translate` to try it with
        """
        if torch is None:
            raise RuntimeError(INSTALL)
        self.model = open_translator(folder)
        self.threads = {}
        for several, example in ((False, single), (True, batch)):
            times = {}
            for count in sorted({1, threads}):
                self.threads[several] = count
                times[count] = min(self.translate(**example)["milliseconds"] for _ in range(3))
            self.threads[several] = min(times, key=times.get)
        return {
            "version": torch.__version__,
            "python": sys.version.split()[0],
            "threads": [self.threads[False], self.threads[True]],
        }

    def translate(self, sources, beam, maxLength, lengthNormalisation, forbidden, looks):
        """Milliseconds of all together, and the tokens of each."""
        count = self.threads[len(sources) > 1]
        if torch.get_num_threads() != count:
            torch.set_num_threads(count)
        begin = perf_counter()
        search = Search(self.model, beam, maxLength, lengthNormalisation, forbidden, looks)
        tokens = beam_search(self.model, sources, search)
        return {"milliseconds": 1000 * (perf_counter() - begin), "tokens": tokens}


if torch is not None:
    serve = torch.inference_mode()(serve)
if __name__ == "__main__":
    serve(Lane())
