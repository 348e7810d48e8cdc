"""A retriever at a canter: body, fur, face. It looks along +x and stands on z = 0; metres."""

import numpy as np

from . import growth, noise, stage
from .solid import Solid

_HEAD = np.array([0.43, 0.0, 0.675])


def _turned(yaw, pitch, roll=0.0):
    """Rotation [3, 3] by yaw about z, then nose-down pitch, then roll about the muzzle (degrees)."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_z = np.array([[np.cos(y), -np.sin(y), 0], [np.sin(y), np.cos(y), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(p), 0, np.sin(p)], [0, 1, 0], [-np.sin(p), 0, np.cos(p)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(r), -np.sin(r)], [0, np.sin(r), np.cos(r)]])
    return about_z @ about_y @ about_x


GAITS = {  # upper joint, middle joint, lower joint, paw: fore left, fore right, hind left, hind right
    'canter': (
        [(0.23, 0.40), (0.28, 0.285), (0.425, 0.215), (0.475, 0.135)],
        [(0.22, 0.40), (0.17, 0.275), (0.205, 0.125), (0.245, 0.03)],
        [(-0.25, 0.44), (-0.25, 0.28), (-0.43, 0.205), (-0.475, 0.07)],
        [(-0.25, 0.44), (-0.15, 0.28), (-0.285, 0.155), (-0.22, 0.03)],
    ),
    'gallop': (
        [(0.24, 0.42), (0.32, 0.33), (0.49, 0.31), (0.57, 0.24)],
        [(0.23, 0.41), (0.30, 0.29), (0.45, 0.22), (0.53, 0.15)],
        [(-0.26, 0.45), (-0.33, 0.31), (-0.52, 0.29), (-0.62, 0.18)],
        [(-0.26, 0.45), (-0.28, 0.29), (-0.46, 0.23), (-0.55, 0.11)],
    ),
    'stand': (
        [(0.22, 0.40), (0.17, 0.28), (0.20, 0.13), (0.225, 0.03)],
        [(0.22, 0.40), (0.16, 0.28), (0.17, 0.13), (0.19, 0.03)],
        [(-0.25, 0.44), (-0.18, 0.29), (-0.33, 0.16), (-0.30, 0.03)],
        [(-0.25, 0.44), (-0.16, 0.29), (-0.29, 0.16), (-0.25, 0.03)],
    ),
}


def _body(gait, head):
    dog = Solid(blend=0.06)
    dog.chain([(0.19, 0, 0.44), (0.02, 0, 0.445), (-0.14, 0, 0.475), (-0.28, 0, 0.475)], [0.125, 0.128, 0.10, 0.10])
    dog.ellipsoid((0.20, 0, 0.41), (0.13, 0.095, 0.15))
    dog.cone((0.22, 0, 0.49), 0.105, (0.38, 0, 0.635), 0.078, 0.08)
    for limb, side in zip(GAITS[gait], (1, -1, 1, -1)):
        fore = limb[0][0] > 0
        spread = [0.075, 0.09, 0.085, 0.08] if fore else [0.06, 0.085, 0.08, 0.08]
        radii = [0.075, 0.05, 0.03, 0.026] if fore else [0.105, 0.07, 0.032, 0.027]
        joints = [np.array([x, side * y, z]) for (x, z), y in zip(limb, spread)]
        dog.chain(joints, radii, 0.035)
        along = joints[3] - joints[2]
        toe = joints[3] + 0.03 * np.array([1.0, 0, 0]) + 0.012 * along / np.linalg.norm(along)
        dog.ellipsoid(toe, (0.046, 0.034, 0.026), blend=0.02)
    dog.chain([(-0.34, 0, 0.52), (-0.45, 0, 0.575), (-0.56, 0.01, 0.66), (-0.64, 0.03, 0.755)],
              [0.042, 0.032, 0.026, 0.016], 0.03)

    at = lambda *p: _HEAD + head @ np.array(p)
    dog.ellipsoid(at(0.035, 0, 0.035), (0.098, 0.080, 0.076), head.T, 0.05)  # skull
    dog.ellipsoid(at(0.06, 0, -0.005), (0.07, 0.072, 0.055), head.T, 0.03)  # cheeks
    dog.cone(at(0.10, 0, 0.012), 0.052, at(0.205, 0, 0.0), 0.038, 0.03)  # muzzle
    for side in (1, -1):
        dog.ellipsoid(at(0.175, side * 0.022, -0.018), (0.048, 0.024, 0.028), head.T, 0.02)  # lips
        dog.ellipsoid(at(0.085, side * 0.036, 0.068), (0.03, 0.022, 0.016), head.T, 0.025)  # brows
    dog.cone(at(0.06, 0, -0.055), 0.035, at(0.165, 0, -0.078), 0.021, 0.02)  # lower jaw
    return dog, at


def _ears(at, head, flap):
    ears = Solid(blend=0.012)
    for side in (1, -1):
        top = at(0.012, side * 0.066, 0.082)
        middle = at(-0.012, side * (0.098 + 0.02 * flap), 0.045 + 0.02 * flap)
        tip = at(0.0, side * (0.100 + 0.05 * flap), -0.04 + 0.07 * flap)
        for a, b, width in ((top, middle, 0.036), (middle, tip, 0.040)):
            along = (b - a) / np.linalg.norm(b - a)
            out = head @ np.array([0, side, 0.25])
            out -= along * (out @ along)
            out /= np.linalg.norm(out)
            ears.ellipsoid((a + b) / 2, (0.012, width, np.linalg.norm(b - a) * 0.72),
                           np.stack([out, np.cross(along, out), along]), 0.02)
    return ears


COATS = {
    'brown': ((0.30, 0.125, 0.040), (0.16, 0.060, 0.020), (0.86, 0.80, 0.72)),
    'golden': ((0.62, 0.36, 0.14), (0.42, 0.21, 0.07), (0.80, 0.62, 0.40)),
    'black': ((0.018, 0.016, 0.016), (0.010, 0.009, 0.009), (0.03, 0.027, 0.025)),
    'white': ((0.80, 0.77, 0.72), (0.62, 0.56, 0.48), (0.86, 0.84, 0.80)),
}


def _pattern(points, at, coat, marked):
    """Coat colour at `points`: main colour, darker back, and where `marked` a white chest, socks, blaze and tail tip."""
    main, dark, light = (np.array(c) for c in COATS[coat])
    wave = 0.5 + 0.5 * noise.fractal(points * 9, 3, seed=3)
    shade = np.clip((points[:, 2] - 0.50) / 0.10, 0, 1) * 0.6 + 0.35 * wave
    shade *= points[:, 0] < 0.42
    color = main + (dark - main) * np.clip(shade, 0, 1)[:, None]
    edge = 0.02 * noise.fractal(points * 22, 3, seed=4)
    nose = at(0.22, 0, 0.0)
    if marked:
        x, y, z = points.T
        white = (x > 0.26 + edge) & (x < 0.46) & (z < 0.60 + edge + 0.0 * y) & (np.abs(y) < 0.085 + edge)
        white |= (z < 0.17 + 2 * edge) & (np.abs(x) < 0.9)
        white |= (x < -0.585 + edge)
        local = (points - _HEAD) @ at.turn
        white |= (np.abs(local[:, 1]) < 0.016 + 0.5 * edge) & (local[:, 0] > 0.0) & (local[:, 2] > 0.02)
        white |= (local[:, 0] > 0.125 + edge) & (x > 0.42)
        color = np.where(white[:, None], light, color)
    else:
        pale = np.clip((0.36 - points[:, 2]) / 0.15, 0, 1) * (np.abs(points[:, 0]) < 0.5)
        color = color + (light - color) * (0.5 * pale)[:, None]
    muzzle = np.clip(1 - np.linalg.norm(points - nose, axis=1) / 0.045, 0, 1)
    return color * (1 - 0.6 * muzzle)[:, None]


class _Frame:
    """Head coordinates to dog coordinates."""

    def __init__(self, turn):
        self.turn = turn

    def __call__(self, *p):
        return _HEAD + self.turn @ np.array(p)


def build(coat='brown', marked=True, gait='canter', look=(0, 0, 0), hairs=110_000, length=1.0, flap=0.4, seed=1,
          tongue=True, collar=None):
    """The dog's objects under one holder. `look`: yaw, pitch, roll of the head in degrees; `length` scales the fur."""
    rng = np.random.default_rng(seed)
    head = _turned(*look)
    at = _Frame(head)
    body, _ = _body(gait, head)
    ears = _ears(at, head, flap)
    hide = stage.paint('hide', 'tint', 0.7)
    nodes_fur = stage.furry('fur')
    things = []

    eyes = [_onto(body, at(0.105, side * 0.05, 0.048)) for side in (1, -1)]
    for number, (solid, share) in enumerate(((body, 0.88), (ears, 0.12))):
        vertices, quads = solid.mesh(0.0065 if number == 0 else 0.004)
        skin = _pattern(vertices, at, coat, marked and number == 0) * 0.8
        for eye in eyes:
            skin *= np.clip(np.linalg.norm(vertices - eye, axis=1) / 0.016 - 0.35, 0.06, 1)[:, None]
        mouth = np.clip(np.linalg.norm((vertices - at(0.15, 0, -0.05)) / (1.6, 1, 1), axis=1) / 0.03 - 0.3, 0.1, 1)
        skin *= mouth[:, None]
        things.append(stage.mesh('hide', vertices, quads, hide, colors=skin))
        roots = growth.scatter_on_mesh(vertices, quads, int(hairs * share), rng)
        face = np.clip(1 - np.linalg.norm(roots - _HEAD, axis=1) / 0.15, 0, 1)
        extra = roots[np.linalg.norm(roots - at(0.08, 0, 0.01), axis=1) < 0.16]  # the face needs finer fur
        roots = np.concatenate([roots, extra + rng.normal(size=extra.shape) * 0.001, extra])
        keep = np.ones(len(roots), bool)
        for eye in eyes:
            keep &= np.linalg.norm(roots - eye, axis=1) > 0.0135
        keep &= np.linalg.norm(roots - at(0.238, 0, 0.014), axis=1) > 0.024
        keep &= np.linalg.norm((roots - at(0.15, 0, -0.047)) / (1.7, 1, 0.6), axis=1) > 0.026
        roots = roots[keep]
        comb, long = _grooming(roots, at, number == 1)
        points = growth.fur(roots, solid.normals(roots), comb, long * length * rng.uniform(0.5, 1.25, len(roots)), rng,
                            lift=0.5, unrest=0.34)
        tint = _pattern(roots, at, coat, marked and number == 0) * rng.uniform(0.65, 1.25, (len(roots), 1))
        radii = np.array([0.0008, 0.0008, 0.0007, 0.0005, 0.0001])[None] * np.clip(long / 0.02, 0.6, 1.15)[:, None]
        things.append(stage.strands('fur', points, radii, nodes_fur, tint))

    things += _face(body, at, head, eyes, tongue)
    if collar is not None:
        things.append(_collar(collar))
    return stage.gather('dog', things)


