"""Where the things are that captions name, learnt from the captions alone (src/engine/models/word-classifier.ts).

A linear classifier on every cell x_i of the frozen encoder's grid, pooled by log-sum-exp (Pinheiro and Collobert 2015,
arXiv 1411.6228, eq. 2):

    s_ik = w_k' x_i + b_k        s_k = log(1/L sum_i exp s_ik)        p(k in the photo) = sigmoid(s_k)

Its map of a word, softmax_i(s_ik), is a target of the attention on the words that name the thing.
"""

import math

import torch
from torch.nn import functional as F

EPOCHS = 3
PHOTOS_PER_BATCH = 64
RATE, WARM_UP, FLOOR = 0.002, 20, 0.02


def learn(features, present, seed=1):
    """
    @param features: [photos, locations, channels], any float type; present: 1 where a photo is described with a thing
    -> (kernel [channels, things], bias [things])
    """
    device = features.device
    generator = torch.Generator().manual_seed(seed)
    channels, things = features.shape[2], present.shape[1]
    limit = math.sqrt(6 / (channels + things))
    kernel = ((2 * torch.rand(channels, things, generator=generator) - 1) * limit).to(device).requires_grad_()
    bias = torch.full((things,), -3.0, device=device, requires_grad=True)
    groups = [{"params": [kernel], "weight_decay": 0.01}, {"params": [bias], "weight_decay": 0.0}]
    adam = torch.optim.AdamW(groups, lr=RATE, fused=True)
    batches = -(-len(features) // PHOTOS_PER_BATCH)
    steps = EPOCHS * batches
    for step in range(steps):
        if step % batches == 0:
            order = torch.randperm(len(features), generator=generator).to(device)
        place = step % batches * PHOTOS_PER_BATCH
        chosen = order[place : place + PHOTOS_PER_BATCH]
        done = max(0, step - WARM_UP) / max(1, steps - WARM_UP)
        rate = RATE * (FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * done)) / 2)
        for group in adam.param_groups:
            group["lr"] = RATE * (step + 1) / WARM_UP if step < WARM_UP else rate
        scores = features[chosen].float() @ kernel + bias
        odds = torch.logsumexp(scores, 1) - math.log(features.shape[1])
        loss = (F.softplus(odds) - present[chosen] * odds).mean()
        adam.zero_grad(set_to_none=True)
        loss.backward()
        adam.step()
    return kernel.detach(), bias.detach(), loss.item()


@torch.no_grad()
def maps(features, kernel, bias, grid, sharpness=1.0):
    """
    @param features: of a grid as fine as `grid`, or so many times finer both ways
    @param grid: rows and columns
    @param sharpness: what the scores are multiplied with before the softmax
    -> [photos, things, locations of `grid`], half precision; each sums to 1
    """
    rows, columns = grid
    times = math.isqrt(features.shape[1] // (rows * columns))
    found = []
    for some in features.split(128):
        fine = torch.softmax(sharpness * (some.float() @ kernel + bias).transpose(1, 2), 2)
        coarse = F.avg_pool2d(fine.unflatten(2, (rows * times, columns * times)), times) * times**2
        found.append(coarse.flatten(2).half())
    return torch.cat(found)
