"""A snowboarder in a red jacket rides down a slope; snowy mountains behind."""

import bpy
import numpy as np

from studio import noise, person, stage

from scenes.dog_in_snow import snow_material

SIZE = (960, 720)
SLOPE = 0.30


def build(detail):
    rng = np.random.default_rng(5)
    stage.daylight(36, 205, sun=4.2, sky=0.085, haze=0.6)
    pose = {
        'spine': (0.42, -0.10, 0.9), 'twist': 22, 'neck': (0.35, 0.25, 0.9),
        'l_thigh': (0.72, 0.62, -0.62), 'l_shin': (-0.55, 0.30, -0.85), 'l_foot': (0.98, 0.1, -0.2),
        'r_thigh': (0.72, -0.62, -0.62), 'r_shin': (-0.55, -0.15, -0.85), 'r_foot': (0.98, 0.1, -0.2),
        'l_upper': (0.15, 0.95, 0.05), 'l_fore': (0.45, 0.85, 0.30),
        'r_upper': (-0.15, -0.9, -0.12), 'r_fore': (0.35, -0.75, 0.45),
    }
    rider, at = person.build(pose, top=(0.62, 0.02, 0.02), bottom=(0.035, 0.045, 0.07), hands=(0.03, 0.03, 0.03),
                             helmet=(0.05, 0.05, 0.06), goggles=True, bulk=1.12, hood=True, hem=0.10)
    feet = (at['l_ankle'] + at['r_ankle']) / 2 + (0.06, 0, -0.085)
    plank = board(feet, at['l_ankle'] - at['r_ankle'])
    plank.parent = rider
    pivot = bpy.data.objects.new('pivot', None)
    bpy.context.collection.objects.link(pivot)
    rider.parent = pivot
    rider.location = -feet
    # the rider looks along +x; the board's nose (+y) is turned downhill, to the lower left of the picture
    pivot.rotation_euler = np.radians((-13, 12, 128))
    pivot.location = (0, 0, slope(np.array([[0, 0.0]]))[0] + 0.05)
    piste()
    spray(rng, int(9000 * detail))
    mountains()
    stage.camera((-1.2, -7.4, 0.9), (0.0, 0, 0.86), 70, 5.6, focus=(0, 0, 0.8))


def board(centre, along):
    along = along / np.linalg.norm(along)
    across = np.cross((0, 0, 1.0), along)
    t = np.linspace(-0.80, 0.80, 49)
    waist = 0.128 + 0.03 * (t / 0.8) ** 2
    ends = np.sqrt(np.clip(1 - (np.clip(np.abs(t) - 0.62, 0, None) / 0.181) ** 2, 0, 1))
    rise = 0.09 * (np.clip(np.abs(t) - 0.52, 0, None) / 0.28) ** 2
    u = np.linspace(-1, 1, 9)
    points = (centre + t[:, None, None] * along + (waist * ends)[:, None, None] * u[None, :, None] * across
              + rise[:, None, None] * np.array([0, 0, 1.0]))
    thing = stage.surface('board', points, stage.paint('board', (0.02, 0.10, 0.35), 0.2, Coat_Weight=0.6))
    thing.modifiers.new('thick', 'SOLIDIFY').thickness = 0.014
    return thing


def slope(place):
    x, y = place.T
    base = SLOPE * x + 0.05 * y
    bumps = 0.16 * noise.fractal(place * 0.22, 4, gain=0.42, seed=31) + 0.012 * noise.fractal(place * 2.6, 3, seed=32)
    track = (y - 0.35 * x) + 0.3 * np.sin(x * 0.7)
    groove = np.exp(-(track / 0.14) ** 2) * (x > 0.0) * (0.05 + 0.03 * noise.fractal(place * 8, 2, seed=33))
    return base + bumps - groove - np.interp(y, [3, 60], [0, 9])


def piste():
    axis = np.linspace(-1, 1, 380)
    stage.sheet('slope', 4 * axis + 26 * axis**3, -7.4 + 7 * (axis + 1) + 40 * np.clip(axis, 0, 1) ** 3, slope, snow_material())


def spray(rng, count):
    """The fan of snow behind the edge of the board."""
    flight = rng.random((count, 1)) ** 0.8
    fan = rng.normal(size=(count, 3)) * np.array([0.22, 0.18, 0.16])
    at = np.array([0.25, 0.05, 0.05]) + flight * (np.array([1.5, 0.15, 0.42]) + fan * (0.4 + flight))
    at[:, 2] += -0.5 * flight[:, 0] ** 2 * 0.5 + slope(at[:, :2]) * 0.6
    size = 0.003 + 0.016 * rng.random((count, 1)) ** 5
    shape = np.array([(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)])
    faces = np.array([(0, 2, 4), (2, 1, 4), (1, 3, 4), (3, 0, 4), (2, 0, 5), (1, 2, 5), (3, 1, 5), (0, 3, 5)])
    vertices = at[:, None] + size[:, None] * shape[None] * (1 + 0.4 * rng.normal(size=(count, 6, 1)))
    index = (faces[None] + 6 * np.arange(count)[:, None, None]).reshape(-1, 3)
    stage.mesh('spray', vertices.reshape(-1, 3), index, stage.paint('crumb', (0.92, 0.94, 0.96), 0.6))


def mountains(distance=900.0, tall=235.0, seed=41):
    """A ridge of rock and snow on the horizon."""
    x, y = np.linspace(-1500, 1500, 420), np.linspace(distance - 500, distance + 1100, 260)

    def height(place):
        crest = noise.ridged(place / 760.0, 7, 0.5, seed)
        envelope = np.interp(place[:, 1], [distance - 500, distance + 200, distance + 1100], [0.0, 1.0, 1.0])
        return (crest - 0.45) * tall * envelope - 95

    stage.sheet('range', x, y, height, rock_and_snow())


def rock_and_snow():
    thing, nodes = stage.material('range')
    normal = nodes.add('ShaderNodeNewGeometry').outputs['Normal']
    steep = nodes.add('ShaderNodeSeparateXYZ', {0: normal}).outputs[2]
    patchy = nodes.math('ADD', steep, nodes.range(nodes.noise(0.02, 8, 0.65), 0.3, 0.7, -0.16, 0.16))
    cover = nodes.range(patchy, 0.50, 0.62)
    color = nodes.mix(cover, (0.10, 0.105, 0.12, 1), (0.84, 0.88, 0.94, 1))
    haze = nodes.mix(0.22, color, (0.48, 0.62, 0.85, 1))
    nodes.principled(Base_Color=haze, Roughness=0.8, Normal=nodes.bump(nodes.noise(0.05, 8, 0.6), 0.6, 6.0))
    return thing