def _grooming(roots, at, ear):
    """Direction in which the fur lies, and its length (metres), at `roots`."""
    x, y, z = roots.T
    comb = np.tile([-1.0, 0.0, -0.45], (len(roots), 1))
    low = np.clip((0.36 - z) / 0.1, 0, 1)[:, None]
    comb = comb * (1 - low) + np.array([-0.35, 0, -1.0]) * low
    chest = np.clip((x - 0.22) / 0.1, 0, 1)[:, None] * (x < 0.46)[:, None]
    comb = comb * (1 - chest) + np.array([-0.35, 0, -1.0]) * chest
    tail = (x < -0.37)[:, None] & (z > 0.5)[:, None]
    comb = np.where(tail, np.array([-0.75, 0, 0.15]), comb)
    inner = np.linalg.norm(roots - at(0.06, 0, 0.01), axis=1) < 0.2
    forward = (roots - _HEAD) @ at.turn
    head = (forward[:, 0] > -0.03) & inner
    comb = np.where(head[:, None], at.turn @ np.array([-1.0, 0, -0.2]), comb)
    if ear:
        comb = np.tile([-0.3, 0, -1.0], (len(roots), 1))
    long = np.full(len(roots), 0.024)
    long = np.where((x > 0.2) & (x < 0.42), 0.030, long)
    long = np.where(z < 0.27, 0.011, long)
    long = np.where((x < -0.2) & (z > 0.25) & (z < 0.42), 0.026, long)
    long = np.where(tail[:, 0], 0.050, long)
    long = np.where(head, 0.0055 + 0.010 * np.clip((0.06 - forward[:, 0]) / 0.08, 0, 1), long)
    return comb, np.full(len(roots), 0.017) if ear else long


