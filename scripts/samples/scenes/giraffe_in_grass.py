"""A giraffe stands in the tall grass of a savanna."""

import numpy as np

from studio import growth, noise, stage
from studio.solid import Solid

SIZE = (960, 720)
SAMPLES = 20
EXPOSURE = 0.1
LOOK = 'AgX - High Contrast'
HEAD = np.array([1.40, 0, 4.22])


def build(detail):
    rng = np.random.default_rng(4)
    stage.daylight(30, 218, sun=4.8, sky=0.10, warmth=(1.0, 0.92, 0.80), haze=0.7, clouds=(0.5, 0.9))
    giraffe(rng).rotation_euler[2] = np.radians(-24)
    plain(rng, detail)
    trees(rng, detail)
    stage.camera((0.6, -22, 1.9), (0.28, 0, 2.36), 112, 2.8, focus=(0.3, -0.3, 2.5))


def giraffe(rng):
    """4.5 m tall; it looks along +x."""
    body, head = trunk(), skull()
    hide = coat()
    things = []
    for solid, resolution in ((body, 0.022), (head, 0.011)):
        vertices, quads = solid.mesh(resolution)
        things.append(stage.mesh('hide', vertices, quads, hide, colors=shade(vertices)))
    horn = stage.paint('horn', (0.015, 0.010, 0.008), 0.6)
    eye = stage.paint('eye', (0.010, 0.006, 0.004), 0.05, Coat_Weight=1.0)
    for side in (1, -1):
        ball = Solid().ellipsoid(HEAD + (0.13, side * 0.118, 0.035), (0.038, 0.028, 0.034))
        things.append(stage.mesh('eye', *ball.mesh(0.005), eye))
        nostril = Solid().ellipsoid(HEAD + (0.555, side * 0.040, -0.222), (0.014, 0.012, 0.020))
        things.append(stage.mesh('nostril', *nostril.mesh(0.004), horn))
        for x in (0.63 + 0.13 * side, -0.69 - 0.20 * side):
            hoof = [(0.088, 0), (0.076, 0.08), (0.060, 0.13), (0, 0.14)]
            things.append(stage.lathe('hoof', hoof, horn, (x + 0.01, side * 0.18, -0.01), 24))
    tuft = Solid(blend=0.02).chain([(-1.03, 0, 1.27), (-1.03, 0, 1.0), (-1.02, 0, 0.82)], [0.026, 0.05, 0.02])
    strands = lambda p: 0.012 * noise.fractal(p * np.array([60, 60, 6]), 2, seed=2)
    things += [stage.mesh('tuft', *tuft.mesh(0.01, strands), horn), mane(rng, 22_000)]
    return stage.gather('giraffe', things)


def trunk():
    body = Solid(blend=0.18)
    body.chain([(0.62, 0, 2.28), (0.10, 0, 2.12), (-0.55, 0, 1.98)], [0.40, 0.43, 0.34])
    body.ellipsoid((0.62, 0, 2.15), (0.36, 0.30, 0.42))
    body.ellipsoid((-0.60, 0, 1.92), (0.36, 0.30, 0.36))
    body.chain([(0.72, 0, 2.45), (1.02, 0, 3.05), (1.25, 0, 3.75), (1.36, 0, 4.14)], [0.30, 0.215, 0.15, 0.115], 0.2)
    for side in (1, -1):
        fore, hind = 0.13 * side, -0.20 * side  # the legs of a pair stand apart
        elbow, knee = (0.62 + 0.7 * fore, side * 0.19, 1.32), (0.60 + 0.9 * fore, side * 0.18, 0.98)
        body.chain([(0.62 + 0.4 * fore, side * 0.17, 1.95), elbow, knee], [0.22, 0.13, 0.085], 0.10)
        body.chain([knee, (0.60 + fore, side * 0.18, 0.20), (0.63 + fore, side * 0.18, 0.10)], [0.082, 0.056, 0.064], 0.04)
        hock = (-0.80 + hind, side * 0.18, 0.95)
        body.chain([(-0.62, side * 0.16, 1.80), (-0.60 + 0.7 * hind, side * 0.19, 1.36), hock], [0.30, 0.16, 0.085], 0.12)
        body.chain([hock, (-0.72 + hind, side * 0.18, 0.20), (-0.69 + hind, side * 0.18, 0.10)], [0.080, 0.056, 0.064], 0.04)
    body.chain([(-0.92, 0, 2.05), (-1.02, 0, 1.7), (-1.03, 0, 1.25)], [0.05, 0.032, 0.022], 0.05)
    return body


