"""A red double-decker bus on a city street."""

import numpy as np

from studio import growth, stage

SIZE = (960, 720)
EXPOSURE = 0.3


def build(detail):
    rng = np.random.default_rng(12)
    stage.daylight(46, 262, sun=3.8, sky=0.10, clouds=(0.5, 1.0))
    street(rng)
    coach = bus()
    coach.rotation_euler[2] = np.radians(-90)
    coach.location = (0.6, 2.0, 0)
    buildings(rng)
    trees(rng, detail)
    lamps()
    stage.camera((-5.6, -13.2, 1.75), (-0.2, 0.6, 2.15), 40, 8, focus=(0.5, -3, 2))


def bus():
    """11 m long, 2.5 m wide, 4.3 m tall; it looks along +x."""
    red = stage.paint('red', (0.52, 0.008, 0.012), 0.22, Coat_Weight=0.8, Coat_Roughness=0.04)
    pane = stage.paint('pane', (0.012, 0.016, 0.018), 0.04, Specular_IOR_Level=0.9)
    black = stage.paint('rubber', (0.015, 0.015, 0.015), 0.7)
    steel = stage.paint('steel', (0.6, 0.6, 0.62), 0.3, Metallic=1.0)
    lamp = stage.paint('lamp', (0.9, 0.9, 0.85), 0.08, Coat_Weight=1.0, Emission_Color=(1, 0.95, 0.85, 1), Emission_Strength=1.2)
    amber = stage.paint('amber', (0.9, 0.25, 0.01), 0.2)
    sign = stage.paint('sign', (0.01, 0.01, 0.01), 0.4)
    glow = stage.paint('glow', (1, 0.6, 0.05), 0.4, Emission_Color=(1, 0.55, 0.05, 1), Emission_Strength=2.5)
    white = stage.paint('trim', (0.75, 0.72, 0.66), 0.35)
    things = [stage.box('body', (10.9, 2.5, 3.95), (0, 0, 2.35), red, 0.22, segments=6)]
    things.append(stage.box('skirt', (10.7, 2.42, 0.4), (0, 0, 0.42), black, 0.05))
    things.append(stage.box('band', (10.6, 2.515, 0.07), (0, 0, 2.44), white, 0.01))
    for side in (1, -1):
        for z, tall in ((1.78, 0.95), (3.28, 0.88)):
            things.append(stage.box('strip', (9.6, 0.03, tall), (-0.25, side * 1.243, z), black, 0.08))
            for k in range(7):
                things.append(stage.box('window', (1.26, 0.03, tall - 0.10), (-4.35 + k * 1.36, side * 1.252, z), pane, 0.03))
        things.append(stage.box('advert', (5.2, 0.02, 0.5), (-0.4, side * 1.256, 2.66), white, 0.01))
        for k in range(5):  # an advertisement of coloured blocks
            color = ((0.05, 0.20, 0.5), (0.9, 0.6, 0.02), (0.05, 0.35, 0.12), (0.6, 0.05, 0.2), (0.05, 0.05, 0.06))[k]
            tone = stage.paint('tone', color, 0.5)
            things.append(stage.box('tone', (0.78, 0.022, 0.34), (-2.4 + k * 0.98, side * 1.258, 2.66), tone, 0.01))
        for x in (3.35, -3.0):
            arch = stage.lathe('arch', [(0.0, 0.0), (0.60, 0.0), (0.60, 0.02), (0.0, 0.02)], black)
            tyre = stage.lathe('tyre', [(0.30, -0.14), (0.46, -0.14), (0.49, -0.10), (0.49, 0.10), (0.46, 0.14), (0.30, 0.14)], black)
            rim = stage.lathe('rim', [(0.0, 0.10), (0.10, 0.10), (0.12, 0.05), (0.24, 0.05), (0.30, 0.13), (0.31, 0.13)], steel)
            for part, out in ((arch, 1.235), (tyre, 1.13), (rim, 1.13)):
                part.rotation_euler[0] = -side * np.pi / 2
                part.location = (x, side * out, 0.50)
                things.append(part)
    front = 5.45
    things += [
        stage.box('screen', (0.06, 2.16, 1.25), (front, 0, 1.85), pane, 0.14, segments=5),
        stage.box('upper screen', (0.06, 2.16, 0.92), (front, 0, 3.30), pane, 0.14, segments=5),
        stage.box('pillar', (0.07, 0.05, 0.92), (front + 0.005, 0, 3.30), red),
        stage.box('board', (0.07, 1.7, 0.38), (front, 0, 2.66), sign, 0.05),
        stage.box('plate', (0.05, 0.52, 0.12), (front + 0.02, 0, 0.62), white, 0.01),
        stage.box('grille', (0.05, 1.1, 0.26), (front, 0, 0.88), black, 0.04),
        stage.box('bumper', (0.10, 2.3, 0.22), (front, 0, 0.52), black, 0.05),
    ]
    for k, (y, wide) in enumerate(((-0.62, 0.10), (-0.48, 0.10), (-0.10, 0.14), (0.10, 0.10), (0.25, 0.14), (0.43, 0.10), (0.58, 0.14))):
        things.append(stage.box('letter', (0.08, wide, 0.20), (front, y, 2.66), glow, 0.01))
    for side in (1, -1):
        for y, size, kind in ((0.98, 0.13, lamp), (0.74, 0.10, lamp), (1.13, 0.07, amber)):
            round_lamp = stage.lathe('headlamp', [(0, 0.05), (size * 0.7, 0.04), (size, 0.0), (size + 0.015, -0.02)], kind)
            round_lamp.rotation_euler[1] = np.pi / 2
            round_lamp.location = (front + 0.0, side * y, 0.90)
            things.append(round_lamp)
        things.append(stage.box('mirror', (0.10, 0.16, 0.42), (front + 0.15, side * 1.42, 2.2), black, 0.04))
        things.append(stage.box('arm', (0.05, 0.3, 0.04), (front + 0.12, side * 1.30, 2.42), black, 0.01))
        wiper = stage.box('wiper', (0.02, 0.03, 0.8), (front + 0.05, side * 0.5, 1.65), black)
        wiper.rotation_euler[0] = side * 0.5
        things.append(wiper)
    return stage.gather('bus', things)


