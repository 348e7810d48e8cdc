#!/usr/bin/env python3
"""The same models on ONNX Runtime in Python; see bench/published.mjs.

    onnx_peer.py export FOLDER     writes BLIP's encoder as PyTorch exports it
    onnx_peer.py time FOLDER MODEL     times one of the models; prints JSON

BLIP's encoder is PyTorch's own export. What writes are Attend's graphs (`main.js FOLDER export`), since PyTorch exports no
step with what was kept of the steps before; here NumPy searches with them, as little as a beam search needs.
"""

import json
import os
import pathlib
import resource
import sys

import numpy as np
import onnxruntime

from fastest import fastest

TOKENS = 20


def open_graph(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count()
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def named(session, feeds):
    return dict(zip((output.name for output in session.get_outputs()), session.run(None, feeds)))


def search(step, width, shape, feeds, start, state):
    """The best `width` of all continuations, step by step; none ends. @param shape of tokens and rows"""
    pasts = [value.name for value in step.get_inputs() if value.name.startswith("past/")]
    tokens, rows, scores = np.full(1, start, np.int32), np.zeros(1, np.int32), np.zeros(1, np.float32)
    for place in range(TOKENS):
        fed = {"tokens": tokens.reshape(shape), "rows": rows.reshape(shape), **feeds(place)}
        memory = {name: value for name, value in state.items() if not name.startswith("past/")}
        if shape != (1, -1):  # a row of it for each of the tokens
            memory = {name: np.repeat(value, len(tokens), 0) for name, value in memory.items()}
        out = named(step, fed | memory | {name: state[name] for name in pasts})
        totals = (scores[:, None] + out["values"]).reshape(-1)
        best = np.argsort(-totals)[:width]
        rows = (best // out["values"].shape[1]).astype(np.int32)
        tokens, scores = out["likely"].reshape(-1)[best].astype(np.int32), totals[best]
        state |= {name: out[f"next_{name}"] for name in pasts}


def nothing(memory, step):
    """What was kept of no step."""
    names = [value.name for value in step.get_inputs() if value.name.startswith("past/")]
    return memory | {name: memory[name.replace("past", "memory")][:, :, :0] for name in names}


def measure_blip(folder, reference):
    pixels = np.fromfile(folder / "blip-base" / "pixels.bin", np.uint8).reshape(1, 384, 384, 3)
    mean, deviation = (np.array(reference["preprocessing"][name], np.float32) for name in ("mean", "deviation"))
    encoder = open_graph(folder / "graphs" / "blip-vision.onnx")
    start, step = (open_graph(folder / "graphs" / "blip-base" / f"{name}.onnx") for name in ("start", "step"))
    seen = np.ascontiguousarray(((pixels / np.float32(255) - mean) / deviation).transpose(0, 3, 1, 2))
    (vectors,) = encoder.run(None, {"pixels": seen})
    layers, heads = next(value.shape for value in step.get_inputs() if value.name == "parts")
    parts = np.full((layers, heads), 1 / (layers * heads), np.float32)
    feeds = lambda place: {"place": np.array([place], np.int32), "parts": parts}  # noqa: E731
    bos = reference["fed"][0]

    def write():
        # Keys and values of the photo are a part of writing, as with the two others.
        memory = {f"memory/{name}": value for name, value in named(start, {"vectors": vectors}).items()}
        search(step, 3, (1, -1), feeds, bos, nothing(memory, step))

    return {
        "BLIP-base, encoder": fastest(lambda: encoder.run(None, {"pixels": seen})),
        "BLIP-base, 20 tokens, beam 3": fastest(write),
    }


def measure_marian(folder, reference):
    encoder, step = (open_graph(folder / "graphs" / "opus-mt" / f"{name}.onnx") for name in ("encoder", "step"))

    def positions(first, count, size=512):
        angles = np.arange(first, first + count)[:, None] / 10000 ** (np.arange(0, size, 2) / size)
        return np.concatenate([np.sin(angles), np.cos(angles)], -1).astype(np.float32)

    def translate(width):
        tokens = np.array([reference["source"]], np.int32)
        padding = np.zeros((1, 1, 1, tokens.size), np.float32)
        encoded = named(encoder, {"tokens": tokens, "positions": positions(0, tokens.size), "padding": padding})
        memory = {f"memory/{name}": value for name, value in encoded.items()} | {"memory/padding": padding}
        search(step, width, (-1,), lambda place: {"position": positions(place, 1)}, reference["fed"][0], nothing(memory, step))

    return {
        "opus-mt, 20 tokens, greedy": fastest(lambda: translate(1)),
        "opus-mt, 20 tokens, beam 4": fastest(lambda: translate(4)),
    }


def export(folder):
    import torch
    import transformers

    path = folder / "graphs" / "blip-vision.onnx"
    if path.exists():
        return
    vision = transformers.BlipForConditionalGeneration.from_pretrained(folder / "blip-base").eval().vision_model

    class Seen(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.vision = vision

        def forward(self, pixels):
            return self.vision(pixels, return_dict=False)[0]

    with torch.no_grad():
        torch.onnx.export(
            Seen(), (torch.zeros(1, 3, 384, 384),), path, dynamo=False, input_names=["pixels"],
            output_names=["vectors"], opset_version=17,
        )


if __name__ == "__main__":
    what, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    if what == "export":
        export(folder)
    else:
        model = sys.argv[3]
        reference = json.loads((folder / model / "reference.json").read_text())
        found = (measure_blip if model == "blip-base" else measure_marian)(folder, reference)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        print(json.dumps({"version": onnxruntime.__version__, "milliseconds": found, "peak": peak}))