def skull():
    head = Solid(blend=0.06)
    head.cone(HEAD + (-0.045, 0, -0.10), 0.116, HEAD + (-0.02, 0, 0.0), 0.115)
    head.ellipsoid(HEAD, (0.19, 0.130, 0.150))
    head.chain([HEAD + (0.06, 0, -0.01), HEAD + (0.30, 0, -0.13), HEAD + (0.46, 0, -0.215)], [0.120, 0.080, 0.066], 0.06)
    head.ellipsoid(HEAD + (0.51, 0, -0.235), (0.065, 0.072, 0.058), blend=0.05)
    head.cone(HEAD + (0.05, 0, -0.10), 0.075, HEAD + (0.44, 0, -0.285), 0.040, 0.05)
    for side in (1, -1):
        head.chain([HEAD + (-0.05, side * 0.055, 0.11), HEAD + (-0.12, side * 0.072, 0.29)], [0.036, 0.036], 0.04)
        head.ellipsoid(HEAD + (0.115, side * 0.096, 0.062), (0.065, 0.036, 0.036), blend=0.04)
        along = np.array([-0.22, side * 0.92, 0.18])
        along /= np.linalg.norm(along)
        across = np.cross(along, (0, 0, 1.0))
        across /= np.linalg.norm(across)
        axes = np.stack([across, along, np.cross(across, along)])
        ear = HEAD + (-0.12, side * 0.10, 0.05) + 0.125 * along
        head.ellipsoid(ear, (0.052, 0.155, 0.026), axes, 0.03)
        head.ellipsoid(ear + (0.045, 0, -0.01), (0.045, 0.110, 0.020), axes, 0.02, cut=True)
    return head


def shade(points):
    """What the pattern is multiplied by: a grey muzzle, black horn tips, plain and darker feet."""
    muzzle = np.clip((points - HEAD) @ np.array([0.9, 0, -0.42]) / 0.1 - 3.2, 0, 1)[:, None]
    tint = 1 - muzzle * np.array([0.30, 0.36, 0.40])
    tips = (points[:, 2] > HEAD[2] + 0.25) & (points[:, 0] < HEAD[0] - 0.05)
    feet = points[:, 2] < 0.13
    return np.where(tips[:, None], 0.06, np.where(feet[:, None], 0.3, tint))


def coat():
    """Brown patches with wavering edges in a pale net; pale below the knees and on the face."""
    thing, nodes = stage.material('coat')
    place = nodes.add('ShaderNodeTexCoord').outputs['Object']
    waver = nodes.add('ShaderNodeTexNoise', {'Scale': 3.5, 'Detail': 4.0, 'Vector': place}).outputs['Color']
    waver = nodes.add('ShaderNodeVectorMath', {0: waver, 'Scale': 0.16}, operation='SCALE').outputs[0]
    place = nodes.add('ShaderNodeVectorMath', {0: place, 1: waver}, operation='ADD').outputs[0]
    cells = {'Scale': 4.2, 'Vector': place, 'Randomness': 0.85}
    border = nodes.add('ShaderNodeTexVoronoi', cells, feature='DISTANCE_TO_EDGE').outputs['Distance']
    each = nodes.add('ShaderNodeSeparateColor', {0: nodes.add('ShaderNodeTexVoronoi', cells).outputs['Color']}).outputs[0]
    patch = nodes.mix(each, (0.20, 0.075, 0.022, 1), (0.33, 0.14, 0.045, 1))
    split = nodes.add('ShaderNodeSeparateXYZ', {0: place}).outputs
    body = nodes.math('MULTIPLY', nodes.range(split[2], 0.35, 1.0), nodes.range(split[0], 1.52, 1.80, 1.0, 0.0))
    color = nodes.mix(nodes.math('MULTIPLY', nodes.range(border, 0.050, 0.075), body), (0.66, 0.50, 0.31, 1), patch)
    color = nodes.mix(nodes.range(nodes.noise(14, 5, 0.6), 0.3, 0.7, 0.0, 0.25), color, (0.30, 0.20, 0.10, 1))
    nodes.principled(Base_Color=nodes.mix(1.0, color, nodes.tint(), 'MULTIPLY'), Roughness=0.7, Sheen_Weight=0.3,
                     Normal=nodes.bump(nodes.noise(60, 4), 0.25, 0.01))
    return thing


