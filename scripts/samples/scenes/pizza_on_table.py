"""A pizza with salami and basil on a white plate on a wooden table."""

import numpy as np

from studio import noise, stage
from studio.solid import Solid

SIZE = (960, 720)
LOOK = 'AgX - Medium High Contrast'


def build(detail):
    rng = np.random.default_rng(8)
    stage.daylight(35, 120, sun=0, sky=0.035, clouds=None)
    stage.area_light((-0.9, 0.9, 0.85), (0, 0, 0), 0.7, 26, (1.0, 0.90, 0.78))
    stage.area_light((1.1, -0.3, 0.9), (0, 0, 0), 0.9, 6, (0.85, 0.92, 1.0))
    table()
    plate()
    pizza(rng)
    cutlery()
    glass()
    stage.camera((0.02, -0.46, 0.46), (0.0, -0.002, 0.012), 48, 7, focus=(0, -0.05, 0.03))


def table():
    thing, nodes = stage.material('wood')
    grain = nodes.add('ShaderNodeVectorMath', {0: nodes.position(), 1: (1.6, 22, 8)}, operation='MULTIPLY').outputs[0]
    rings = nodes.noise(1.6, 8, 0.6, 0.8, grain)
    fibre = nodes.noise(14, 5, 0.6, 0.0, grain)
    brown = nodes.ramp(rings, [(0.28, (0.085, 0.036, 0.014)), (0.52, (0.20, 0.095, 0.040)), (0.75, (0.31, 0.165, 0.075))])
    color = nodes.mix(nodes.range(fibre, 0.35, 0.7, 0.0, 0.35), brown, (0.05, 0.02, 0.01, 1))
    nodes.principled(Base_Color=color, Roughness=nodes.range(fibre, 0.3, 0.7, 0.32, 0.5), Normal=nodes.bump(fibre, 0.15, 0.002))
    for number in range(-6, 9):
        plank = stage.box('plank', (2.6, 0.118, 0.04), (0.37 * (number % 3), number * 0.12, -0.02), thing, 0.002)
        plank.rotation_euler[0] = np.pi * (number % 2)


def plate():
    china = stage.paint('china', (0.82, 0.82, 0.80), 0.12, Coat_Weight=0.5)
    profile = [(0, 0.004), (0.11, 0.004), (0.125, 0.006), (0.165, 0.016), (0.185, 0.019), (0.187, 0.021), (0.185, 0.0225),
               (0.163, 0.020), (0.122, 0.010), (0.108, 0.008), (0, 0.008)]
    stage.lathe('plate', profile, china, segments=160)


def pizza(rng, radius=0.160):
    r, turn = np.linspace(0, 1, 300)[:, None], np.linspace(0, 2 * np.pi, 901)[None]
    flat = np.stack([r * np.cos(turn), r * np.sin(turn)], axis=-1).reshape(-1, 2)
    ring = np.linalg.norm(flat, axis=1)
    wobble = 1 + 0.022 * noise.fractal(np.column_stack([flat / np.maximum(ring, 1e-6)[:, None] * 1.6]), 3, seed=71)
    place = flat * radius * wobble[:, None]
    rim = np.exp(-(((ring - 0.91) / 0.065) ** 2)) * (1 + 0.32 * noise.fractal(flat * 5, 3, seed=72))
    cheese = noise.fractal(flat * 7, 5, 0.55, 73)
    z = 0.0165 + 0.0105 * rim + 0.0028 * cheese * (ring < 0.86) + 0.0012 * noise.fractal(flat * 26, 3, seed=74)
    z -= 0.017 * np.clip((ring - 0.90) / 0.10, 0, 1) ** 1.8

    cut = np.full(len(flat), 9.0)
    for angle in (0.35, 1.14, 1.92, 2.71):
        cut = np.minimum(cut, np.abs(flat @ (np.sin(angle), -np.cos(angle)) + 0.006 * noise.perlin(flat * 5 + angle, 79)))
    groove = np.exp(-((cut / 0.011) ** 2))
    z -= groove * (0.0035 + 0.006 * rim)

    sauce = noise.fractal(flat * 4.2, 5, 0.6, 75) + 0.9 * np.exp(-(((ring - 0.82) / 0.035) ** 2)) - 0.16
    brown = noise.fractal(flat * 10, 4, 0.6, 76)
    color = np.tile(np.array([0.90, 0.56, 0.13]), (len(flat), 1))
    color = _blend(color, (0.95, 0.76, 0.36), np.clip(cheese * 2.2, 0, 1))
    color = _blend(color, (0.58, 0.075, 0.016), np.clip(sauce * 3.6, 0, 1))
    color = _blend(color, (0.40, 0.16, 0.035), np.clip(brown * 2.6 - 0.85, 0, 0.7))
    color = _blend(color, (0.30, 0.09, 0.02), np.clip(groove * 1.2, 0, 0.8))
    crust = np.clip((ring - 0.845) / 0.03, 0, 1)
    toast = np.clip(0.45 + 0.9 * noise.fractal(flat * 6, 4, 0.6, 77), 0, 1)
    baked = _blend(np.tile(np.array([0.66, 0.36, 0.12]), (len(flat), 1)), (0.27, 0.095, 0.022), toast)
    baked = _blend(baked, (0.80, 0.60, 0.34), np.clip(0.5 * noise.fractal(flat * 14, 3, seed=78), 0, 0.6))
    color = _blend(color, baked, crust)
    food = stage.paint('pizza', 'tint', 0.38, bump=(420, 0.35, 0.0015), Subsurface_Weight=0.2,
                       Subsurface_Radius=(0.006, 0.003, 0.001), Specular_IOR_Level=0.6)
    stage.surface('pizza', np.column_stack([place, z]).reshape(300, 901, 3), food, colors=color)

    spots = _scatter(rng, 11, 0.112, 0.043)
    for x, y in spots:
        salami(rng, x, y, rng.uniform(0.018, 0.021))
    for x, y in _scatter(rng, 9, 0.105, 0.045):
        basil(rng, x, y)


