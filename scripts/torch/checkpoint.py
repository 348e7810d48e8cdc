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
    """
    -> (what model.json says, {name: float32 tensor}), the weights in the order in which they were saved
    @raise ValueError that names the file and what is wrong with it
    """
    folder = Path(folder)
    manifest = _read_manifest(folder / "model.json")
    shards = []
    for shard in manifest["shards"]:
        content = read_file(folder / shard["file"])
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
        numbers = _numbers(name, weight, precision)
        content = numbers.tobytes()
        if not shards or (shards[-1] and len(shards[-1]) + len(content) > SHARD_BYTES):
            shards.append(bytearray())
        place = {"shard": len(shards) - 1, "offset": len(shards[-1])}
        entries.append({"name": name, "shape": list(numbers.shape), "dtype": precision, **place})
        shards[-1] += content
    files = [_write_shard(folder, place, content) for place, content in enumerate(shards)]
    manifest = {
        "architecture": architecture,
        "config": config,
        "metadata": metadata,
        "weights": entries,
        "shards": files,
    }
    _write_manifest(folder, manifest)


def add_to_checkpoint(folder, weights, change, precision="float16"):
    """
    Gives a model more weights, in a shard of their own: its other shards stay byte for byte as they are. Weights of these
    names that it has already are replaced, where they alone make up its last shards.

    @param change: metadata as model.json has it -> as it shall be
    """
    folder = Path(folder)
    manifest = _read_manifest(folder / "model.json")
    entries = [entry for entry in manifest["weights"] if entry["name"] not in weights]
    shards = manifest["shards"][: 1 + max(entry["shard"] for entry in entries)]
    content = bytearray()
    for name, weight in weights.items():
        numbers = _numbers(name, weight, precision)
        place = {"shard": len(shards), "offset": len(content)}
        entries.append({"name": name, "shape": list(numbers.shape), "dtype": precision, **place})
        content += numbers.tobytes()
    shards = [*shards, _write_shard(folder, len(shards), content)]
    changed = {"metadata": change(manifest["metadata"]), "weights": entries, "shards": shards}
    _write_manifest(folder, {**manifest, **changed})


def _numbers(name, weight, precision):
    numbers = weight.detach().float().cpu().numpy()
    if not np.isfinite(numbers).all():
        raise ValueError(f"The weight {name} is not finite.")
    return numbers.astype(DTYPES[precision])


def _write_shard(folder, place, content):
    digest = hashlib.sha256(content).hexdigest()
    file = f"weights-{place + 1}-{digest[:16]}.bin"
    write_beside(folder / file, bytes(content))
    return {"file": file, "bytes": len(content), "sha256": digest}


def _write_manifest(folder, manifest):
    """Its shards lie there already; those that it does not name are removed."""
    # The engine looks for these two first.
    whole = {"formatVersion": 1, "sha256": NO_DIGEST}
    whole |= {key: value for key, value in manifest.items() if key not in whole}
    text = json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    write_beside(folder / "model.json", text.replace(NO_DIGEST, digest, 1).encode())
    kept = {shard["file"] for shard in manifest["shards"]}
    for old in folder.glob("weights-*.bin"):
        if old.name not in kept:
            old.unlink()


def _read_manifest(path):
    content = read_file(path)
    manifest = read_json(path, content)
    digest = str(manifest.get("sha256", "")) if isinstance(manifest, dict) else ""
    bare = content.replace(digest.encode(), NO_DIGEST.encode(), 1)
    if len(digest) != len(NO_DIGEST) or hashlib.sha256(bare).hexdigest() != digest:
        raise ValueError(f"{path} is damaged: its checksum does not match. Get the model again.")
    return manifest


def read_file(path):
    """-> bytes @raise ValueError where the file is missing or cannot be read"""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        raise ValueError(f"{path} is missing.") from None
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None


def read_json(path, content=None):
    """@param content: the file's bytes, where somebody has read them @raise ValueError where it is no JSON"""
    content = read_file(path) if content is None else content
    try:
        return json.loads(content)
    except ValueError as error:
        raise ValueError(f"{path} is damaged: it is no JSON ({error}).") from None


def write_beside(path, content):
    """Beside, flushed, renamed."""
    partial = path.with_name(path.name + ".partial")
    with open(partial, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
