"""A teddy bear with a red bow sits on a bed."""

import numpy as np

from studio import growth, noise, stage
from studio.solid import Solid

SIZE = (960, 720)
SAMPLES = 20
EXPOSURE = 0.5
HEAD = np.array([0.025, 0, 0.315])
NOSE = HEAD + (0.122, 0, -0.012)
EYES = [HEAD + (0.074, side * 0.040, 0.020) for side in (1, -1)]
EARS = [HEAD + (0.018, side * 0.088, 0.080) for side in (1, -1)]
SOLES = 0.216


def build(detail):
    rng = np.random.default_rng(9)
    stage.daylight(35, 120, sun=0, sky=0.030)
    stage.area_light((-1.7, -0.7, 1.3), (0, 0, 0.15), 1.0, 46, (1.0, 0.95, 0.87))
    stage.area_light((1.8, -1.4, 1.1), (0, 0, 0.2), 1.4, 10, (0.90, 0.94, 1.0))
    doll = bear(rng, int(190_000 * detail))
    doll.rotation_euler = np.radians((0, -4, -72))
    doll.location = (0, 0, linen(np.array([[0.05, -0.1]]))[0] - 0.006)
    bed()
    room()
    stage.camera((0.22, -1.95, 0.72), (0.02, 0.05, 0.20), 50, 3.2, focus=(0.03, -0.12, 0.30))


def bear(rng, hairs):
    """It sits on z = 0 and looks along +x; 0.4 m tall."""
    body = torso()
    vertices, quads = body.mesh(0.006)
    things = [stage.mesh('hide', vertices, quads, stage.paint('hide', 'tint', 0.8), colors=0.75 * plush(vertices))]
    roots = growth.scatter_on_mesh(vertices, quads, hairs, rng)
    bare = np.linalg.norm((roots - NOSE) / (1, 1.35, 1), axis=1) < 0.016
    for eye in EYES:
        bare |= np.linalg.norm(roots - eye, axis=1) < 0.020
    roots = roots[~bare]
    swirl = np.stack([noise.fractal(roots * 16, 2, seed=seed) for seed in (1, 2, 3)], axis=1)
    long = np.full(len(roots), 0.0165)
    long[np.linalg.norm(roots - HEAD - (0.1, 0, -0.03), axis=1) < 0.06] = 0.009
    long[on_sole(roots)] = 0.004
    points = growth.fur(roots, body.normals(roots), 1.2 * swirl + (0.1, 0, -0.5), long * rng.uniform(0.5, 1.3, len(roots)),
                        rng, lift=0.8, unrest=0.5)
    radii = np.array([0.0007, 0.0007, 0.0006, 0.0004, 0.0001])
    tint = plush(roots) * rng.uniform(0.7, 1.25, (len(roots), 1))
    things.append(stage.strands('fur', points, radii, stage.furry('fur'), tint))
    return stage.gather('bear', things + face() + ribbon())


def torso():
    body = Solid(blend=0.035)
    body.ellipsoid((0, 0, 0.13), (0.098, 0.105, 0.135))
    body.ellipsoid((0.03, 0, 0.11), (0.085, 0.085, 0.10))
    body.ellipsoid(HEAD, (0.092, 0.105, 0.09), blend=0.02)
    body.ellipsoid(HEAD + (0.078, 0, -0.024), (0.048, 0.052, 0.040), blend=0.02)
    for side, ear in zip((1, -1), EARS):
        body.ellipsoid(ear + (-0.028, -side * 0.003, -0.002), (0.022, 0.042, 0.042), blend=0.015)
        body.ellipsoid(ear, (0.016, 0.026, 0.026), blend=0.01, cut=True)
        body.chain([(0.015, side * 0.085, 0.215), (0.06, side * 0.150, 0.145), (0.10, side * 0.150, 0.085)],
                   [0.040, 0.043, 0.040], 0.02)
        body.chain([(0.03, side * 0.075, 0.055), (0.155, side * 0.115, 0.05)], [0.058, 0.052], 0.02)
        body.ellipsoid((0.20, side * 0.125, 0.068), (0.034, 0.050, 0.068), blend=0.025)
    return body


