"""`python half.py CHECKPOINT FOLDER`: the same model in half precision, which is half as large to carry."""

import sys

from checkpoint import read_checkpoint, write_checkpoint

if __name__ == "__main__":
    manifest, weights = read_checkpoint(sys.argv[1])
    parts = (manifest[key] for key in ("architecture", "config", "metadata"))
    write_checkpoint(sys.argv[2], *parts, weights, "float16")
