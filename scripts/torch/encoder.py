"""The convolutional encoder as data (src/engine/encoder/encoder-graph.ts), in PyTorch and trainable.

Batch normalisation is folded into kernels and biases. SAME padding is TensorFlow's: an odd pixel goes to the bottom and
to the right. The network sees (pixel - mean) * scale, with pixels in 0..255.
"""

import json
from functools import partial
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

PREFIX = "encoder/"


class Encoder(nn.Module):
    """
    @param graph: what graph.json, or the metadata of a training checkpoint, says
    @param weights: {name: tensor} as Attend stores them: kernels [height, width, in, out], of depthwise convolutions
        [height, width, channels, 1]
    """

    def __init__(self, graph, weights):
        super().__init__()
        self.graph = graph
        self.nodes = needed(graph, graph["taps"]["last"])
        self.last = graph["taps"]["last"]
        self.weights = nn.ParameterDict()
        for node in self.nodes:
            if node["op"] == "conv":
                self.weights[key(node["w"])] = nn.Parameter(to_torch(weights[node["w"]], depthwise(node)))
                self.weights[key(node["b"])] = nn.Parameter(weights[node["b"]].clone())
        # Weights behind the grid, which nobody needs here; a model is stored with all of its own.
        self.rest = {name: weight for name, weight in weights.items() if key(name) not in self.weights}
        self.register_buffer("mean", torch.tensor(graph["input"]["mean"]).float().view(1, 3, 1, 1), persistent=False)
        self.register_buffer("scale", torch.tensor(graph["input"]["scale"]).float().view(1, 3, 1, 1), persistent=False)
        self.uses = {}
        for place, node in enumerate(self.nodes):
            for name in node["in"]:
                self.uses[name] = place

    def forward(self, pixels):
        """pixels [photos, 3, height, width] in 0..255 -> [photos, locations, channels]."""
        grid = self.grid(pixels)
        return grid.flatten(2).transpose(1, 2)

    def grid(self, pixels):
        """-> [photos, channels, rows, columns]."""
        values = {"input": (pixels.float() - self.mean) * self.scale}
        for place, node in enumerate(self.nodes):
            x = values[node["in"][0]]
            if node["op"] == "conv":
                values[node["id"]] = self.convolve(node, x)
            elif node["op"] == "add":
                total = x + values[node["in"][1]]
                values[node["id"]] = F.relu(total) if node.get("act") == "relu" else total
            elif node["op"] == "concat":
                values[node["id"]] = torch.cat([x, values[node["in"][1]]], 1)
            elif node["op"] == "gap":
                values[node["id"]] = x.mean((2, 3), keepdim=True)
            elif node["op"] == "max":
                values[node["id"]] = F.max_pool2d(F.pad(x, [node["pad"]] * 4), node["size"], node["stride"])
            else:
                values[node["id"]] = F.adaptive_avg_pool2d(x, (node["rows"], node["columns"]))
            for name in node["in"]:
                if self.uses[name] == place and name != self.last:
                    values.pop(name, None)
        return values[self.last]

    def convolve(self, node, x):
        kernel, bias = self.weights[key(node["w"])], self.weights[key(node["b"])]
        stride, pad = node["stride"], node.get("pad", "valid")
        around = 0
        if pad == "same":
            top, bottom = same_padding(x.shape[2], kernel.shape[2], stride)
            left, right = same_padding(x.shape[3], kernel.shape[3], stride)
            if top == bottom == left == right:
                around = top
            else:
                x = F.pad(x, (left, right, top, bottom))
        elif pad != "valid":
            around = pad
        x = F.conv2d(x, kernel, bias, stride, around, groups=node.get("groups") or 1)
        act = node.get("act")
        return F.relu6(x) if act == "relu6" else F.relu(x) if act == "relu" else x

    def train_from(self, reduction):
        """
        Makes the layers trainable whose output is at least `reduction` times smaller than the photo (1: all; 16: from a
        sixteenth of its size on), and the others not. -> the trainable parameters
        """
        factor = {"input": 1}
        chosen = []
        for node in self.nodes:
            factor[node["id"]] = factor[node["in"][0]] * node.get("stride", 1)
            if node["op"] != "conv":
                continue
            for name in (node["w"], node["b"]):
                parameter = self.weights[key(name)]
                parameter.requires_grad_(factor[node["id"]] >= reduction)
                if parameter.requires_grad:
                    chosen.append(parameter)
        return chosen

    def train_above(self, tap):
        """Makes the layers above a tap ("pre", "s16") or node trainable, and the others not. -> the trainable parameters"""
        below = {node["id"] for node in needed(self.graph, self.graph["taps"].get(tap, tap))}
        chosen = []
        for node in self.nodes:
            for name in (node["w"], node["b"]) if node["op"] == "conv" else ():
                parameter = self.weights[key(name)]
                parameter.requires_grad_(node["id"] not in below)
                if parameter.requires_grad:
                    chosen.append(parameter)
        return chosen

    def convolutions(self):
        return [node for node in self.nodes if node["op"] == "conv"]

    def entries(self, prefix=PREFIX):
        """{name: tensor} in Attend's layout and order."""
        found = {}
        for node in self.convolutions():
            found[prefix + node["w"]] = from_torch(self.weights[key(node["w"])].detach(), depthwise(node))
            found[prefix + node["b"]] = self.weights[key(node["b"])].detach()
        return found | {prefix + name: weight for name, weight in self.rest.items()}

    @torch.no_grad()
    def install(self, stored, prefix=PREFIX):
        """Takes up what `entries` gave. @raise ValueError where a weight is missing"""
        for node in self.convolutions():
            for name, into in ((node["w"], lambda kernel: to_torch(kernel, depthwise(node))), (node["b"], torch.clone)):
                if prefix + name not in stored:
                    raise ValueError(f"The training checkpoint lacks the encoder's weight {name}.")
                self.weights[key(name)].copy_(into(stored[prefix + name]))

    def trained(self):
        """-> ({name: parameter} of the layers that are trainable, {name: (to Attend's layout, from it)} of their kernels)"""
        weights, layouts = {}, {}
        for node in self.convolutions():
            for name in (node["w"], node["b"]):
                if self.weights[key(name)].requires_grad:
                    weights[PREFIX + name] = self.weights[key(name)]
            turned = depthwise(node)
            layouts[PREFIX + node["w"]] = (partial(from_torch, is_depthwise=turned), partial(to_torch, is_depthwise=turned))
        return weights, layouts


