"""The lane of PyTorch for training: the model and the optimiser of scripts/torch, which train what Attend ships.

Attention, normalisation and AdamW are PyTorch's fused ones. Needs numpy and torch (requirements.txt beside this file).
"""

import sys
from pathlib import Path
from time import perf_counter

from serve import serve

sys.path.append(str(Path(__file__).resolve().parents[2] / "scripts" / "torch"))

INSTALL = "PyTorch is not installed"

try:
    import torch

    from checkpoint import read_checkpoint
    from loop import Optimiser
    from transformer import Transformer
except ImportError as error:
    INSTALL += f" ({error})"
    torch = None


class Lane:
    def open(self, folder, threads, example):
        """@param example: what `step` takes, to find out with how many threads it is faster"""
        if torch is None:
            raise RuntimeError(INSTALL)
        times = {}
        for count in sorted({1, threads}):
            torch.set_num_threads(count)
            self._load(folder)
            times[count] = min(self.step(**example)["milliseconds"] for _ in range(3))
        count = min(times, key=times.get)
        torch.set_num_threads(count)
        self._load(folder)
        return {"version": torch.__version__, "python": sys.version.split()[0], "threads": count}

    def step(self, pairs, dropout, labelSmoothing, rate):
        """One update: forward, backward, optimiser."""
        begin = perf_counter()
        start, end = self.config["startToken"], self.config["endToken"]
        read, mask = self._rows([pair["source"] for pair in pairs], 0)
        fed, _ = self._rows([[start, *pair["target"]] for pair in pairs], 0)
        wanted, _ = self._rows([[*pair["target"], end] for pair in pairs], -100)
        tokens = sum(len(pair["target"]) + 1 for pair in pairs)
        self.model.rates = {"dropout": dropout}
        self.model.training = True
        loss = self.model.loss(read, mask, fed, wanted, smoothing=labelSmoothing) / tokens
        loss.backward()
        self.optimiser.step(rate)
        value = loss.item()
        return {"milliseconds": 1000 * (perf_counter() - begin), "loss": value}

    def _load(self, folder):
        manifest, weights = read_checkpoint(folder)
        if manifest["architecture"] != "transformer":
            raise ValueError("the translator here must be a Transformer")
        self.config = manifest["config"]
        torch.manual_seed(7)
        weights = {name: weight.float() for name, weight in weights.items()}
        self.model = Transformer(self.config, weights, torch.device("cpu"))
        self.optimiser = Optimiser(self.model.weights, 0.98, 0.0, 0.999, 1.0)

    @staticmethod
    def _rows(sequences, padding):
        longest = max(len(sequence) for sequence in sequences)
        rows = torch.tensor([[*s, *[padding] * (longest - len(s))] for s in sequences])
        lengths = torch.tensor([len(s) for s in sequences])
        mask = torch.arange(longest) < lengths[:, None]
        return rows, None if all(len(s) == longest for s in sequences) else mask


if __name__ == "__main__":
    serve(Lane())