def _blend(a, b, amount):
    return a + (np.asarray(b) - a) * np.asarray(amount)[:, None]


def _scatter(rng, count, reach, gap):
    points = []
    for _ in range(4000):
        p = reach * np.sqrt(rng.random()) * np.array([np.cos(t := rng.uniform(0, 7)), np.sin(t)])
        if all(np.linalg.norm(p - q) > gap for q in points):
            points.append(p)
        if len(points) == count:
            break
    return points


def salami(rng, x, y, size):
    r, turn = np.linspace(0, 1, 26)[:, None], np.linspace(0, 2 * np.pi, 97)[None]
    flat = np.stack([r * np.cos(turn), r * np.sin(turn)], axis=-1).reshape(-1, 2)
    ring = np.linalg.norm(flat, axis=1)
    key = rng.uniform(0, 90)
    curl = 0.0025 * ring**4 * (1 + noise.fractal(flat * 1.3 + key, 2, seed=81))
    z = 0.0035 + curl - 0.0045 * (ring > 0.99) + 0.0004 * noise.fractal(flat * 9 + key, 3, seed=82)
    fat = np.clip(noise.fractal(flat * 6 + key, 4, 0.6, 83) * 3.4 - 0.6, 0, 0.75)
    color = _blend(np.tile(np.array([0.42, 0.050, 0.018]), (len(flat), 1)), (0.72, 0.32, 0.16), fat)
    color = _blend(color, (0.16, 0.016, 0.006), np.clip((ring - 0.86) / 0.14, 0, 0.85))
    shine = stage.paint('salami', 'tint', 0.27, bump=(600, 0.2, 0.001), Specular_IOR_Level=0.7)
    thing = stage.surface('salami', np.column_stack([flat * size, z]).reshape(26, 97, 3), shine, colors=color)
    thing.location = (x, y, 0.0160)
    thing.rotation_euler = rng.normal(size=3) * (0.06, 0.06, 1)


def basil(rng, x, y):
    u, v = np.meshgrid(np.linspace(0, 1, 30), np.linspace(-1, 1, 15), indexing='ij')
    length, width = rng.uniform(0.026, 0.036), rng.uniform(0.009, 0.012)
    across = width * np.sin(np.pi * u**0.8) * v
    lift = 0.0035 * np.abs(v) ** 1.5 + 0.006 * np.sin(np.pi * u) - 0.003 * u + 0.0007 * np.sin(u * 34) * np.abs(v)
    points = np.stack([length * (u - 0.5), across, lift + 0.003], axis=-1)
    vein = np.exp(-((np.abs(v) / 0.10) ** 2))
    color = np.array([0.035, 0.16, 0.018]) + vein[..., None] * np.array([0.08, 0.12, 0.04])
    leaf = stage.paint('basil', 'tint', 0.3, Coat_Weight=0.3)
    thing = stage.surface('basil', points, leaf, colors=color.reshape(-1, 3))
    thing.location = (x, y, 0.0205)
    thing.rotation_euler = (rng.normal() * 0.2, rng.normal() * 0.2, rng.uniform(0, 6.3))


def cutlery():
    steel = stage.paint('steel', (0.72, 0.72, 0.72), 0.16, Metallic=1.0)
    handle = Solid(blend=0.01).chain([(0.255, -0.17, 0.006), (0.255, -0.05, 0.007), (0.255, 0.02, 0.009)], [0.006, 0.004, 0.0035])
    handle.ellipsoid((0.255, 0.045, 0.009), (0.0125, 0.025, 0.0035))
    for k in range(4):
        x = 0.255 + (k - 1.5) * 0.0066
        handle.chain([(x, 0.055, 0.009), (x, 0.085, 0.012), (x, 0.105, 0.009)], [0.0022, 0.0021, 0.0013], 0.003)
    stage.mesh('fork', *handle.mesh(0.0012), steel)


def glass():
    clear = stage.paint('glass', (1, 1, 1), 0.0, Transmission_Weight=1.0, IOR=1.45)
    cola = stage.paint('tea', (0.50, 0.16, 0.03), 0.0, Transmission_Weight=1.0, IOR=1.33)
    wall = [(0, 0.0), (0.030, 0.0), (0.033, 0.004), (0.040, 0.125), (0.038, 0.125), (0.031, 0.010), (0, 0.008)]
    stage.lathe('glass', wall, clear, (-0.23, 0.20, 0))
    stage.lathe('tea', [(0, 0.0085), (0.0305, 0.0105), (0.0365, 0.092), (0, 0.092)], cola, (-0.23, 0.20, 0))
