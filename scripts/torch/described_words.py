"""
Learns which words people describe photos with (src/engine/models/described-words.ts), and gives them to a captioner, which
then chooses among what its beam finds by them as well.

    python scripts/torch/prepare_captioner.py --data PACK --source IMAGES --photos photos.npy --grids grids.npy
    python scripts/torch/described_words.py --data PACK --grids grids.npy --model models/captioner-flickr8k-coco --weight 0.8

PACK is that of a training that begins with the captioner, so that the grids are those of its own encoder. The model's other
weights stay as they are; what was fitted to them (`attend calibrate captioner`) has to be fitted again.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from caption_data import CaptionData
from checkpoint import add_to_checkpoint
from loop import guarded, open_device

WORDS = 1200
LEAST_PHOTOS = 10
RANK = 60
EPOCHS = 8
PHOTOS_PER_BATCH = 128
RATE, WARM_UP, DECAY, DROPOUT = 0.003, 20, 0.3, 0.5
# What is in every photo and in none, beside the words that a caption may repeat.
SAYS_NOTHING = "there it he she him them they 's each all very does something someone being has be this not no".split()


def words_of(data):
    """The numbers of the words that a photo may be described with, those of most photos first."""
    never = {"<start>", "<end>", "<unk>", *data.decoding["repeatable"], *data.decoding["neverLast"], *SAYS_NOTHING}
    never -= {"young", "little", "small", "large", "big", "several", "many"}
    photos = np.zeros(len(data.words), int)
    for captions in data.captions:
        photos[list({word for caption in captions for word in caption})] += 1
    known = [word for word in np.argsort(-photos, kind="stable").tolist() if data.words[word] not in never]
    return [word for word in known[:WORDS] if photos[word] >= LEAST_PHOTOS]


def shares_of(captions, words):
    """The share of each photo's captions that have a word, [photos, words]."""
    column = {word: i for i, word in enumerate(words)}
    shares = torch.zeros(len(captions), len(words))
    for photo, own in enumerate(captions):
        for caption in own:
            for word in set(caption) & column.keys():
                shares[photo, column[word]] += 1 / len(own)
    return shares


def mean_cells(path, count):
    """The mean cell of each photo of training, [photos, channels]."""
    grids = np.load(path, mmap_mode="r")
    parts = [torch.from_numpy(grids[i : i + 128].astype(np.float32)).mean(1) for i in range(0, count, 128)]
    return torch.cat(parts)[:count]


def learn(means, shares, counts, seed=1):
    """
    @param means: [photos, channels]; shares: [photos, words]; counts: how many captions a photo has, [photos]
    -> (U [channels, rank], V [rank, words], b [words]), of the means as they are

    Both matrices begin small, so that few directions grow.
    """
    generator = torch.Generator().manual_seed(seed)
    centre, spread = means.mean(0), means.std(0) + 1e-3
    inputs = (means - centre) / spread
    weights = (counts / counts.max())[:, None]
    reduce = (0.02 * torch.randn(means.shape[1], RANK, generator=generator)).requires_grad_()
    kernel = (0.02 * torch.randn(RANK, shares.shape[1], generator=generator)).requires_grad_()
    mean = ((shares * weights).sum(0) / weights.sum()).clamp(1e-4, 1 - 1e-4)
    bias = torch.log(mean / (1 - mean)).requires_grad_()
    groups = [{"params": [reduce, kernel], "weight_decay": DECAY}, {"params": [bias], "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, lr=RATE)
    batches = -(-len(inputs) // PHOTOS_PER_BATCH)
    for step in range(EPOCHS * batches):
        if step % batches == 0:
            order = torch.randperm(len(inputs), generator=generator)
        some = order[step % batches * PHOTOS_PER_BATCH :][:PHOTOS_PER_BATCH]
        kept = (torch.rand(len(some), inputs.shape[1], generator=generator) >= DROPOUT) / (1 - DROPOUT)
        scores = (inputs[some] * kept) @ reduce @ kernel + bias
        losses = F.binary_cross_entropy_with_logits(scores, shares[some], reduction="none")
        loss = (losses * weights[some]).sum() / len(some)
        for group in adam.param_groups:
            group["lr"] = RATE * min(1, (step + 1) / WARM_UP) * (1 - step / (EPOCHS * batches))
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
        if (step + 1) % batches == 0:
            print(f"epoch {(step + 1) // batches}: loss {loss.item():.2f}", flush=True)
    with torch.no_grad():
        reduce = reduce / spread[:, None]
        return reduce, kernel.detach(), bias - centre @ reduce @ kernel


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, help="the packed folder: data.json and start/")
    parser.add_argument("--grids", required=True, help="the encoder's grids of all photos (prepare_captioner.py)")
    parser.add_argument("--model", required=True, help="the captioner's folder")
    parser.add_argument("--weight", type=float, required=True, help="of the words beside a caption's score; tune it on dev")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int)
    guarded("described_words", lambda: run(parser.parse_args()))


def run(arguments):
    open_device(arguments.threads)
    data = CaptionData(arguments.data, torch.device("cpu"))
    words = words_of(data)
    counts = torch.tensor([len(captions) for captions in data.captions]).float()
    means = mean_cells(arguments.grids, len(data.captions))
    reduce, kernel, bias = learn(means, shares_of(data.captions, words), counts, arguments.seed)
    named = {"described.reduce": reduce, "described.kernel": kernel, "described.bias": bias}

    def told(metadata):
        decoding = {**metadata["decoding"], "describedWeight": arguments.weight}
        return {**metadata, "decoding": decoding, "described": [data.words[word] for word in words]}

    add_to_checkpoint(Path(arguments.model), named, told)
    print(f"{len(words)} words, rank {RANK}: {arguments.model}")


if __name__ == "__main__":
    main()
