"""Photos seen anew each time: cropped, mirrored, a little brighter or darker."""

import torch
from torch.nn import functional as F


class View:
    """
    How each photo of a batch is looked at: a random part of it, mirrored or not. The same view can be taken of the photo
    and of maps of it.

    @param smallest: how much of each side is left at least, 0..1; the sides are drawn apart, as photos are squashed anyway
    """

    def __init__(self, photos, smallest, mirror, device, generator=None):
        draw = torch.rand(photos, 5, device=device, generator=generator)
        size = smallest + (1 - smallest) * draw[:, :2]
        centre = (1 - size) * (2 * draw[:, 2:4] - 1)
        flip = torch.where(draw[:, 4] < 0.5, -1.0, 1.0) if mirror else torch.ones(photos, device=device)
        zero = torch.zeros(photos, device=device)
        self.theta = torch.stack(
            [torch.stack([size[:, 0] * flip, zero, centre[:, 0]], 1), torch.stack([zero, size[:, 1], centre[:, 1]], 1)], 1
        )

    def of(self, images):
        """images [photos, channels, rows, columns], float -> the same shape."""
        places = F.affine_grid(self.theta, images.shape, align_corners=False)
        return F.grid_sample(images, places.to(images.dtype), mode="bilinear", padding_mode="border", align_corners=False)


def recolour(pixels, strength):
    """Brightness and contrast drawn apart on 1 +- strength. @param pixels: [photos, 3, rows, columns] in 0..255"""
    if strength == 0:
        return pixels
    draw = 1 + strength * (2 * torch.rand(len(pixels), 2, 1, 1, 1, device=pixels.device) - 1)
    mean = pixels.mean((1, 2, 3), keepdim=True)
    return (((pixels - mean) * draw[:, 0] + mean) * draw[:, 1]).clamp(0, 255)