def on_sole(points):
    return (points[:, 0] > SOLES) & (points[:, 2] < 0.14)


def plush(points):
    """Colour [n, 3] of the fur: brown, with pale muzzle, soles and inner ears."""
    brown = np.array([0.44, 0.235, 0.095]) * (1 + 0.15 * noise.fractal(points * 20, 3, seed=5))[:, None]
    muzzle = np.linalg.norm((points - HEAD - (0.085, 0, -0.024)) / (0.055, 0.055, 0.042), axis=1)
    pale = np.maximum(3 * (1.4 - muzzle), on_sole(points))
    for ear in EARS:
        pale = np.maximum(pale, 3 * (1.25 - np.linalg.norm((points - ear + (0.008, 0, 0)) / 0.028, axis=1)))
    return brown + (np.array([0.68, 0.49, 0.30]) - brown) * np.clip(pale, 0, 1)[:, None]


def face():
    glass = stage.paint('eye', (0.012, 0.009, 0.008), 0.05, Coat_Weight=1.0)
    thread = stage.paint('thread', (0.022, 0.014, 0.012), 0.55, bump=(700, 0.5, 0.001))
    nose = Solid(blend=0.01).ellipsoid(NOSE, (0.014, 0.024, 0.014))
    nose.ellipsoid(NOSE + (-0.002, 0, -0.01), (0.010, 0.010, 0.012))
    lip = NOSE + (-0.004, 0, -0.033)
    mouth = Solid(blend=0.003).chain([NOSE + (0.003, 0, -0.015), lip], [0.0026, 0.0026])
    for side in (1, -1):
        mouth.chain([lip, lip + (-0.008, side * 0.014, -0.007), lip + (-0.020, side * 0.027, -0.004)], [0.0026, 0.0026, 0.002])
    things = [stage.mesh('nose', *nose.mesh(0.0018), thread), stage.mesh('mouth', *mouth.mesh(0.0012), thread)]
    for eye in EYES:
        ball = Solid().ellipsoid(eye + (0.004, 0, 0), (0.013, 0.015, 0.015))
        things.append(stage.mesh('eye', *ball.mesh(0.002), glass))
    return things


def ribbon():
    """A band around the neck, tied in front in a bow of two loops and two ends."""
    silk = stage.paint('silk', (0.42, 0.010, 0.018), 0.38, Sheen_Weight=0.4, bump=(160, 0.25, 0.002))
    knot = np.array([0.110, 0, 0.222])
    s, w = np.meshgrid(np.linspace(0, 1, 60), np.linspace(-1, 1, 13), indexing='ij')
    strips = []
    for side in (1, -1):
        pinch = 0.30 + 0.70 * np.sin(np.pi * s) ** 0.7
        fold = 0.0022 * np.sin(3.2 * w + side) * (1 - np.sin(np.pi * s) ** 2)
        loop = [0.012 * np.sin(2 * np.pi * s) * pinch + fold, side * 0.060 * np.sin(np.pi * s) ** 0.85,
                0.021 * w * pinch + 0.010 * np.sin(np.pi * s)]
        wide = 0.30 + 0.70 * np.clip(3 * s, 0, 1) ** 0.6
        end = [0.006 + 0.014 * s + 0.004 * np.sin(7 * s + side), side * (0.038 * s + 0.012 * w * wide),
               -0.072 * s - side * 0.010 * w * s + 0.006 * np.abs(w) * (s > 0.98)]
        strips += [knot + np.stack(loop, -1), knot + np.stack(end, -1)]
    turn = np.linspace(0, 2 * np.pi, 80)
    ring = np.stack([0.018 + 0.085 * np.cos(turn), 0.090 * np.sin(turn), 0.226 - 0.004 * np.cos(turn)], axis=1)
    out = np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=1)
    strips.append(np.stack([ring - (0, 0, 0.012), ring + 0.004 * out, ring + (0, 0, 0.012)], axis=1))
    things = [stage.surface('ribbon', points, silk) for points in strips]
    for strip in things:
        strip.modifiers.new('thick', 'SOLIDIFY').thickness = 0.0012
    tie = Solid(blend=0.004).ellipsoid(knot + (0.003, 0, 0), (0.010, 0.011, 0.014))
    return [*things, stage.mesh('knot', *tie.mesh(0.0015), silk)]


