"""Attend's models as they are on the disk: model.json and its shards, both ways.

The format is told in src/engine/checkpoint/manifest.ts: shards with bare little-endian numbers; model.json has each
weight's name, shape, type, shard and offset, each shard's length and SHA-256, and a SHA-256 of itself, taken with zeros
in the place of its digits.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np
import torch

DTYPES = {"float16": "<f2", "float32": "<f4"}
NO_DIGEST = "0" * 64
SHARD_BYTES = 16 * 2**20


def read_checkpoint(folder):
    """-> (what model.json says, {name: float32 tensor}), the weights in the order in which they were saved."""
    folder = Path(folder)
    manifest = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    shards = []
    for shard in manifest["shards"]:
        content = (folder / shard["file"]).read_bytes()
        if hashlib.sha256(content).hexdigest() != shard["sha256"]:
            raise ValueError(f"{folder / shard['file']} is damaged: its checksum does not match. Get the model again.")
        shards.append(content)
    weights = {}
    for entry in manifest["weights"]:
        count = int(np.prod(entry["shape"]))
        numbers = np.frombuffer(shards[entry["shard"]], DTYPES[entry["dtype"]], count, entry["offset"])
        weights[entry["name"]] = torch.from_numpy(numbers.astype(np.float32).reshape(entry["shape"]))
    return manifest, weights


def write_checkpoint(folder, architecture, config, metadata, weights, precision="float32"):
    """
    Writes a model that `attend export`, the engine and `read_checkpoint` read. Everything is written beside and renamed,
    model.json last: whoever reads the folder finds the old model or the new one.

    @param config, metadata: what JSON can hold
    @param weights: {name: tensor}, in the order in which they are kept
    @param precision: float32 keeps every bit, float16 halves the size
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    entries, shards = [], []
    for name, weight in weights.items():
        numbers = weight.detach().float().cpu().numpy()
        if not np.isfinite(numbers).all():
            raise ValueError(f"The weight {name} is not finite.")
        content = numbers.astype(DTYPES[precision]).tobytes()
        if not shards or (shards[-1] and len(shards[-1]) + len(content) > SHARD_BYTES):
            shards.append(bytearray())
        place = {"shard": len(shards) - 1, "offset": len(shards[-1])}
        entries.append({"name": name, "shape": list(numbers.shape), "dtype": precision, **place})
        shards[-1] += content
    files = []
    for i, content in enumerate(shards):
        digest = hashlib.sha256(content).hexdigest()
        file = f"weights-{i + 1}-{digest[:16]}.bin"
        _write(folder / file, bytes(content))
        files.append({"file": file, "bytes": len(content), "sha256": digest})
    manifest = {
        "formatVersion": 1,
        "sha256": NO_DIGEST,
        "architecture": architecture,
        "config": config,
        "metadata": metadata,
        "weights": entries,
        "shards": files,
    }
    text = json.dumps(manifest, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    _write(folder / "model.json", text.replace(NO_DIGEST, digest, 1).encode())
    kept = {file["file"] for file in files}
    for old in folder.glob("weights-*.bin"):
        if old.name not in kept:
            old.unlink()


def _write(path, content):
    """Beside, flushed, renamed."""
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