def read_pretrained(folder):
    """-> (graph, {name: tensor}) of a published network: graph.json and model.safetensors in one folder."""
    folder = Path(folder)
    graph = json.loads((folder / "graph.json").read_text(encoding="utf-8"))
    content = (folder / "model.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        dtype = {"F32": torch.float32, "F16": torch.float16}[entry["dtype"]]
        begin, end = entry["data_offsets"]
        piece = bytearray(content[8 + length + begin : 8 + length + end])
        tensors[name] = torch.frombuffer(piece, dtype=dtype).float().reshape(entry["shape"])
    weights = {}
    for node in needed(graph, graph["taps"]["last"]):
        if node["op"] == "conv":
            weights[node["w"]] = from_torch(tensors[node["w"]], depthwise(node))
            weights[node["b"]] = tensors[node["b"]]
    return graph, weights


def needed(graph, target):
    """The nodes that `target` is computed from, in order."""
    by_id = {node["id"]: node for node in graph["nodes"]}
    wanted, left = set(), [target]
    while left:
        name = left.pop()
        if name == "input" or name in wanted:
            continue
        wanted.add(name)
        left += by_id[name]["in"]
    return [node for node in graph["nodes"] if node["id"] in wanted]


def same_padding(size, kernel, stride):
    """TensorFlow's SAME: ceil(size / stride) outputs; -> zeros before and behind."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def depthwise(node):
    return (node.get("groups") or 1) > 1


def to_torch(kernel, is_depthwise):
    return kernel.permute((2, 3, 0, 1) if is_depthwise else (3, 2, 0, 1)).contiguous()


def from_torch(kernel, is_depthwise):
    return kernel.permute((2, 3, 0, 1) if is_depthwise else (2, 3, 1, 0)).contiguous()


def key(name):
    """A weight's name where no dot may be."""
    return name.replace(".", "/")