def cloth(name, color, stripe=None):
    """Woven cotton; with a `stripe` colour there are narrow stripes along y."""
    thing, nodes = stage.material(name)
    shade = (*color, 1)
    if stripe is not None:
        across = nodes.add('ShaderNodeSeparateXYZ', {0: nodes.position()}).outputs[0]
        wave = nodes.math('SINE', nodes.math('MULTIPLY', across, 2 * np.pi / 0.06))
        shade = nodes.mix(nodes.range(wave, 0.55, 0.7), shade, (*stripe, 1))
    weave = nodes.bump(nodes.noise(900, 2), 0.12, 0.001)
    crease = nodes.bump(nodes.noise(7, 4, 0.5, 0.4), 0.30, 0.02, weave)
    nodes.principled(Base_Color=shade, Roughness=0.85, Sheen_Weight=0.3, Normal=crease)
    return thing


def linen(place):
    """Height of the bed at `place` [n, 2]: creased, and dented where the bear sits."""
    dent = 0.014 * np.exp(-np.sum(((place - (0.02, -0.08)) / 0.26) ** 2, axis=1))
    bent = place * np.array([1.3, 2.4]) + 0.25 * noise.fractal(place * 2, 2, seed=3)[:, None]
    return 0.020 * noise.ridged(bent, 4, 0.45, 12) - 0.02 - dent


def bed():
    stage.sheet('sheet', np.linspace(-1.5, 1.5, 420), np.linspace(-1.1, 1.2, 360), linen,
                cloth('linen', (0.66, 0.68, 0.70), (0.22, 0.33, 0.46)))
    u, v = np.meshgrid(np.linspace(-1, 1, 140), np.linspace(-1, 1, 100), indexing='ij')
    puff = (np.clip(1 - np.abs(u) ** 2.6, 0, 1) * np.clip(1 - np.abs(v) ** 2.6, 0, 1)) ** 0.6
    cotton = cloth('cotton', (0.34, 0.47, 0.64))
    for x, y, lean, turn in ((-0.44, 0.44, 60, 0.10), (0.43, 0.46, 56, -0.09)):
        flat = np.stack([u.ravel(), v.ravel()], axis=1)
        crumple = (0.16 * noise.fractal(flat * 1.6 + 7 * x, 5, 0.5, 14)).reshape(u.shape)
        for side in (1, -1):
            points = np.stack([0.40 * u * (1 - 0.06 * v**2), 0.25 * v * (1 - 0.06 * u**2), side * 0.11 * puff * (1 + crumple)], -1)
            half = stage.surface('pillow', points, cotton)
            half.location = (x, y, 0.19)
            half.rotation_euler = (np.radians(lean), 0, turn)


def room():
    stage.box('wall', (7, 0.1, 4), (0, 1.9, 1), stage.paint('wall', (0.50, 0.55, 0.53), 0.9))
    oak = stage.paint('oak', (0.30, 0.16, 0.075), 0.5)
    stage.box('headboard', (2.3, 0.06, 0.62), (0, 0.80, 0.22), oak, 0.03)
    stage.box('picture', (0.62, 0.03, 0.46), (0.55, 1.83, 0.80), stage.paint('frame', (0.06, 0.05, 0.045), 0.4), 0.01)
    stage.box('print', (0.52, 0.02, 0.36), (0.55, 1.81, 0.80), stage.paint('print', (0.70, 0.66, 0.58), 0.7))