def _onto(solid, point):
    """`point` moved to the surface of `solid`."""
    point = np.array(point, float)[None]
    for _ in range(4):
        point = point - solid.distance(point)[:, None] * solid.normals(point)
    return point[0]


def _ball(name, centre, radii, material, turn=None, resolution=0.002):
    vertices, quads = Solid().ellipsoid(centre, radii, turn).mesh(resolution)
    return stage.mesh(name, vertices, quads, material)


def _face(body, at, head, eyes, tongue):
    wet = stage.paint('nose', (0.012, 0.010, 0.010), 0.28, bump=(900, 0.3, 0.001))
    glass = stage.paint('eye', (0.030, 0.012, 0.005), 0.03, Coat_Weight=1.0)
    dark = stage.paint('mouth', (0.05, 0.012, 0.012), 0.5)
    pink = stage.paint('tongue', (0.75, 0.22, 0.22), 0.3, Subsurface_Weight=0.3)
    things = []
    for eye in eyes:
        normal = body.normals(eye[None])[0]
        things.append(_ball('eye', eye - normal * 0.0055, (0.0125,) * 3, glass, resolution=0.0015))
    nose = Solid(blend=0.008).ellipsoid(at(0.238, 0, 0.012), (0.017, 0.024, 0.017), head.T)
    nose.ellipsoid(at(0.242, 0, 0.002), (0.011, 0.010, 0.016), head.T)
    for side in (1, -1):
        nose.ellipsoid(at(0.256, side * 0.010, 0.010), (0.006, 0.005, 0.004), head.T, 0.003, cut=True)
    things.append(stage.mesh('nose', *nose.mesh(0.0015), wet))
    things.append(_ball('mouth', at(0.115, 0, -0.045), (0.075, 0.026, 0.018), dark, head.T, 0.003))
    if tongue:
        lap = Solid(blend=0.012)
        lap.ellipsoid(at(0.13, 0, -0.052), (0.06, 0.020, 0.008), head.T)
        lap.ellipsoid(at(0.188, 0.006, -0.075), (0.022, 0.018, 0.024), head.T)
        lap.ellipsoid(at(0.194, 0.008, -0.095), (0.009, 0.017, 0.026), head.T)
        things.append(stage.mesh('tongue', *lap.mesh(0.002), pink))
    return things


def _collar(color):
    t = np.linspace(0, 2 * np.pi, 64)
    centre, across, up = np.array([0.325, 0, 0.585]), np.array([0, 1.0, 0]), np.array([-0.70, 0, 0.72])
    ring = centre + 0.106 * (np.cos(t)[:, None] * across + np.sin(t)[:, None] * up)
    along = np.array([0.72, 0, 0.70])
    points = np.stack([ring - 0.013 * along, ring + 0.013 * along], axis=1)
    thing = stage.surface('collar', points, stage.paint('collar', color, 0.5))
    thing.modifiers.new('thick', 'SOLIDIFY').thickness = 0.006
    return thing
