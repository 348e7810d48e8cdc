"""A brown and white dog runs over a meadow."""

import numpy as np

from studio import dog, growth, noise, stage

SIZE = (960, 720)
SAMPLES = 24


def build(detail):
    rng = np.random.default_rng(4)
    stage.daylight(38, 222, sun=5.0, sky=0.10, clouds=(0.35, 0.9))
    hound = dog.build('brown', gait='canter', look=(-28, 4, 4), hairs=int(190_000 * detail), length=1.45)
    hound.rotation_euler[2] = np.radians(-38)
    meadow(rng, detail)
    treeline(rng, detail)
    stage.camera((0.15, -3.6, 0.62), (0.0, 0, 0.42), 74, 3.5, focus=(0.25, -0.25, 0.5))


def ground(place):
    return 0.05 * noise.fractal(place * 0.35, 3, seed=8) + 0.02 * noise.fractal(place * 1.7, 2, seed=9) - 0.02


def meadow(rng, detail, height=0.07):
    soil = stage.paint('soil', (0.055, 0.085, 0.018), 0.9, bump=(30, 0.8, 0.05))
    axis = np.linspace(-1, 1, 160)
    stage.sheet('ground', 14 * axis**3 + 12 * axis, -4.5 + 45 * (0.5 + 0.5 * axis) ** 2, ground, soil)
    place = growth.frustum_places(int(260_000 * detail), 0.9, 32, 0.36, rng)
    place[:, 1] -= 3.9
    place[:, 0] += 0.15
    distance = np.clip(place[:, 1] + 3.6, 0.5, 40)
    points = growth.blades(place, height, rng, ground)
    patch = np.clip(0.5 + 0.6 * noise.fractal(place * 0.8, 4, seed=6), 0, 1)[:, None]
    green = np.array([0.12, 0.27, 0.030]) * (1 - patch) + np.array([0.23, 0.36, 0.05]) * patch
    dry = rng.random((len(place), 1)) < 0.07
    tint = np.where(dry, [0.42, 0.36, 0.14], green) * rng.uniform(0.6, 1.25, (len(place), 1))
    thick = (0.0011 * np.clip(distance / 3.0, 1.0, 6.0))[:, None] * np.array([[1.0, 0.9, 0.6, 0.1]])
    stage.strands('grass', points, thick, stage.leafy('grass', 0.35, 0.45), tint)


def treeline(rng, detail, distance=26):
    centres, radii = [], []
    for x in np.arange(-22, 22, 1.7):
        size = rng.uniform(1.6, 3.2)
        for _ in range(4):
            centres.append((x + rng.normal() * 1.0, distance + rng.normal() * 2, size * rng.uniform(0.3, 1.3)))
            radii.append((size * 0.7, size * 0.7, size * 0.62))
    vertices, quads, up = growth.leaves(centres, radii, int(90_000 * detail), 0.16, rng)
    base = np.array([0.035, 0.085, 0.018]) + up[:, None] * np.array([0.07, 0.12, 0.015])
    tint = base * np.repeat(rng.uniform(0.5, 1.5, (len(quads), 1)), 4, axis=0)
    stage.mesh('leaves', vertices, quads, stage.leafy('leaves', 0.3), smooth=False, colors=tint)
    stage.box('hedge', (60, 1, 4.4), (0, distance + 2.5, 0.8), stage.paint('hedge', (0.015, 0.03, 0.008), 0.9))
