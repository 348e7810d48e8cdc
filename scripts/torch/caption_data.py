"""What a captioner is trained on: `data.json` and `start/` of a packed folder (src/training/captioner/pack-captions.ts)."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from checkpoint import read_checkpoint, read_json
from ciderd import CiderD, bleu


class CaptionData:
    """Photos of training first, then those of validation; captions as ids of the vocabulary."""

    def __init__(self, folder, device, limit=None):
        """@param limit: so many photos of each part only, for a try"""
        folder = Path(folder)
        self.device = device
        self.manifest, self.start = read_checkpoint(folder / "start")
        self.words = self.manifest["metadata"]["vocabulary"]
        self.number = {word: i for i, word in enumerate(self.words)}
        self.unknown = self.number["<unk>"]
        self.config = self.manifest["config"]
        if self.manifest["architecture"] != "captioner":
            raise ValueError(f"{folder / 'start'} holds a {self.manifest['architecture']}, and no captioner.")
        content = read_json(folder / "data.json")
        self.all_files = [photo["file"] for photo in content["train"] + content["validation"]]
        self.first_validation = len(content["train"])
        train, validation = content["train"][:limit], content["validation"][:limit]
        self.captions = [[self.encode(caption) for caption in photo["captions"]] for photo in train]
        self.texts = [photo["captions"] for photo in train]
        self.times = [photo["times"] for photo in train]
        self.validation = [photo["references"] for photo in validation]
        self.validation_places = torch.arange(len(validation), device=device) + self.first_validation
        self.decoding = content["decoding"]
        self.pieces = content["pieces"]
        self.nouns = content.get("nouns")
        if self.nouns:
            self.thing_of = torch.tensor(self.nouns["ofWord"], device=device)
            things = len(self.nouns["names"])
            present = np.zeros((len(train), things), np.float32)
            for place, captions in enumerate(self.captions):
                for word in {word for caption in captions for word in caption}:
                    if self.nouns["ofWord"][word] >= 0:
                        present[place, self.nouns["ofWord"][word]] = 1
            self.present = torch.from_numpy(present).to(device)

    def encode(self, words):
        return [self.number.get(word, self.unknown) for word in words]

    def examples(self, least_captions=1):
        """Places of the photos of an epoch, the rare kinds as often as they count."""
        return np.array(
            [
                place
                for place, captions in enumerate(self.captions)
                if len(captions) >= least_captions
                for _ in range(self.times[place])
            ]
        )


@dataclass
class Batch:
    """
    Captions as rows. inputs, targets [rows, steps]; places [words]: where there is a word to be said; rows of them; source:
    each row's photo in the batch.
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    places: torch.Tensor
    row: torch.Tensor
    source: torch.Tensor

    @staticmethod
    def of(captions, source, start, end, device):
        """@param captions: lists of ids, an end behind each unless it was cut off there"""
        steps = max(len(caption) for caption in captions)
        inputs = np.full((len(captions), steps), end, np.int64)
        targets = np.full((len(captions), steps), -1, np.int64)
        for row, caption in enumerate(captions):
            inputs[row, 0] = start
            inputs[row, 1 : len(caption)] = caption[:-1]
            targets[row, : len(caption)] = caption
        flat = targets.reshape(-1)
        places = np.flatnonzero(flat >= 0)
        both = torch.from_numpy(np.stack([inputs, targets]))
        at = torch.from_numpy(np.stack([places, flat[places], places // steps]))
        if device.type == "cuda":
            both, at = both.pin_memory(), at.pin_memory()
        both, at = both.to(device, non_blocking=True), at.to(device, non_blocking=True)
        source = torch.as_tensor(source).to(device, non_blocking=True)
        return Batch(both[0], at[1], at[0], at[2], source)


class Validation:
    """Scores captions of the validation photos as the engine does."""

    def __init__(self, data):
        self.data = data
        every = [word for word in data.words[3:] if word not in data.pieces]
        every += [piece for pieces in data.pieces.values() for piece in pieces]
        self.words = list(dict.fromkeys(every))
        self.number = {word: i for i, word in enumerate(self.words)}
        self.cider = CiderD(data.validation, self.words, False, torch.device("cpu"))

    def score(self, captions):
        """@param captions: lists of ids without the end -> {ciderD, bleu4, words, example, perPhoto}"""
        data = self.data
        texts = [[data.words[i] for i in caption] for caption in captions]
        cut = [[piece for word in text for piece in data.pieces.get(word, [word])] for text in texts]
        steps = max(1, max(len(text) for text in cut))
        tokens = torch.zeros(len(cut), steps, dtype=torch.long)
        for row, text in enumerate(cut):
            tokens[row, : len(text)] = torch.tensor([self.number[word] for word in text], dtype=torch.long)
        lengths = torch.tensor([len(text) for text in cut])
        scores = self.cider.score(torch.arange(len(cut)), tokens, lengths)
        return {
            "ciderD": scores.mean().item(),
            "bleu4": bleu(cut, data.validation)[3],
            "words": sum(map(len, captions)) / len(captions),
            "example": " ".join(texts[0]),
        }
