"""Photos as bytes in one file, decoded once and shared by every training that runs: [photos, size, size, 3]."""

import io
import os
import tarfile
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps


def decode(content, size):
    """The whole photo squashed to size x size, as captioning sees it."""
    with Image.open(io.BytesIO(content)) as photo:
        rgb = ImageOps.exif_transpose(photo).convert("RGB")
        if rgb.size != (size, size):
            rgb = rgb.resize((size, size), Image.Resampling.LANCZOS)
        return np.asarray(rgb)


def _decode(job):
    content, size = job
    return decode(content if isinstance(content, bytes) else Path(content).read_bytes(), size)


def write_photos(path, files, source, size):
    """
    @param files: names of the photos, in the order of the records
    @param source: what the command line was given: a folder with them, or tar files
    """
    folder = Path(source[0])
    if folder.is_dir():
        jobs = [(str(folder / file), size) for file in files]
    else:
        contents = {}
        for tar in source:
            with tarfile.open(tar) as archive:
                for member in archive:
                    if member.isfile():
                        contents[os.path.basename(member.name)] = archive.extractfile(member).read()
        jobs = [(contents[file], size) for file in files]
    partial = Path(f"{path}.partial")
    photos = np.lib.format.open_memmap(partial, "w+", np.uint8, (len(files), size, size, 3))
    with Pool(os.cpu_count()) as pool:
        for place, photo in enumerate(pool.imap(_decode, jobs, chunksize=64)):
            photos[place] = photo
    photos.flush()
    partial.replace(path)


def read_photos(path, count, size, device):
    """
    @param path: what `write_photos` wrote, or the bytes alone, as `attend train captioner` keeps them
    -> uint8 tensor [photos, 3, size, size]: on the card; a processor reads from the file what it needs
    @raise ValueError where they are other photos than those of the pack
    """
    try:
        photos = np.load(path, mmap_mode="r") if str(path).endswith(".npy") else np.memmap(path, np.uint8, "r")
        photos = torch_from(photos.reshape(count, size, size, 3))
    except (ValueError, EOFError):
        raise ValueError(f"{path} does not hold the {count} photos of the pack, {size} x {size} pixels each.") from None
    if device.type == "cpu":
        return photos.permute(0, 3, 1, 2)
    found = photos.new_empty((count, 3, size, size), device=device)
    for start in range(0, len(photos), 512):
        found[start : start + 512] = photos[start : start + 512].to(device).permute(0, 3, 1, 2)
    return found


class Grids:
    """The encoder's grids of all photos (prepare_captioner.py), read from the disk as they are asked for."""

    def __init__(self, path, device):
        self.array, self.device = np.load(path, mmap_mode="r"), device

    def of(self, places):
        """@param places: a tensor of numbers -> [photos, locations, channels], float32"""
        return torch_from(self.array[places.cpu().numpy()]).to(self.device).float()


def torch_from(array):
    import warnings

    import torch

    with warnings.catch_warnings():
        # The file is mapped for reading, and nothing writes into the tensor.
        warnings.simplefilter("ignore", UserWarning)
        return torch.from_numpy(array)
