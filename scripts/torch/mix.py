"""
Writes the weighted mean of a model and of the one that it was fine-tuned from: what it learned anew is kept for the most
part, and less of the old is lost (Wortsman et al. 2022, arXiv 2109.01903).

    python scripts/torch/mix.py --first runs/A/final --second runs/B/final --share 0.4 --output runs/B/mixed
"""

import argparse

from checkpoint import read_checkpoint, write_checkpoint
from loop import guarded


def mix(options):
    """The result says what the second says, and that it is a mean."""
    first, old = read_checkpoint(options.first)
    second, new = read_checkpoint(options.second)
    if first["config"] != second["config"] or {n: w.shape for n, w in old.items()} != {n: w.shape for n, w in new.items()}:
        raise ValueError(f"{options.first} and {options.second} are different models.")
    if not 0 <= options.share <= 1:
        raise ValueError(f"The share is {options.share}; it must be from 0 to 1.")
    run = second["metadata"].get("run", {})
    text = f"mean of {options.share:g} of the run and {1 - options.share:g} of what it started from"
    metadata = {**second["metadata"], "run": {**run, "result": {"weights": text}}}
    weights = {name: (1 - options.share) * old[name] + options.share * weight for name, weight in new.items()}
    write_checkpoint(options.output, second["architecture"], second["config"], metadata, weights)


def main():
    parser = argparse.ArgumentParser(description="Writes the weighted mean of two checkpoints of one model.")
    parser.add_argument("--first", required=True, help="a checkpoint")
    parser.add_argument("--second", required=True, help="one that went on from it")
    parser.add_argument("--share", type=float, required=True, help="of the second, from 0 to 1")
    parser.add_argument("--output", required=True, help="the folder of the mean")
    guarded("mix", lambda: mix(parser.parse_args()))


if __name__ == "__main__":
    main()
