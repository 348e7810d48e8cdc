"""A surfer in a black wetsuit rides a breaking wave."""

import bpy
import numpy as np

from studio import noise, person, stage

SIZE = (960, 640)
EXPOSURE = 0.2
CREST, TROUGH, TALL = 0.0, -3.6, 2.4


def build(detail):
    rng = np.random.default_rng(21)
    stage.daylight(42, 232, sun=4.0, sky=0.10, haze=0.8, clouds=(0.3, 0.9))
    wave()
    rider()
    spray(rng, int(60_000 * detail))
    stage.camera((1.5, -24, 1.9), (0.65, -1.2, 1.15), 136, 8, focus=(1.2, -1.6, 1.0))


def _step(value, low, high):
    t = np.clip((value - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


def broken(x):
    """0 where the wave still stands, 1 where it has broken."""
    return _step(-x, 0.1, 2.4)


def shape(x, s):
    """Points [n, 3] of the smooth wave at the places `x` along and `s` across it, its height and its foam."""
    b = broken(x)
    tall = TALL * (1 - 0.28 * b) * np.interp(x, [-14, -2, 3, 16], [0.85, 1, 1, 0.6]) * (1 + 0.05 * noise.perlin(np.stack([x * 0.3, s * 0], 1), 90))
    u = np.clip((s - TROUGH) / (CREST - TROUGH), 0, 1)
    z = np.where(s < CREST, tall * u**2.1, tall * np.exp(-((s / 3.2) ** 2)))
    over = 0.95 * (1 - _step(x, 0.5, 6.0)) * (1 - b)
    y = s - (0.35 + over) * (z / TALL) ** 3.2
    reach = _step(s, -5.2 - 1.2 * b, -3.2) * (1 - _step(s, 1.0, 3.5))
    foam = b * reach
    lip = np.exp(-(((s - CREST) / 0.22) ** 2)) * (1 - _step(x, 1.0, 5.0)) * 0.75
    return np.stack([x, y, z], axis=1), np.clip(z / TALL, 0, 1), np.maximum(foam, lip)


def wave():
    x = np.concatenate([np.linspace(-14, -5, 140), np.linspace(-4.98, 6.5, 560), np.linspace(6.52, 18, 130)])
    s = np.concatenate([np.linspace(-24, -7, 150), np.linspace(-6.98, 1.2, 420), np.linspace(1.22, 60, 120)])
    gx, gs = (g.ravel() for g in np.meshgrid(x, s, indexing='ij'))
    points, high, foam = shape(gx, gs)
    flat = np.stack([gx, gs], axis=1)
    chop = noise.fractal(flat * np.array([0.5, 0.9]), 6, 0.5, 91)
    points[:, 2] += 0.10 * chop * (1 - 0.6 * high)
    points[:, 1] += 0.05 * noise.fractal(flat * np.array([0.9, 1.2]), 4, 0.5, 92) * high
    boil = noise.fractal(points * 1.1, 6, 0.58, 93)
    rough = np.clip(foam * 1.3, 0, 1) * (0.35 + 0.65 * broken(gx))
    points[:, 2] += rough * (0.36 * boil + 0.10)
    points[:, 1] -= rough * 0.34 * noise.fractal(points * 1.3, 5, 0.58, 94)
    streak = noise.fractal(np.stack([gx * 0.55 + gs * 0.35, gs * 1.5], 1), 5, 0.6, 95)
    lace = np.clip(streak * 1.6 - 0.35, 0, 0.45) * _step(gs, -9, -3) * (1 - _step(gx, 2, 7) * 0.6)
    foam = np.maximum(foam + 0.25 * foam * boil, lace)
    glow = high**2.0 * (1 - broken(gx))
    tint = np.stack([np.clip(foam, 0, 1), glow, np.zeros_like(glow)], axis=1)
    stage.surface('wave', points.reshape(len(x), len(s), 3), water(), colors=tint)


def water():
    thing, nodes = stage.material('water')
    parts = nodes.add('ShaderNodeSeparateColor', {0: nodes.tint()}).outputs
    ragged = nodes.math('ADD', parts[0], nodes.range(nodes.noise(5.5, 9, 0.68, 0.4), 0.25, 0.75, -0.42, 0.42))
    foam = nodes.range(ragged, 0.36, 0.60)
    deep = nodes.mix(parts[1], (0.004, 0.050, 0.062, 1), (0.05, 0.27, 0.24, 1))
    color = nodes.mix(foam, deep, (0.88, 0.91, 0.92, 1))
    ripple = nodes.bump(nodes.noise(4.5, 8, 0.6, 0.3), 0.45, 0.06)
    froth = nodes.bump(nodes.noise(26, 6, 0.7), nodes.math('MULTIPLY', foam, 0.7), 0.04, ripple)
    nodes.principled(Base_Color=color, Roughness=nodes.range(foam, 0, 1, 0.07, 0.75), IOR=1.33, Normal=froth,
                     Subsurface_Weight=0.15, Subsurface_Radius=(0.05, 0.15, 0.15), Subsurface_Scale=0.6)
    return thing


def rider():
    pose = {
        'spine': (0.50, 0.14, 0.84), 'twist': 20, 'neck': (0.25, 0.5, 0.85),
        'l_thigh': (0.72, 0.62, -0.50), 'l_shin': (-0.55, 0.20, -0.85), 'l_foot': (0.95, 0.25, -0.25),
        'r_thigh': (0.62, -0.62, -0.62), 'r_shin': (-0.45, -0.20, -0.90), 'r_foot': (0.98, 0.0, -0.25),
        'l_upper': (0.35, 0.92, 0.10), 'l_fore': (0.40, 0.90, 0.15),
        'r_upper': (0.10, -0.92, -0.05), 'r_fore': (0.45, -0.72, 0.50),
    }
    surfer, at = person.build(pose, top=(0.012, 0.013, 0.016), bottom=(0.012, 0.013, 0.016),
                              hair=(0.05, 0.03, 0.015), bulk=0.92, resolution=0.009)
    feet = (at['l_ankle'] + at['r_ankle']) / 2 + (0.06, 0, -0.055)
    plank = surfboard(feet + (0, 0.10, 0), at['l_ankle'] - at['r_ankle'])
    plank.parent = surfer
    pivot = bpy.data.objects.new('pivot', None)
    bpy.context.collection.objects.link(pivot)
    surfer.parent = pivot
    surfer.location = -feet
    place, _, _ = shape(np.array([1.35]), np.array([-1.55]))
    pivot.location = place[0] + (0, -0.10, 0.05)
    pivot.rotation_euler = np.radians((-7, 27, -96))


def surfboard(centre, along):
    along = along / np.linalg.norm(along)
    across = np.cross((0, 0, 1.0), along)
    t = np.linspace(-0.95, 0.95, 61)
    n = t / 0.95
    waist = 0.235 * np.clip(1 - np.abs(n) ** 2.6, 0, 1) ** 0.62 * (1 - 0.10 * n)
    rise = 0.13 * np.clip(n, 0, 1) ** 2.6 + 0.03 * np.clip(-n, 0, 1) ** 2
    u = np.linspace(-1, 1, 11)
    points = (centre + t[:, None, None] * along + waist[:, None, None] * u[None, :, None] * across
              + rise[:, None, None] * np.array([0, 0, 1.0]))
    thing = stage.surface('surfboard', points, stage.paint('board', (0.86, 0.84, 0.78), 0.15, Coat_Weight=0.8))
    thing.modifiers.new('thick', 'SOLIDIFY').thickness = 0.05
    return thing


def spray(rng, count):
    """Drops over the broken part of the wave, under the falling lip, and behind the board."""
    third = count // 3
    x = rng.uniform(-9, 0.3, third)
    crest, _, _ = shape(x, rng.normal(-0.6, 1.0, third))
    up = np.abs(rng.normal(size=third)) ** 1.6 * 0.28 * (0.5 + broken(x))
    crest[:, 2] += up + 0.15 * noise.fractal(crest * 0.9, 3, seed=96)
    crest[:, 1] += rng.normal(size=third) * 0.25
    x = rng.uniform(-3.2, 1.2, third)
    lip, _, _ = shape(x, rng.normal(-0.25, 0.25, third))
    lip += rng.normal(size=(third, 3)) * 0.10 + np.array([-0.1, -0.05, 0.05]) * np.abs(rng.normal(size=(third, 1)))
    flight = rng.random((third, 1)) ** 0.7
    tail = np.array([0.55, -1.75, 0.75]) + flight * np.array([-1.3, 0.25, 0.30]) + rng.normal(size=(third, 3)) * 0.16 * (0.3 + flight)
    at = np.concatenate([crest, lip, tail])
    size = 0.002 + 0.009 * rng.random((len(at), 1)) ** 6
    corner = np.array([(1, 1, 1), (-1, -1, 1), (-1, 1, -1), (1, -1, -1)]) * 0.8
    vertices = at[:, None] + size[:, None] * corner[None] * (1 + 0.4 * rng.normal(size=(len(at), 4, 1)))
    faces = np.array([(0, 1, 3), (0, 2, 1), (0, 3, 2), (1, 2, 3)])
    index = (faces[None] + 4 * np.arange(len(at))[:, None, None]).reshape(-1, 3)
    stage.mesh('spray', vertices.reshape(-1, 3), index, stage.paint('drop', (0.88, 0.91, 0.93), 0.5))
