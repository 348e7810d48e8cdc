"""
Decodes photos and learns where things are, once for all trainings that run side by side.

    python scripts/torch/prepare_captioner.py --data DIR --source IMAGES --photos photos.npy --maps maps.npy

With `--grids FILE` it encodes them as well, once for all epochs of a training that leaves the encoder and the photos as
they are.
"""

import argparse
import io
import json
import time
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import torch

import look_teacher
from caption_data import CaptionData
from checkpoint import write_beside
from encoder import PREFIX, Encoder
from loop import guarded, half_precision, open_device
from photos import read_photos, torch_from, write_photos


GRIDS_AT_ONCE = 32


def tune(data, device, photos, tries=4):
    """-> {channelsLast, half, milliseconds}: the fastest way forwards and backwards."""
    ours = {name[len(PREFIX) :]: weight for name, weight in data.start.items() if name.startswith(PREFIX)}
    graph = data.manifest["metadata"]["encoder"]
    size = graph["input"]["size"]
    found = []
    for half in (True, False):
        for last in (True, False):
            layout = torch.channels_last if last else torch.contiguous_format
            encoder = Encoder(graph, ours).to(device).to(memory_format=layout)
            encoder.train_from(1)
            pixels = (255 * torch.rand(photos, 3, size, size, device=device)).contiguous(memory_format=layout)
            for i in range(tries):
                if i == tries - 2:
                    wait(device)
                    begin = time.monotonic()
                with half_precision(device) if half else nullcontext():
                    grid = encoder(pixels)
                grid.float().square().mean().backward()
            wait(device)
            milliseconds = 1000 * (time.monotonic() - begin) / 2
            print(f"bfloat16 {half}, channels last {last}: {milliseconds:.0f} ms for {photos} photos", flush=True)
            found.append({"channelsLast": last, "half": half, "milliseconds": milliseconds})
            del encoder, grid, pixels
    return min(found, key=lambda way: way["milliseconds"])


@torch.no_grad()
def write_grids(path, encoder, photos, half):
    """The encoder's grid of every photo in half precision, [photos, locations, channels]; what is there already is kept."""
    partial, count = Path(f"{path}.partial"), Path(f"{path}.count")
    done = int(count.read_text()) if count.exists() else 0
    grids = np.load(partial, mmap_mode="r+") if done else None
    for start in range(done, len(photos), GRIDS_AT_ONCE):
        with torch.autocast(photos.device.type, torch.bfloat16, enabled=half):
            some = encoder(photos[start : start + GRIDS_AT_ONCE].float()).half().cpu().numpy()
        if grids is None:
            grids = np.lib.format.open_memmap(partial, "w+", np.float16, (len(photos), *some.shape[1:]))
        grids[start : start + len(some)] = some
        if start // GRIDS_AT_ONCE % 25 == 0:
            grids.flush()
            count.write_text(str(start + len(some)))
            print(f"{start + len(some)} of {len(photos)} photos encoded", flush=True)
    grids.flush()
    partial.replace(path)
    count.unlink(missing_ok=True)


def wait(device):
    if device.type == "cuda":
        torch.cuda.synchronize()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", required=True)
    parser.add_argument("--source", nargs="+", help="the photos' folder, or tar files")
    parser.add_argument("--photos", required=True, help="the file of decoded photos; made where it is not there")
    parser.add_argument("--maps")
    parser.add_argument("--grids", help="where to write the encoder's grids of all photos")
    parser.add_argument("--half", action="store_true", help="encode in bfloat16, which new processors do faster")
    parser.add_argument("--threads", type=int)
    parser.add_argument(
        "--teacher-size",
        type=int,
        help="the side of the photos that the maps are learnt on, a multiple of the encoder's: their grid is finer; with --source",
    )
    parser.add_argument("--sharpness", type=float, default=1.0, help="of the maps: their scores are multiplied with it")
    parser.add_argument("--tune", help="where to write which way the encoder is trained fastest")
    parser.add_argument("--batch", type=int, default=64, help="photos a step, for --tune")
    parser.add_argument("--limit", type=int)
    guarded("prepare_captioner", lambda: prepare(parser.parse_args()))


def prepare(arguments):
    begin = time.monotonic()
    if not Path(arguments.photos).exists():
        if not arguments.source:
            raise ValueError(f"{arguments.photos} is not there, and --source does not say where the photos are.")
        # Before the card is opened: processes are made for it.
        data = CaptionData(arguments.data, torch.device("cpu"))
        size = data.manifest["metadata"]["encoder"]["input"]["size"]
        write_photos(arguments.photos, data.all_files, arguments.source, size)
    device = open_device(arguments.threads)
    torch.backends.cudnn.benchmark = True
    data = CaptionData(arguments.data, device, arguments.limit)
    print(f"{len(data.all_files)} photos after {time.monotonic() - begin:.0f} s", flush=True)
    if arguments.tune:
        Path(arguments.tune).write_text(json.dumps(tune(data, device, arguments.batch)) + "\n")
        print(f"tuned after {time.monotonic() - begin:.0f} s", flush=True)
    is_taught = bool(arguments.maps and data.nouns)
    if not arguments.grids and not is_taught:
        return
    size = data.manifest["metadata"]["encoder"]["input"]["size"]
    photos = read_photos(arguments.photos, len(data.all_files), size, device)
    ours = {name[len(PREFIX) :]: weight for name, weight in data.start.items() if name.startswith(PREFIX)}
    encoder = Encoder(data.manifest["metadata"]["encoder"], ours).to(device)
    if arguments.grids and not Path(arguments.grids).exists():
        write_grids(arguments.grids, encoder.to(memory_format=torch.channels_last), photos, arguments.half)
        print(f"grids after {time.monotonic() - begin:.0f} s", flush=True)
    if not is_taught:
        return
    train = photos[: len(data.captions)]
    if arguments.teacher_size:
        larger = f"{arguments.photos}.{arguments.teacher_size}.npy"
        if not Path(larger).exists():
            if not arguments.source:
                raise ValueError("--teacher-size needs --source: the photos are decoded once more.")
            write_photos(larger, data.all_files[: len(data.captions)], arguments.source, arguments.teacher_size)
        train = torch_from(np.load(larger, mmap_mode="r")).permute(0, 3, 1, 2)
        print(f"larger photos after {time.monotonic() - begin:.0f} s", flush=True)
    features = []
    with torch.no_grad(), half_precision(device):
        for some in train.split(64):
            features.append(encoder(some.to(device).float()).to(torch.bfloat16))
    features = torch.cat(features)
    print(f"features after {time.monotonic() - begin:.0f} s", flush=True)
    kernel, bias, loss = look_teacher.learn(features, data.present)
    found = io.BytesIO()
    np.save(found, look_teacher.maps(features, kernel, bias, data.config["grid"], arguments.sharpness).cpu().numpy())
    write_beside(Path(arguments.maps), found.getvalue())
    print(f"{data.present.shape[1]} things, loss {loss:.4f}, after {time.monotonic() - begin:.0f} s", flush=True)


if __name__ == "__main__":
    main()