def mane(rng, count):
    neck = np.array([(0.50, 0, 2.66), (0.84, 0, 3.12), (1.115, 0, 3.78), (1.27, 0, 4.24)])
    t = 3 * rng.random(count)
    bone = t.astype(int)
    root = neck[bone] + (t - bone)[:, None] * (neck[bone + 1] - neck[bone]) + rng.normal(size=(count, 3)) * (0.01, 0.014, 0)
    rise = np.array([-0.80, 0, 0.10]) + rng.normal(size=(count, 3)) * (0.10, 0.16, 0.10)
    tall = 0.10 * rng.uniform(0.7, 1.1, (count, 1))
    points = np.stack([root + tall * part * rise for part in (0, 0.5, 1.0)], axis=1)
    return stage.strands('mane', points, np.array([0.004, 0.004, 0.001]), stage.paint('mane', (0.16, 0.06, 0.02), 0.6))


def plain(rng, detail):
    soil = stage.paint('soil', (0.20, 0.15, 0.06), 0.95, bump=(6, 0.8, 0.1))
    stage.box('soil', (500, 500, 0.1), (0, 200, -0.05), soil)
    count = int(200_000 * detail)
    y = -7.5 + 100 * rng.random(count) ** 2.4
    place = np.column_stack([0.5 + rng.uniform(-1, 1, count) * (0.6 + 0.2 * (y + 22)), y])
    green = np.clip(0.45 + 0.7 * noise.fractal(place * 0.25, 4, seed=6), 0, 1)[:, None]
    tint = np.array([0.42, 0.34, 0.13]) * (1 - green) + np.array([0.15, 0.21, 0.035]) * green
    thick = 0.003 * np.clip((y + 22) / 16, 0.8, 5)[:, None] * np.array([1.0, 0.9, 0.6, 0.1])
    stage.strands('grass', growth.blades(place, 0.30, rng, lean=0.7), thick, stage.leafy('grass', 0.35, 0.45),
                  tint * rng.uniform(0.6, 1.25, (count, 1)))


def trees(rng, detail):
    """Acacias with flat crowns, and bushes on the horizon."""
    bark = stage.paint('bark', (0.10, 0.075, 0.05), 0.9, bump=(4, 0.8, 0.1))
    centres, radii = [], []
    for x, y, size in ((-9.5, 44, 1.15), (8.2, 58, 1.3), (17, 52, 1.1), (-19, 74, 1.4), (1.5, 104, 1.5), (25, 98, 1.5), (-6.5, 92, 1.2)):
        fork = Solid(blend=0.12).chain([(0, 0, -0.1), (0.08, 0, 0.8), (0.02, 0.05, 1.6)], [0.26, 0.19, 0.17])
        for turn in np.arange(6) * np.pi / 3 + rng.uniform(0, 1):
            out = np.array([np.cos(turn), np.sin(turn), 0])
            fork.chain([(0.02, 0.05, 1.5), 0.7 * out + (0, 0, 2.5), 1.7 * out + (0, 0, 3.6 + 0.2 * rng.random())], [0.13, 0.08, 0.04])
        limbs = stage.mesh('acacia', *fork.mesh(0.06), bark, location=(x, y, 0))
        limbs.scale = (size,) * 3
        for _ in range(30):
            away = 2.2 * np.sqrt(rng.random())
            turn = rng.uniform(0, 2 * np.pi)
            middle = (away * np.cos(turn), away * np.sin(turn), 4.0 - 0.08 * away**2 + 0.15 * rng.normal())
            centres.append(np.array([x, y, 0]) + size * np.array(middle))
            radii.append(size * np.array([0.9, 0.9, 0.34]))
    for x in np.arange(-80, 80, 3.2):
        tall = rng.uniform(1.2, 2.8)
        for _ in range(3):
            centres.append((x + 2 * rng.normal(), 135 + 8 * rng.normal(), tall * rng.uniform(0.3, 1.1)))
            radii.append((tall, tall, 0.7 * tall))
    stage.box('thicket', (180, 1, 1.8), (0, 143, 0.9), stage.paint('thicket', (0.03, 0.05, 0.015), 0.9))
    vertices, quads, up = growth.leaves(centres, radii, int(130_000 * detail), 0.20, rng)
    base = np.array([0.05, 0.085, 0.018]) + up[:, None] * np.array([0.09, 0.11, 0.015])
    tint = base * np.repeat(rng.uniform(0.5, 1.5, (len(quads), 1)), 4, axis=0)
    stage.mesh('leaves', vertices, quads, stage.leafy('leaves', 0.3), smooth=False, colors=tint)
