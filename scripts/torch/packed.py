"""What `attend train translator --pack` writes: reading it, and the batches that the engine would make of it."""

import gzip
import threading
import zlib
from pathlib import Path

import numpy as np
import torch

from checkpoint import read_file, read_json

STEP = 0x6D2B79F5


class Random:
    """mulberry32, the engine's generator (src/engine/random.ts), many numbers at once."""

    def __init__(self, seed):
        self.state = seed & 0xFFFFFFFF

    def uniform(self, count):
        """The next numbers on [0, 1), float64."""
        s = (self.state + STEP * np.arange(1, count + 1, dtype=np.uint64)).astype(np.uint32)
        self.state = (self.state + STEP * count) & 0xFFFFFFFF
        t = (s ^ (s >> 15)) * (s | 1)
        t = (t + (t ^ (t >> 7)) * (t | 61)) ^ t
        return (t ^ (t >> 14)) / 4294967296.0

    def shuffle(self, items):
        """Shuffles a list in place (Fisher and Yates)."""
        count = len(items)
        places = np.floor(self.uniform(max(0, count - 1)) * np.arange(count, 1, -1)).astype(np.int64)
        for i, j in zip(range(count - 1, 0, -1), places.tolist()):
            items[i], items[j] = items[j], items[i]
        return items


def token_batches(sources, targets, most, random):
    """
    Groups pairs of like lengths into batches of at most `most` tokens on the longer side, padding counted, as
    src/engine/training/token-batches.ts does.

    @param sources, targets: lengths, those of targets with the end token
    -> lists of places in them, each place exactly once
    """
    order = np.array(random.shuffle(list(range(len(sources)))), dtype=np.int64)
    # The sort is stable: pairs of the same lengths stay shuffled.
    order = order[np.lexsort((sources[order], targets[order]))]
    widths = np.maximum(sources, targets)[order].tolist()
    starts, begin, longest = [0], 0, 0
    for place, own in enumerate(widths):
        width = own if own > longest else longest
        if place > begin and width * (place - begin + 1) > most:
            starts.append(place)
            begin, longest = place, own
        else:
            longest = width
    return random.shuffle(np.split(order, starts[1:]))


class Pack:
    """A run that was packed: `pack.json`, the encoded pairs of every stage, `initial/`."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.content = read_json(self.folder / "pack.json")
        if self.content.get("format") != "attend-translator-pack" or self.content.get("version") != 1:
            raise ValueError(f"{self.folder / 'pack.json'} is no pack of `attend train translator --pack` that is known here.")

    def array(self, entry):
        """An array that lies in parts."""
        content = b"".join(self._unpacked(self.folder / file) for file in entry["files"])
        numbers = np.frombuffer(content, {"uint16": "<u2", "float32": "<f4"}[entry["type"]])
        if len(numbers) != entry["length"]:
            raise ValueError(f"{entry['files'][0]} has {len(numbers)} numbers instead of {entry['length']}.")
        return numbers

    def _unpacked(self, path):
        content = read_file(path)
        try:
            return gzip.decompress(content)
        except (OSError, EOFError, zlib.error):
            raise ValueError(f"{path} is damaged: it cannot be unpacked. Pack the run again.") from None


class PackedPairs:
    """The pairs of a stage on the device, and the batches of every epoch: the same as the engine's, from the same seed."""

    def __init__(self, pack, stage, device, start, end):
        arrays = {name: pack.array(entry) for name, entry in stage["arrays"].items()}
        self.seed, self.most = stage["seed"], stage["tokensPerBatch"]
        self.device, self.start, self.end = device, start, end
        self.weights = arrays["weights"].astype(np.float64)
        self.source_lengths = arrays["source-lengths"].astype(np.int64)
        self.target_lengths = arrays["target-lengths"].astype(np.int64)
        self.sources = self._table(arrays["sources"], self.source_lengths)
        self.targets = self._table(arrays["targets"], self.target_lengths)
        # Few distinct lengths: kernels want multiples of 8, and the allocator finds its blocks again.
        self.multiple = 8 if device.type == "cuda" else 1
        self.ready, self.thread = {}, None

    def _table(self, tokens, lengths):
        """-> tokens one behind the other, where each row begins, how long it is."""
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
        on = lambda array, dtype: torch.from_numpy(array.astype(dtype)).to(self.device)
        return on(tokens, np.int32), on(starts, np.int64), on(lengths, np.int64)

    def epoch(self, number):
        """The batches of an epoch: numbers of pairs."""
        if self.thread:
            self.thread.join()
        batches = self.ready.pop(number, None) or self._batches(number)
        # The next one is made ready meanwhile.
        self.thread = threading.Thread(target=lambda: self.ready.update({number + 1: self._batches(number + 1)}), daemon=True)
        self.thread.start()
        return batches

    def _batches(self, number):
        random = Random(self.seed * 7919 + number)
        whole = np.floor(self.weights)
        times = (whole + (random.uniform(len(whole)) < self.weights - whole)).astype(np.int64)
        chosen = np.repeat(np.arange(len(times)), times)
        batches = token_batches(self.source_lengths[chosen], self.target_lengths[chosen] + 1, self.most, random)
        return [chosen[batch] for batch in batches]

    def tokens(self, pairs):
        """How many tokens are predicted, the end token counted."""
        return int(self.target_lengths[pairs].sum()) + len(pairs)

    def batch(self, pairs):
        """
        -> (sources [rows, S], their mask [rows, S] or None, fed [rows, T], targets [rows, T] with -100 at padding), on the
        device; nothing waits for it.
        """
        index = torch.from_numpy(pairs)
        if self.device.type == "cuda":
            index = index.pin_memory().to(self.device, non_blocking=True)
        longest, shortest = int(self.source_lengths[pairs].max()), int(self.source_lengths[pairs].min())
        width = self._padded(longest)
        sources, mask = self._rows(self.sources, index, width)
        written, inside = self._rows(self.targets, index, self._padded(int(self.target_lengths[pairs].max()) + 1))
        column = torch.arange(written.shape[1], device=self.device)
        ends = column == self.targets[2][index][:, None]
        targets = written.masked_fill(~inside, -100).masked_fill(ends, self.end)
        fed = torch.nn.functional.pad(written[:, :-1], (1, 0), value=self.start)
        return sources, None if shortest == width else mask, fed, targets

    def _padded(self, length):
        return -(-length // self.multiple) * self.multiple

    def _rows(self, table, index, width):
        tokens, starts, lengths = table
        column = torch.arange(width, device=self.device)
        inside = column < lengths[index][:, None]
        places = (starts[index][:, None] + column).clamp(max=len(tokens) - 1)
        return tokens[places].long().masked_fill(~inside, 0), inside
