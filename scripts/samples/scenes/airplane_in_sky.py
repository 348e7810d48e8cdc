"""An airliner climbs through a blue sky with a few clouds."""

import numpy as np

from studio import stage
from studio.solid import Solid

SIZE = (960, 640)
EXPOSURE = 0.15


def build(detail):
    stage.daylight(38, 300, sun=4.5, sky=0.085, haze=0.3, clouds=(0.5, 1.1), ground=(2.0, 2.0, 2.0))
    jet = airliner()
    jet.rotation_euler = np.radians((-5, -5, -30))
    jet.location = (0, 0, 120)
    stage.camera((24, -116, 92), (0.5, 0, 119.6), 92)


def airliner():
    """A twin-jet of 38 m that looks along +x."""
    white = stage.paint('white', (0.82, 0.83, 0.85), 0.22, Coat_Weight=0.6, Coat_Roughness=0.05)
    grey = stage.paint('grey', (0.45, 0.47, 0.50), 0.32, Metallic=0.3)
    blue = stage.paint('blue', (0.02, 0.07, 0.30), 0.25, Coat_Weight=0.6)
    dark = stage.paint('dark', (0.015, 0.017, 0.02), 0.12)
    steel = stage.paint('steel', (0.7, 0.7, 0.72), 0.2, Metallic=1.0)

    x = 19 - 38 * np.linspace(0, 1, 160) ** 1.3
    radius, rise = _section(x)
    turn = np.linspace(0, 2 * np.pi, 73)
    hull = np.stack([np.tile(x[:, None], (1, 73)), radius[:, None] * np.sin(turn),
                     rise[:, None] - radius[:, None] * np.cos(turn)], axis=-1)
    things = [stage.surface('hull', hull, white)]

    for side in (1, -1):
        things += [_wing(side, white, grey), _stabiliser(side, white)]
        things += _engine(side, white, steel, dark)
        for place in np.arange(-11.5, 12.9, 0.62):  # cabin windows
            if abs(place - 0.3) > 0.5:
                things.append(stage.box('window', (0.26, 0.06, 0.36), (place, side * 1.955, 0.42), dark, 0.02))
        stripe = [(a, side * (1.995 * np.cos(h / 1.98)), h) for a in (13.0, -9.0) for h in (-0.75, -0.35)]
        things.append(stage.mesh('stripe', stripe, [(0, 1, 3, 2)], blue))
        for low, high, back, front in ((1.72, 2.18, 16.25, 16.85), (2.26, 2.62, 16.45, 17.15), (2.68, 3.10, 16.55, 17.25)):
            across, ahead = np.meshgrid(np.linspace(low, high, 7), np.linspace(back, front, 7), indexing='ij')
            radius, rise = _section(ahead.ravel())
            pane = np.stack([ahead, side * ((radius + 0.02) * np.sin(across.ravel())).reshape(7, 7),
                             (rise - (radius + 0.02) * np.cos(across.ravel())).reshape(7, 7)], axis=-1)
            things.append(stage.surface('pane', pane, dark))  # cockpit
    things.append(_plate('fin', [(-11.2, 1.7), (-17.4, 8.3), (-19.6, 8.3), (-18.2, 2.0)], 0.34, blue, upright=True))
    return stage.gather('jet', things)


def _section(x):
    """Radius and height of the middle of the hull at `x`."""
    nose = np.clip((19.001 - x) / 6.0, 0, 1)
    tail = np.clip((x + 19) / 13.0, 0, 1)
    radius = 1.98 * np.sqrt(1 - (1 - nose) ** 2.1) * (0.13 + 0.87 * np.sin(tail * np.pi / 2) ** 0.9)
    return radius, 1.45 * (1 - np.sin(tail * np.pi / 2)) - 0.45 * (1 - nose) ** 2


def _plate(name, outline, thickness, material, upright=False, z=0.0, lift=0.0, side=1):
    """A flat wing with rounded edges from its outline; upright ones stand in the x-z plane."""
    outline = np.asarray(outline, float)
    n = len(outline)
    rings = []
    for sign in (-0.5, 0.5):
        if upright:
            rings.append(np.column_stack([outline[:, 0], np.full(n, sign * thickness), outline[:, 1]]))
        else:
            rise = z + lift * np.abs(outline[:, 1])
            taper = np.interp(np.abs(outline[:, 1]), [1, 17], [1, 0.25])
            rings.append(np.column_stack([outline[:, 0], side * outline[:, 1], rise + sign * thickness * taper]))
    faces = [list(range(n))[::-1], list(range(n, 2 * n))] + [[i, (i + 1) % n, n + (i + 1) % n, n + i] for i in range(n)]
    thing = stage.mesh(name, np.concatenate(rings), faces, material, smooth=False)
    stage.round_edges(thing, thickness * 0.35)
    return thing


def _wing(side, white, grey):
    outline = [(5.2, 1.2), (-3.2, 15.6), (-4.0, 17.1), (-5.1, 17.2), (-4.3, 6.2), (-4.2, 1.2)]
    wing = _plate('wing', outline, 0.75, grey, z=-1.25, lift=0.10, side=side)
    tip = _plate('winglet', [(-3.9, 0.4), (-5.0, 2.6), (-5.7, 2.6), (-5.1, 0.4)], 0.12, white, upright=True)
    tip.location = (0, side * 17.15, 0)
    return stage.gather('wing', [wing, tip])


def _stabiliser(side, white):
    return _plate('stabiliser', [(-14.3, 0.5), (-17.6, 6.4), (-19.0, 6.4), (-17.9, 0.5)], 0.34, white, z=1.15, lift=0.1,
                  side=side)


def _engine(side, white, steel, dark):
    profile = [(0.0, -1.9), (0.45, -1.9), (0.60, -1.7), (0.98, -0.6), (1.12, 0.6), (1.13, 1.3), (1.06, 1.75),
               (0.98, 1.85), (0.90, 1.75), (0.88, 1.0), (0.0, 1.0)]
    nacelle = stage.lathe('nacelle', profile, white)
    lip = stage.lathe('lip', [(1.07, 1.72), (1.06, 1.80), (0.985, 1.87), (0.905, 1.80), (0.90, 1.72)], steel)
    fan = stage.lathe('fan', [(0.89, 1.05), (0.3, 1.08), (0.0, 1.5)], dark)
    cone = stage.lathe('cone', [(0.55, -1.6), (0.35, -2.2), (0.0, -3.0)], steel)
    parts = [nacelle, lip, fan, cone]
    for part in parts:
        part.rotation_euler[1] = np.pi / 2
        part.location = (3.2, side * 5.6, -2.35)
    pylon = Solid().cone((3.6, side * 5.6, -1.55), 0.16, (-0.4, side * 5.6, -0.95), 0.2).mesh(0.06)
    return parts + [stage.mesh('pylon', *pylon, white)]