def street(rng):
    thing, nodes = stage.material('asphalt')
    grain = nodes.noise(90, 4, 0.7)
    stain = nodes.noise(0.5, 6, 0.6)
    color = nodes.mix(nodes.range(stain, 0.35, 0.7), (0.050, 0.050, 0.052, 1), (0.10, 0.10, 0.098, 1))
    color = nodes.mix(nodes.range(grain, 0.4, 0.7, 0, 0.4), color, (0.16, 0.16, 0.155, 1))
    nodes.principled(Base_Color=color, Roughness=nodes.range(stain, 0.3, 0.7, 0.55, 0.8), Normal=nodes.bump(grain, 0.4, 0.01))
    stage.box('road', (11, 240, 0.1), (0, 90, -0.05), thing)
    line = stage.paint('line', (0.62, 0.62, 0.60), 0.7, bump=(40, 0.3, 0.01))
    for k in range(-6, 30):
        stage.box('dash', (0.13, 2.2, 0.01), (-1.35, k * 4.4, 0.002), line)
    yellow = stage.paint('yellow', (0.65, 0.42, 0.03), 0.7)
    slab, nodes = stage.material('pavement')
    brick = nodes.add('ShaderNodeTexBrick', {'Vector': nodes.position(), 'Color1': (0.30, 0.29, 0.27), 'Color2': (0.24, 0.23, 0.22),
                                             'Mortar': (0.12, 0.12, 0.11), 'Scale': 1.0, 'Mortar Size': 0.012,
                                             'Brick Width': 0.9, 'Row Height': 0.6})
    nodes.principled(Base_Color=nodes.mix(0.5, brick.outputs[0], nodes.ramp(nodes.noise(3, 6), [(0.3, (0.2, 0.19, 0.18)), (0.7, (0.36, 0.34, 0.32))])),
                     Roughness=0.8)
    for side in (1, -1):
        stage.box('edge', (0.10, 240, 0.01), (side * 5.0, 90, 0.002), yellow)
        stage.box('kerb', (0.3, 240, 0.17), (side * 5.4, 90, 0.03), stage.paint('kerb', (0.36, 0.35, 0.33), 0.8), 0.03)
        stage.box('pavement', (5, 240, 0.15), (side * 8.0, 90, 0.035), slab)


