#!/usr/bin/env python3
"""Turns a checkpoint of the widely used PyTorch tutorial of Show, Attend and Tell into a folder that Attend reads.

    python3 -m venv /tmp/convert && /tmp/convert/bin/pip install torch numpy
    /tmp/convert/bin/python scripts/convert/show_attend_tell.py CHECKPOINT.pth.tar WORDMAP.json FOLDER
    attend models add FOLDER

The checkpoint is a pickle with whole modules in it: { "encoder": …, "decoder": … }. It is unpickled here, and never by
Attend, and even here no code of it runs: of what it names, tensors and the layers of torch.nn are made, and everything
else becomes an empty module that only holds what was kept in it. Neither the tutorial's code nor torchvision is needed.

FOLDER gets config.json (sizes, and the encoder as a graph whose batch normalisations are folded into its convolutions),
model.safetensors, vocab.json (WORDMAP) and README.md, which you are to complete: where the model comes from, its licence.
`src/engine/published/show-attend-tell.ts` describes the format.
"""

import json
import pathlib
import pickle
import struct
import sys

import numpy
import torch

# What photos are divided by and shifted with, in 0..255; the tutorial's are those of ImageNet.
MEAN = [0.485, 0.456, 0.406]
DEVIATION = [0.229, 0.224, 0.225]
PHOTO = 256

SAFE = {"collections": {"OrderedDict"}, "torch._utils": {"_rebuild_tensor_v2", "_rebuild_parameter"}, "builtins": {"set"}}


class Kept(torch.nn.Module):
    """Stands for a module of unknown code: what it held, and nothing that it did."""

    def __init__(self, *_, **__):
        super().__init__()

    def __setstate__(self, state):
        self.__dict__.update(state)


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        if module.startswith("torch.nn.modules.") or module == "torch.nn.parameter" and name == "Parameter":
            return super().find_class(module, name)
        if name in SAFE.get(module, ()) or module == "torch" and name.endswith("Storage"):
            return super().find_class(module, name)
        return type(name, (Kept,), {})


class Pickle:
    """What torch.load asks of a pickle module."""

    Unpickler = Unpickler
    load = staticmethod(lambda file, **options: Unpickler(file, **options).load())


def children(module):
    return module._modules


class Graph:
    """The encoder as data: see src/engine/encoder/encoder-graph.ts."""

    def __init__(self):
        self.nodes = []
        self.weights = {}

    def convolution(self, name, before, conv, norm, act=None):
        size = conv.kernel_size[0]
        if conv.groups != 1 or conv.dilation[0] != 1 or conv.kernel_size[1] != size:
            sys.exit(f"{name}: such a convolution is none of a ResNet.")
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        bias = norm.bias - norm.running_mean * scale
        if conv.bias is not None:
            bias = bias + conv.bias * scale
        self.weights[f"encoder.{name}.weight"] = conv.weight * scale[:, None, None, None]
        self.weights[f"encoder.{name}.bias"] = bias
        node = {
            "id": name, "op": "conv", "in": [before], "w": f"encoder.{name}.weight", "b": f"encoder.{name}.bias",
            "stride": conv.stride[0], "pad": conv.padding[0],
        }
        return self.add({**node, **({"act": act} if act else {})})

    def add(self, node):
        self.nodes.append(node)
        return node["id"]

    def block(self, name, before, block):
        """A bottleneck: 1 x 1, 3 x 3, 1 x 1, and what came in beside it."""
        parts = children(block)
        if "conv3" not in parts:
            sys.exit(f"{name} is no bottleneck: this converter knows ResNet-50, -101 and -152.")
        last = before
        for i in (1, 2, 3):
            act = "relu" if i < 3 else None
            last = self.convolution(f"{name}.conv{i}", last, parts[f"conv{i}"], parts[f"bn{i}"], act)
        beside = before
        if parts.get("downsample") is not None:
            conv, norm = children(parts["downsample"]).values()
            beside = self.convolution(f"{name}.downsample", before, conv, norm)
        return self.add({"id": name, "op": "add", "in": [last, beside], "act": "relu"})


def convert_encoder(encoder):
    """The trunk of a ResNet, and what makes a grid of its last layer."""
    graph = Graph()
    trunk = list(children(children(encoder)["resnet"]).values())
    conv, norm, _, pool, *stages = trunk
    last = graph.convolution("conv", "input", conv, norm, "relu")
    one = lambda value: value if isinstance(value, int) else value[0]
    last = graph.add({
        "id": "pool", "op": "max", "in": [last], "size": one(pool.kernel_size), "stride": one(pool.stride),
        "pad": one(pool.padding),
    })
    for i, stage in enumerate(stages):
        for j, block in enumerate(children(stage).values()):
            last = graph.block(f"stage{i + 1}.{j}", last, block)
    size = children(encoder)["adaptive_pool"].output_size
    rows, columns = (size, size) if isinstance(size, int) else size
    graph.add({"id": "grid", "op": "grid", "in": [last], "rows": rows, "columns": columns})
    return {
        "name": "resnet",
        "input": {
            "size": PHOTO, "channels": "RGB", "mean": [255 * one for one in MEAN],
            "scale": [1 / (255 * one) for one in DEVIATION],
        },
        "taps": {"last": "grid"},
        "nodes": graph.nodes,
    }, graph.weights


def write_safetensors(path, tensors):
    """The length of the header, the header as JSON, and the numbers."""
    header, blobs, at = {}, [], 0
    for name, tensor in tensors.items():
        blob = numpy.ascontiguousarray(tensor.detach().cpu().float().numpy()).tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


CARD = """---
license: unknown
---

# Show, Attend and Tell

Converted by scripts/convert/show_attend_tell.py. Write here what it was trained on, by whom, and under which licence.
"""


def convert(checkpoint, words, folder, photo=PHOTO):
    """@param photo the side of the photos, which no checkpoint says"""
    kept = torch.load(checkpoint, map_location="cpu", pickle_module=Pickle, weights_only=False)
    encoder, weights = convert_encoder(kept["encoder"])
    encoder["input"]["size"] = photo
    decoder = kept["decoder"].state_dict()
    weights = {**weights, **{f"decoder.{name}": tensor for name, tensor in decoder.items()}}
    vocabulary, embedding = decoder["embedding.weight"].shape
    config = {
        "model_type": "show-attend-tell",
        "encoder_dim": decoder["init_h.weight"].shape[1],
        "attention_dim": decoder["attention.encoder_att.weight"].shape[0],
        "embed_dim": embedding,
        "decoder_dim": decoder["init_h.weight"].shape[0],
        "vocab_size": vocabulary,
        "encoder": encoder,
    }
    folder.mkdir(parents=True, exist_ok=True)
    write_safetensors(folder / "model.safetensors", weights)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")
    (folder / "vocab.json").write_text(json.dumps(words, ensure_ascii=False) + "\n", encoding="utf-8")
    if not (folder / "README.md").exists():
        (folder / "README.md").write_text(CARD, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    checkpoint, words, folder = (pathlib.Path(argument) for argument in sys.argv[1:])
    convert(checkpoint, json.loads(words.read_text(encoding="utf-8")), folder)
