"""The lane of PyTorch for translators: the Transformer on the same weights, searched with the same rules.

Written to be fast: projections that read the same input are one matrix, keys and values of the source are computed once
and those of the past are kept, the best continuations of all rows are found by one topk. Sources and results are token
ids. Needs numpy and torch (requirements.txt beside this file).
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
    from torch.nn.functional import embedding, layer_norm, linear, log_softmax, relu, scaled_dot_product_attention

    from checkpoint import read_checkpoint
except ImportError as error:
    INSTALL += f" ({error})"
    torch = None


class Transformer:
    """Vaswani et al. 2017; the equations are in src/engine/models/transformer.ts."""

    def __init__(self, folder):
        manifest, self.w = read_checkpoint(folder)
        if manifest["architecture"] != "transformer":
            raise ValueError("the translator here must be a Transformer")
        self.config = config = manifest["config"]
        self.size, self.heads = config["size"], config["heads"]
        self.pre = config["normalisation"] == "pre"
        w = self.w
        self.source = w.get("words.table", w.get("source.table"))
        self.target = w.get("words.table", w.get("target.table"))
        self.output = w.get("output.table", self.target)
        # `linear` takes [out, in].
        turned = {name: t.T.contiguous() for name, t in w.items() if name.endswith(".kernel")}
        fused = lambda name, parts: torch.cat([turned[f"{name}.{part}.kernel"] for part in parts])
        self.turned = turned
        for stack, count in (("encoder", config["encoderLayers"]), ("decoder", config["decoderLayers"])):
            for i in range(count):
                turned[f"{stack}.{i}.attention"] = fused(f"{stack}.{i}.attention", ["query", "key", "value"])
        for i in range(config["decoderLayers"]):
            turned[f"decoder.{i}.source-attention"] = fused(f"decoder.{i}.source-attention", ["key", "value"])
        self.positions = self.encodings(1024)

    def encodings(self, count):
        at = torch.arange(count, dtype=torch.float64)[:, None]
        column = torch.arange(0, self.size, 2, dtype=torch.float64)
        angle = at / 10000 ** (column / self.size)
        return torch.stack([angle.sin(), angle.cos()], 2).reshape(count, self.size).float()

    def embed(self, table, tokens, position):
        length = tokens.shape[1]
        if position + length > len(self.positions):
            self.positions = self.encodings(2 * (position + length))
        return embedding(tokens, table) * math.sqrt(self.size) + self.positions[position : position + length]

    def norm(self, x, name):
        return layer_norm(x, (self.size,), self.w[f"{name}.gain"], self.w[f"{name}.bias"], 1e-5)

    def around(self, x, name, sublayer):
        """A residual connection with its normalisation before or behind it."""
        if self.pre:
            return x + sublayer(self.norm(x, name))
        return self.norm(x + sublayer(x), name)

    def feed_forward(self, x, name):
        inner = relu(linear(x, self.turned[f"{name}.inner.kernel"], self.w[f"{name}.inner.bias"]))
        return linear(inner, self.turned[f"{name}.outer.kernel"], self.w[f"{name}.outer.bias"])

    def split(self, x, parts):
        """[rows, length, parts x size] -> [parts, rows, heads, length, head size]."""
        rows, length, _ = x.shape
        return x.view(rows, length, parts, self.heads, self.size // self.heads).permute(2, 0, 3, 1, 4)

    def join(self, x):
        rows, _, length, _ = x.shape
        return x.transpose(1, 2).reshape(rows, length, self.size)

    def encode(self, tokens, mask):
        """tokens [rows, length], mask [rows, 1, 1, length] or None -> keys and values of each decoder layer."""
        x = self.embed(self.source, tokens, 0)
        for i in range(self.config["encoderLayers"]):
            name = f"encoder.{i}"

            def attention(states):
                query, key, value = self.split(linear(states, self.turned[f"{name}.attention"]), 3)
                seen = scaled_dot_product_attention(query, key, value, mask)
                return linear(self.join(seen), self.turned[f"{name}.attention.output.kernel"])

            x = self.around(x, f"{name}.attention-norm", attention)
            x = self.around(x, f"{name}.feed-forward-norm", lambda y: self.feed_forward(y, f"{name}.feed-forward"))
        if self.pre:
            x = self.norm(x, "encoder.norm")
        layers = range(self.config["decoderLayers"])
        # Contiguous: they are read at every step.
        return [self.split(linear(x, self.turned[f"decoder.{i}.source-attention"]), 2).contiguous() for i in layers]

    def step(self, tokens, position, memory, mask, past, looks):
        """One token a row -> (log-probabilities [rows, vocabulary], where layer `looks` looked [rows, locations], past)."""
        x = self.embed(self.target, tokens[:, None], position)
        looked = None
        now = []
        for i in range(self.config["decoderLayers"]):
            name = f"decoder.{i}"

            def attention(states):
                parts = self.split(linear(states, self.turned[f"{name}.attention"]), 3)
                kept = parts[1:] if past is None else torch.cat([past[i], parts[1:]], 3)
                now.append(kept)
                seen = scaled_dot_product_attention(parts[0], kept[0], kept[1])
                return linear(self.join(seen), self.turned[f"{name}.attention.output.kernel"])

            def source_attention(states):
                nonlocal looked
                query = self.split(linear(states, self.turned[f"{name}.source-attention.query.kernel"]), 1)[0]
                key, value = memory[i]
                if i != looks:
                    seen = scaled_dot_product_attention(query, key, value, mask)
                else:
                    scores = query @ key.transpose(2, 3) / math.sqrt(self.size // self.heads)
                    weights = torch.softmax(scores if mask is None else scores + mask, 3)
                    looked = weights.mean(1)[:, 0]
                    seen = weights @ value
                return linear(self.join(seen), self.turned[f"{name}.source-attention.output.kernel"])

            x = self.around(x, f"{name}.attention-norm", attention)
            x = self.around(x, f"{name}.source-attention-norm", source_attention)
            x = self.around(x, f"{name}.feed-forward-norm", lambda y: self.feed_forward(y, f"{name}.feed-forward"))
        if self.pre:
            x = self.norm(x, "decoder.norm")
        return log_softmax(linear(x[:, 0], self.output), 1), looked, now


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
        behind = torch.arange(longest) >= torch.tensor(lengths)[:, None]
        mask = torch.zeros(behind.shape).masked_fill(behind, -math.inf)[:, None, None]
    memory = model.encode(tokens, mask)
    past = None
    beams = [Beams(search) for _ in sources]
    source_of = list(range(len(sources)))
    fed = torch.full((len(sources),), search.start)
    position = 0
    while len(fed) > 0:
        log_probabilities, looked, past = model.step(fed, position, memory, mask, past, search.looks)
        log_probabilities[:, search.forbidden] = -math.inf
        if position == 0:
            log_probabilities[:, search.end] = -math.inf
        values, places = log_probabilities.topk(search.width, 1)
        values, places, looked = values.tolist(), places.tolist(), looked.numpy()
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
        self.model = Transformer(folder)
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
