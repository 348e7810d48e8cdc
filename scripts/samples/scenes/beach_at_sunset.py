"""A person walks along the beach at sunset."""

import numpy as np

from studio import noise, person, stage

SIZE = (960, 640)
EXPOSURE = 0.4
LOOK = 'AgX - High Contrast'


def build(detail):
    stage.daylight(3.2, 84, sun=0, sky=0.075, haze=2.2, disc=True, clouds=(0.50, 0.8, 2.5))
    pose = {
        'spine': (0.06, 0, 1), 'neck': (0.12, 0, 1),
        'l_thigh': (0.42, 0, -0.9), 'l_shin': (0.10, 0, -1), 'l_foot': (1, 0.1, 0.15),
        'r_thigh': (-0.20, 0, -1), 'r_shin': (-0.62, 0, -0.85), 'r_foot': (0.75, -0.1, -0.75),
        'l_upper': (-0.38, 0.12, -0.9), 'l_fore': (-0.10, 0.05, -1),
        'r_upper': (0.36, -0.12, -0.9), 'r_fore': (0.70, -0.02, -0.75), 'twist': -10,
    }
    walker, at = person.build(pose, top=(0.25, 0.26, 0.30), bottom=(0.04, 0.05, 0.09), shoes=None, shorts=True,
                              sleeves=False, resolution=0.009)
    walker.location = (-0.55, -1.2, -at['l_ankle'][2] + 0.035)
    beach()
    sea()
    stage.camera((0.3, -9.2, 1.35), (0.15, 0, 1.12), 50, 5.6, focus=(-0.5, -1.2, 1))


def beach():
    axis = np.linspace(-1, 1, 420)
    x, y = 5 * axis + 18 * axis**3, -9.5 + 6.2 * (axis + 1)

    def height(place):
        base = -0.035 * (place[:, 1] - 0.5)
        return base + 0.03 * noise.fractal(place * 0.5, 4, seed=51) + 0.006 * noise.fractal(place * 5, 3, seed=52)

    thing, nodes = stage.material('sand')
    far = nodes.add('ShaderNodeSeparateXYZ', {0: nodes.position()}).outputs[1]
    edge = nodes.math('ADD', far, nodes.range(nodes.noise(0.6, 5), 0.3, 0.7, -0.7, 0.7))
    wet = nodes.range(edge, -2.6, -1.4)
    grain = nodes.ramp(nodes.noise(220, 3), [(0.35, (0.20, 0.14, 0.09)), (0.65, (0.42, 0.32, 0.21))])
    color = nodes.mix(wet, grain, (0.07, 0.05, 0.035, 1))
    dry = nodes.bump(nodes.noise(60, 6, 0.7), 0.7, 0.012)
    smooth = nodes.bump(nodes.noise(3, 3, 0.5), 0.08, 0.02)
    rough = nodes.range(wet, 0, 1, 0.85, 0.10)
    normal = nodes.add('ShaderNodeMix', {0: wet, 4: dry, 5: smooth}, data_type='VECTOR').outputs[1]
    nodes.principled(Base_Color=color, Roughness=rough, Normal=normal)
    stage.sheet('beach', x, y, height, thing)


def sea():
    near = np.linspace(0, 1, 620)
    x, y = np.concatenate([np.linspace(-1, 1, 300)]), -0.6 + 10 * near + 600 * near**6

    def height(place):
        depth = np.clip((place[:, 1] + 0.6) / 6, 0, 1)
        swell = 0.055 * noise.fractal(place * np.array([0.28, 1.1]), 4, 0.5, 61)
        bore = 0.10 * np.exp(-((place[:, 1] - 1.1 - 0.5 * noise.perlin(place * np.array([0.3, 0]), 62)) / 0.22) ** 2)
        roller = 0.30 * np.exp(-((place[:, 1] - 4.6 - 0.6 * noise.perlin(place * np.array([0.15, 0]), 63)) / 0.45) ** 2)
        return 0.005 + swell * depth + bore + roller - 0.035 * np.exp(-((place[:, 1] + 0.6) / 0.2) ** 2)

    thing, nodes = stage.material('sea')
    tall = nodes.add('ShaderNodeSeparateXYZ', {0: nodes.position()}).outputs
    stretched = nodes.add('ShaderNodeVectorMath', {0: nodes.position(), 1: (1.2, 3.5, 1)}, operation='MULTIPLY').outputs[0]
    lace = nodes.noise(1.6, 8, 0.68, 0.6, stretched)
    line = nodes.range(tall[1], -0.45, 1.6, 0.30, -0.03)
    crest = nodes.range(tall[2], 0.10, 0.32, 0.0, 0.30)
    foam = nodes.range(nodes.math('ADD', nodes.math('ADD', lace, line), crest), 0.66, 0.74)
    bump = nodes.bump(nodes.noise(2.2, 8, 0.62, 0.3, stretched), 0.5, 0.12)
    color = nodes.mix(foam, (0.012, 0.030, 0.040, 1), (0.75, 0.75, 0.75, 1))
    nodes.principled(Base_Color=color, Roughness=nodes.range(foam, 0, 1, 0.08, 0.8), IOR=1.33, Normal=bump)
    grid_x = x[:, None] * (8 + 0.9 * (y[None] + 10))
    flat = np.stack([grid_x, np.broadcast_to(y[None], grid_x.shape)], axis=-1)
    z = height(flat.reshape(-1, 2)).reshape(grid_x.shape)
    stage.surface('sea', np.concatenate([flat, z[..., None]], axis=-1), thing)
