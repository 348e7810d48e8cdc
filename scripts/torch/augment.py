"""Photos seen anew each time: cropped, mirrored, a little brighter or darker."""

import numpy as np
import torch
from torch.nn import functional as F


def draw_boxes(photos, smallest, random):
    """
    A random part of each photo, mirrored or not, as src/training/captioner/augmentation.ts draws it.

    @param smallest: how much of each side is left at least, 0..1; the sides are drawn apart, as photos are squashed anyway
    @param random: a `Random`, which is moved
    -> [photos, 4]: top, left, bottom, right, on [0, 1]; a box whose left and right are exchanged is read from right to left
    """
    drawn = random.uniform(5 * photos).reshape(photos, 5)
    tall, wide = (smallest + (1 - smallest) * drawn[:, :2]).T
    top, left = (1 - tall) * drawn[:, 2], (1 - wide) * drawn[:, 3]
    return _mirrored(np.stack([top, left, top + tall, left + wide], 1), drawn[:, 4] >= 0.5)


def draw_mirrors(photos, random):
    """The same of whole photos, each mirrored with probability one half."""
    return _mirrored(np.tile([0.0, 0.0, 1.0, 1.0], (photos, 1)), random.uniform(photos) < 0.5)


def _mirrored(boxes, chosen):
    boxes[chosen] = boxes[chosen][:, [0, 3, 2, 1]]
    return boxes


class View:
    """How each photo of a batch is looked at. The same view can be taken of the photo and of maps of it."""

    def __init__(self, boxes, device):
        """@param boxes: see `draw_boxes`"""
        top, left, bottom, right = torch.from_numpy(boxes).float().to(device).T
        zero = torch.zeros_like(top)
        across = torch.stack([right - left, zero, left + right - 1], 1)
        down = torch.stack([zero, bottom - top, top + bottom - 1], 1)
        self.theta = torch.stack([across, down], 1)

    def of(self, images, corners=True):
        """
        images [photos, channels, rows, columns], float -> the same shape.
        @param corners: whether a box's sides lie on the middles of the outermost pixels, as those of photos do, or on their
            outer edges
        """
        places = F.affine_grid(self.theta, images.shape, align_corners=corners).to(images.dtype)
        return F.grid_sample(images, places, mode="bilinear", padding_mode="border", align_corners=corners)


def recolour(pixels, strength):
    """Brightness and contrast drawn apart on 1 +- strength. @param pixels: [photos, 3, rows, columns] in 0..255"""
    if strength == 0:
        return pixels
    draw = 1 + strength * (2 * torch.rand(len(pixels), 2, 1, 1, 1, device=pixels.device) - 1)
    mean = pixels.mean((1, 2, 3), keepdim=True)
    return (((pixels - mean) * draw[:, 0] + mean) * draw[:, 1]).clamp(0, 255)
