"""Reads a model of Attend as it is: model.json and its shards."""

import json
from pathlib import Path

import numpy as np
import torch

DTYPES = {"float16": "<f2", "float32": "<f4"}


def read_checkpoint(folder):
    """-> (what model.json says, {name: float32 tensor})."""
    folder = Path(folder)
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    shards = [(folder / shard["file"]).read_bytes() for shard in manifest["shards"]]
    weights = {}
    for entry in manifest["weights"]:
        count = int(np.prod(entry["shape"]))
        numbers = np.frombuffer(shards[entry["shard"]], DTYPES[entry["dtype"]], count, entry["offset"])
        weights[entry["name"]] = torch.from_numpy(numbers.astype(np.float32).reshape(entry["shape"]))
    return manifest, weights
