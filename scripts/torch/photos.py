"""Photos as bytes in one file, decoded once and shared by every training that runs: [photos, size, size, 3]."""

import io
import os
import tarfile
from multiprocessing import Pool
from pathlib import Path

import numpy as np
from PIL import Image


def decode(content, size):
    """The whole photo squashed to size x size, as captioning sees it."""
    with Image.open(io.BytesIO(content)) as photo:
        rgb = photo.convert("RGB")
        if rgb.size != (size, size):
            rgb = rgb.resize((size, size), Image.Resampling.LANCZOS)
        return np.asarray(rgb)


def _decode(job):
    content, size = job
    return decode(content if isinstance(content, bytes) else Path(content).read_bytes(), size)


def write_photos(path, files, source, size):
    """
    @param files: names of the photos, in the order of the records
    @param source: a folder with them, or a list of tar files
    """
    if isinstance(source, list):
        contents = {}
        for tar in source:
            with tarfile.open(tar) as archive:
                for member in archive:
                    if member.isfile():
                        contents[os.path.basename(member.name)] = archive.extractfile(member).read()
        jobs = [(contents[file], size) for file in files]
    else:
        jobs = [(str(Path(source) / file), size) for file in files]
    partial = Path(f"{path}.partial")
    photos = np.lib.format.open_memmap(partial, "w+", np.uint8, (len(files), size, size, 3))
    with Pool(os.cpu_count()) as pool:
        for place, photo in enumerate(pool.imap(_decode, jobs, chunksize=64)):
            photos[place] = photo
    photos.flush()
    partial.replace(path)


def read_photos(path, device):
    """-> uint8 tensor [photos, 3, size, size] on the device."""
    photos = torch_from(np.load(path, mmap_mode="r"))
    found = photos.new_empty((len(photos), 3, *photos.shape[1:3]), device=device)
    for start in range(0, len(photos), 512):
        found[start : start + 512] = photos[start : start + 512].to(device).permute(0, 3, 1, 2)
    return found


def torch_from(array):
    import warnings

    import torch

    with warnings.catch_warnings():
        # The file is mapped for reading, and nothing writes into the tensor.
        warnings.simplefilter("ignore", UserWarning)
        return torch.from_numpy(array)
