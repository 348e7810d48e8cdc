"""A black dog gallops through deep snow."""

import numpy as np

from studio import dog, noise, stage

SIZE = (960, 720)
SAMPLES = 24
EXPOSURE = 0.25


def build(detail):
    rng = np.random.default_rng(11)
    stage.daylight(28, 232, sun=3.8, sky=0.10)
    hound = dog.build('black', marked=False, gait='gallop', look=(-24, 6, -3), hairs=int(170_000 * detail), length=1.4,
                      flap=0.9, seed=3, collar=(0.55, 0.02, 0.02))
    hound.rotation_euler = (0, np.radians(-6), np.radians(-36))
    hound.location = (0, 0, 0.06)
    snowfield()
    spray(rng, int(5000 * detail))
    firs(rng, detail)
    stage.camera((0.3, -3.7, 0.55), (0.05, 0, 0.42), 62, 4, focus=(0.3, -0.25, 0.5))


def height(place):
    x, y = place.T
    drift = 0.10 * noise.fractal(place * 0.33, 4, gain=0.42, seed=2) + 0.014 * noise.fractal(place * 3.0, 3, seed=3)
    track = np.abs(y + 0.7 * x + 0.06 * noise.perlin(place * 4, 5))
    trail = np.exp(-(track / 0.20) ** 2) * (x < 0.25)  # the furrow that the dog leaves behind
    lumps = 0.5 + 0.5 * noise.fractal(place * 9, 3, seed=7)
    return drift + 0.02 - trail * (0.05 + 0.11 * lumps) + 0.07 * np.exp(-((track - 0.32) / 0.1) ** 2) * lumps * (x < 0.3)


def snow_material():
    thing, nodes = stage.material('snow')
    fine = nodes.noise(160, 3, 0.6)
    coarse = nodes.noise(11, 6, 0.6)
    bump = nodes.bump(fine, 0.25, 0.004, nodes.bump(coarse, 0.35, 0.03))
    nodes.principled(Base_Color=(0.90, 0.92, 0.95), Roughness=0.55, Normal=bump, Subsurface_Weight=0.25,
                     Subsurface_Radius=(0.03, 0.04, 0.06), Subsurface_Scale=0.6)
    return thing


def snowfield():
    axis = np.linspace(-1, 1, 420)
    x, y = 2.2 * axis + 16 * axis**5, -4.4 + 4.4 * (axis + 1) + 14 * np.clip(axis, 0, 1) ** 3
    stage.sheet('snow', x, y, height, snow_material())


def spray(rng, count):
    """Crumbs of snow that the paws throw up."""
    base = np.array([(-0.4, 0.30, 0.10), (-0.25, 0.2, 0.06), (0.42, -0.30, 0.08), (0.30, -0.22, 0.05)])
    at = base[rng.integers(0, 4, count)] + rng.normal(size=(count, 3)) * (0.13, 0.10, 0.03)
    flight = np.abs(rng.normal(size=(count, 1))) ** 1.6
    at += flight * (np.array([-0.09, 0.06, 0.13]) + 0.05 * rng.normal(size=(count, 3)))
    size = 0.0016 + 0.005 * rng.random((count, 1)) ** 5
    shape = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)])
    faces = np.array([(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)])
    jitter = 1 + 0.4 * rng.normal(size=(count, 6, 1))
    vertices = at[:, None] + size[:, None] * shape[None] * jitter
    index = (faces[None] + 6 * np.arange(count)[:, None, None]).reshape(-1, 3)
    stage.mesh('spray', vertices.reshape(-1, 3), index, stage.paint('crumb', (0.92, 0.94, 0.96), 0.6))


def firs(rng, detail, low=9.0, high=19.0, count=26, spread=9.0):
    """Snow-laden firs along the edge of the field."""
    needles, snow = [], []
    for x in np.linspace(-spread, spread, count):
        foot = np.array([x + rng.normal() * 0.4, rng.uniform(low, high), 0.0])
        tall = rng.uniform(3.0, 6.5)
        for level in np.linspace(0.06, 1.0, 15):
            reach = 0.30 * tall * (1.04 - level)
            for turn in rng.uniform(0, 2 * np.pi, 12):
                out = np.array([np.cos(turn), np.sin(turn), -0.35])
                root = foot + (0, 0, tall * level)
                t = rng.random((max(6, int(60 * detail)), 1))
                along = root + out * reach * t + rng.normal(size=(len(t), 3)) * (0.07, 0.07, 0.05) * (0.4 + reach)
                (snow if rng.random() < 0.35 else needles).append(along)
    for name, groups, color in (('needles', needles, (0.018, 0.040, 0.022)), ('laden', snow, (0.8, 0.84, 0.9))):
        middle = np.concatenate(groups)
        a, b = rng.normal(size=(2, len(middle), 3)) * (0.06, 0.06, 0.035)
        corners = np.stack([middle + a, middle + b, middle - a, middle - b], axis=1).reshape(-1, 3)
        tint = np.repeat(np.array(color) * rng.uniform(0.6, 1.4, (len(middle), 1)), 4, axis=0)
        stage.mesh(name, corners, np.arange(len(corners)).reshape(-1, 4), stage.leafy(name, 0.1, 0.7), False, tint)