def buildings(rng):
    glass = stage.paint('shop', (0.02, 0.024, 0.028), 0.05, Specular_IOR_Level=0.8)
    frame = stage.paint('frame', (0.72, 0.70, 0.66), 0.6)
    tones = ((0.30, 0.13, 0.085), (0.46, 0.38, 0.28), (0.55, 0.52, 0.46), (0.24, 0.11, 0.08), (0.42, 0.30, 0.20))
    for side in (1, -1):
        y, k = -16.0, 0 if side > 0 else 2
        while y < 110:
            wide, floors = rng.uniform(7.5, 12), int(rng.integers(3, 6))
            tall, face = 4.0 + floors * 3.3, side * 10.5
            wall, nodes = stage.material('wall')
            tone = np.array(tones[k % len(tones)])
            grime = nodes.ramp(nodes.noise(1.2, 8, 0.65), [(0.3, tuple(tone * 0.7)), (0.7, tuple(tone * 1.15))])
            nodes.principled(Base_Color=grime, Roughness=0.9, Normal=nodes.bump(nodes.noise(25, 3), 0.3, 0.01))
            stage.box('house', (8, wide - 0.02, tall), (face + side * 4, y + wide / 2, tall / 2), wall)
            stage.box('cornice', (0.7, wide, 0.4), (face, y + wide / 2, tall - 0.3), frame, 0.05)
            stage.box('ledge', (0.4, wide, 0.25), (face, y + wide / 2, 3.9), frame, 0.04)
            if y < 60:
                stage.box('shop', (0.1, wide - 1.4, 2.6), (face, y + wide / 2, 1.6), glass, 0.02)
                shade = stage.paint('fascia', tuple(rng.uniform(0.02, 0.25, 3)), 0.5)
                stage.box('fascia', (0.3, wide - 0.8, 0.6), (face, y + wide / 2, 3.35), shade, 0.03)
                bays = max(2, int(wide / 2.3))
                for floor in range(floors):
                    for bay in range(bays):
                        at = (face, y + (bay + 0.5) * wide / bays, 5.7 + floor * 3.3)
                        stage.box('frame', (0.14, 1.25, 2.0), at, frame, 0.02)
                        stage.box('window', (0.20, 1.05, 1.8), at, glass)
                        stage.box('bar', (0.24, 1.05, 0.07), at, frame)
                        stage.box('sill', (0.4, 1.45, 0.12), (at[0], at[1], at[2] - 1.05), frame, 0.02)
            y, k = y + wide, k + 1
    stage.box('end', (40, 4, 16), (0, 118, 8), stage.paint('end', (0.4, 0.36, 0.32), 0.9))


def trees(rng, detail):
    bark = stage.paint('bark', (0.06, 0.045, 0.03), 0.9, bump=(12, 0.8, 0.05))
    centres, radii = [], []
    for side, y in ((1, 8), (1, 20), (1, 33), (-1, 17), (-1, 30), (1, 46), (-1, 44), (1, 60), (-1, 60)):
        x = side * 7.0
        stage.lathe('trunk', [(0.24, 0), (0.17, 1.5), (0.14, 4.2)], bark, (x, y, 0), 24)
        for _ in range(9):
            centres.append(np.array([x, y, 5.6]) + rng.normal(size=3) * (0.9, 0.9, 0.9))
            radii.append(np.array([1.3, 1.3, 1.0]))
    vertices, quads, up = growth.leaves(centres, radii, int(110_000 * detail), 0.12, rng)
    tint = (np.array([0.045, 0.11, 0.02]) + up[:, None] * np.array([0.06, 0.09, 0.01]))
    tint = tint * np.repeat(rng.uniform(0.6, 1.4, (len(quads), 1)), 4, axis=0)
    stage.mesh('leaves', vertices, quads, stage.leafy('leaves', 0.3), smooth=False, colors=tint)


def lamps():
    iron = stage.paint('iron', (0.02, 0.022, 0.022), 0.4)
    for side, y in ((-1, 3), (-1, 25), (1, 14), (1, 40), (-1, 50)):
        stage.lathe('post', [(0.10, 0), (0.08, 0.8), (0.05, 1.0), (0.045, 5.2), (0.20, 5.3), (0.16, 5.9), (0, 6.1)], iron, (side * 5.9, y, 0.1), 20)
