"""What a captioner would say had it looked elsewhere, or were the thing not there: attention is taught to matter.

Two losses on the words y that name a thing of the photo, each a hinge on how much likelier the word is as things are:

    elsewhere    relu(m + log p(y | weights that say nothing) - log p(y | its own weights))
    erased       relu(m + log p(y | the photo without the thing) - log p(y | the photo))

The first asks that a word needs the place it looked at; without it the mean of the photo tells the decoder enough, and the
maps are decoration (Jain and Wallace 2019, arXiv 1902.10186). The second asks that a thing is named because of the pixels
where it is; the other words of the caption have to stay as likely as they were, by cross entropy. It is training by removal,
as saliency is measured by it (Petsiuk et al. 2018, arXiv 1806.07421).
"""

import torch
from torch.nn import functional as F

# Cells of the side of what is erased.
SIDE = 3
# Of a thing's map, how much may lie in what is erased for its name to be asked for nevertheless.
STILL_SEEN = 0.4


def elsewhere(captioner, given, own, batch, named, margin):
    """
    @param given: what `Captioner.given` gave; the same of it is dropped
    @param own: log p of every word as it was said, [words]; named: 1 for the words that name a thing of their photo
    -> the mean of the hinge over these words. Half of the captions look everywhere alike, half at cells dealt out anew.
    """
    annotations, keys, *rest = given
    rows, locations, _ = keys.shape
    order = torch.rand(rows, locations, device=keys.device).argsort(1)
    dealt = keys.gather(1, order[..., None].expand_as(keys))
    alike = torch.rand(rows, 1, 1, device=keys.device) < 0.5
    scores, _ = captioner.unroll((annotations, torch.where(alike, torch.zeros_like(keys), dealt), *rest))
    said = -F.cross_entropy(scores, batch.targets, reduction="none")
    return hinge(own, said, named, margin)


def hinge(own, other, named, margin):
    """The mean of relu(m + log p - log p_own) over the words named; nothing goes back to log p_own."""
    return (torch.relu(margin + other - own.detach()) * named).sum() / named.sum().clamp(min=1)


class Erasure:
    """
    One thing of each photo, drawn among those that are named, and the photo without the 3 x 3 cells where most of it is: they
    have the photo's mean colour, as `attend evaluate faithfulness` has it.

    @param maps: where each thing is, [photos, things, locations], each summing to 1
    @param present: 1 where a photo is described with a thing, [photos, things]
    @param grid: rows and columns
    """

    def __init__(self, maps, present, grid):
        self.thing = torch.multinomial(present + 1e-6, 1)[:, 0]
        rows, columns = grid
        places = torch.arange(len(maps), device=maps.device)
        own = maps[places, self.thing].view(-1, 1, rows, columns)
        sums = F.avg_pool2d(own, SIDE, 1).flatten(1)
        best = sums.argmax(1)
        across = columns - SIDE + 1
        top, left = best // across, best % across
        row = torch.arange(rows, device=maps.device)
        column = torch.arange(columns, device=maps.device)
        is_row = (row >= top[:, None]) & (row < top[:, None] + SIDE)
        is_column = (column >= left[:, None]) & (column < left[:, None] + SIDE)
        self.window = is_row[:, :, None] & is_column[:, None]
        self.share = (maps * self.window.flatten(1)[:, None]).sum(2)

    def of(self, pixels):
        """pixels [photos, 3, height, width] -> the same without the things."""
        mask = F.interpolate(self.window[:, None].float(), pixels.shape[2:], mode="nearest")
        return pixels * (1 - mask) + pixels.mean((2, 3), keepdim=True) * mask

    def loss(self, scores, own, batch, things, named, margin, true_from):
        """
        @param scores: of every word where the things are gone, [words, vocabulary]; own: log p of the words on the photo
        @param things: the thing that each word names, or -1; named: 1 where it is one of the photo
        @param true_from: the first row that a person wrote
        """
        source = batch.source[batch.row]
        said = -F.cross_entropy(scores, batch.targets, reduction="none")
        gone = (things == self.thing[source]).float() * named
        seen = (things < 0) | (self.share[source, things.clamp(min=0)] < STILL_SEEN)
        seen = seen.float() * (1 - gone) * (batch.row >= true_from)
        kept = -(said * seen).sum() / seen.sum().clamp(min=1)
        return hinge(own, said, gone, margin) + kept
