"""Renders the sample photos in assets/samples with Blender (`pip install bpy==5.0.1 numpy`, Python 3.11).

    python scripts/samples/render_samples.py [SCENE ...] [--out DIR] [--scale 0.25] [--samples 16] [--threads 1]

Everything in the pictures is modelled by the scripts in this folder; there are no third-party models or textures.
"""

import argparse
import importlib
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True

from studio import stage  # noqa: E402


def main():
    scenes = sorted(path.stem for path in (HERE / 'scenes').glob('*.py') if path.stem != '__init__')
    names = [name.replace('_', '-') for name in scenes]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('scene', nargs='*', help=f'any of: {", ".join(names)} (default: all)')
    parser.add_argument('--out', type=Path, default=HERE.parent.parent / 'assets' / 'samples')
    parser.add_argument('--scale', type=float, default=1.0, help='part of the full width and height (default 1)')
    parser.add_argument('--samples', type=int, help="light paths a pixel (default: the scene's own)")
    parser.add_argument('--detail', type=float, default=1.0, help='share of the hairs, blades and leaves (default 1)')
    parser.add_argument('--threads', type=int, default=1)
    options = parser.parse_args()
    unknown = sorted(set(options.scene) - set(names))
    if unknown:
        parser.error(f'no scene {", ".join(unknown)}; there are: {", ".join(names)}')
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.scene or names:
        scene = importlib.import_module('scenes.' + name.replace('-', '_'))
        stage.clear()
        start = time.monotonic()
        scene.build(options.detail)
        built = time.monotonic()
        width, height = (round(side * options.scale) for side in scene.SIZE)
        path = options.out / f'{name}.jpg'
        stage.render(path, width, height, options.samples or getattr(scene, 'SAMPLES', 24),
                     exposure=getattr(scene, 'EXPOSURE', 0.0), threads=options.threads,
                     look=getattr(scene, 'LOOK', 'AgX - Medium High Contrast'))
        print(f'{path}: {width}x{height}, built in {built - start:.0f} s, rendered in {time.monotonic() - built:.0f} s')


main()
