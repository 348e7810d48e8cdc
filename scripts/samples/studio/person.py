"""A clothed adult from a pose: bone directions in, one mesh a garment out. It looks along +x and is 1.75 m tall."""

import numpy as np

from . import noise, stage
from .solid import Solid

BONES = {'thigh': 0.43, 'shin': 0.42, 'foot': 0.17, 'spine': 0.50, 'neck': 0.125, 'upper': 0.29, 'fore': 0.26}


def joints(pose):
    """Joint positions of `pose`: directions (x, y, z) by bone; missing ones hang or stand straight.

    Bones: spine, neck, and with `l_` or `r_` before them thigh, shin, foot, upper, fore. `lean` turns hips and shoulders.
    """
    def bone(name, standard):
        direction = np.array(pose.get(name, standard), float)
        return direction / np.linalg.norm(direction) * BONES[name.split('_')[-1]]

    at = {'pelvis': np.zeros(3)}
    at['neck'] = bone('spine', (0, 0, 1))
    at['head'] = at['neck'] + bone('neck', (0.15, 0, 1))
    for s, side in (('l', 1), ('r', -1)):
        twist = np.radians(pose.get('twist', 0))
        across = side * np.array([-np.sin(twist), np.cos(twist), 0])
        hips = np.radians(pose.get('hips', 0))
        at[f'{s}_hip'] = side * 0.095 * np.array([-np.sin(hips), np.cos(hips), 0]) + (0, 0, -0.03)
        at[f'{s}_knee'] = at[f'{s}_hip'] + bone(f'{s}_thigh', (0, 0, -1))
        at[f'{s}_ankle'] = at[f'{s}_knee'] + bone(f'{s}_shin', (0, 0, -1))
        at[f'{s}_toe'] = at[f'{s}_ankle'] + bone(f'{s}_foot', (1, 0, -0.2))
        at[f'{s}_shoulder'] = at['neck'] * 0.93 + across * 0.185
        at[f'{s}_elbow'] = at[f'{s}_shoulder'] + bone(f'{s}_upper', (0, 0, -1))
        at[f'{s}_hand'] = at[f'{s}_elbow'] + bone(f'{s}_fore', (0.2, 0, -1))
    return at


def build(pose, top=(0.6, 0.03, 0.03), bottom=(0.05, 0.06, 0.10), shoes=(0.03, 0.03, 0.03), skin=(0.52, 0.29, 0.19),
          hair=(0.04, 0.025, 0.015), hands=None, helmet=None, hood=None, goggles=False, bulk=1.0, sleeves=True,
          shorts=False, hem=0.0, pack=None, resolution=0.012):
    """The person's objects under one holder, origin between the hips; also the joints by name."""
    at = joints(pose)
    cloth = lambda name, color: stage.paint(name, color, 0.75, bump=(26, 0.5, 0.02), Sheen_Weight=0.2)
    crease = lambda p: 0.010 * bulk * noise.fractal(p * np.array([7, 7, 15]), 3, seed=21)
    flesh = stage.paint('skin', skin, 0.45, Subsurface_Weight=0.15, Subsurface_Radius=(0.02, 0.01, 0.005))
    things = []

    def put(name, solid, material, roughen=None, fine=1.0):
        vertices, quads = solid.mesh(resolution * fine, roughen)
        things.append(stage.mesh(name, vertices, quads, material))

    torso = Solid(blend=0.08)
    up = at['neck'] / np.linalg.norm(at['neck'])
    torso.cone((0, 0, 0.0), 0.135 * bulk, at['neck'] * 0.55, 0.135 * bulk)
    if hem:  # a jacket that reaches down over the hips
        torso.cone((0, 0, 0), 0.140 * bulk, (0, 0, -hem), 0.158 * bulk)
    for s in 'lr':
        inner = at[f'{s}_shoulder'] * 0.75 + at['neck'] * 0.25 * 0.9
        torso.cone(at['neck'] * 0.55 + (at[f'{s}_shoulder'] - at['neck']) * 0.22, 0.125 * bulk, inner - up * 0.08, 0.10 * bulk)
        torso.cone(inner - up * 0.02, 0.072 * bulk, at[f'{s}_shoulder'], 0.070 * bulk)
        if sleeves:
            torso.chain([at[f'{s}_shoulder'], at[f'{s}_elbow'], at[f'{s}_hand']],
                        [0.070 * bulk, 0.054 * bulk, 0.042 * bulk], 0.04)
        else:
            torso.cone(at[f'{s}_shoulder'], 0.068 * bulk, at[f'{s}_elbow'] * 0.55 + at[f'{s}_shoulder'] * 0.45, 0.060, 0.04)
    if hood is not None:
        torso.ellipsoid(at['neck'] + (-0.06, 0, 0.03), (0.10, 0.11, 0.08), blend=0.06)
    put('top', torso, cloth('top', top), crease)

    legs = Solid(blend=0.06)
    legs.cone(at['l_hip'], 0.115 * bulk, at['r_hip'], 0.1149 * bulk)
    for s in 'lr':
        knee, ankle = at[f'{s}_knee'], at[f'{s}_ankle']
        if shorts:
            legs.cone(at[f'{s}_hip'], 0.100 * bulk, knee * 0.85 + at[f'{s}_hip'] * 0.15, 0.085 * bulk, 0.05)
        else:
            legs.chain([at[f'{s}_hip'], knee, ankle], [0.100 * bulk, 0.072 * bulk, 0.060 * bulk], 0.05)
    put('bottom', legs, cloth('bottom', bottom), crease)

    bare = Solid(blend=0.03)
    bare.cone(at['neck'] * 0.96, 0.058, at['head'] - (0, 0, 0.02), 0.055)
    face = at['head'] + (0.01, 0, 0.06)
    bare.ellipsoid(face, (0.098, 0.076, 0.118))
    bare.ellipsoid(face + (0.045, 0, -0.06), (0.05, 0.05, 0.05))
    bare.ellipsoid(face + (0.098, 0, -0.02), (0.022, 0.014, 0.024), blend=0.02)
    for s, side in (('l', 1), ('r', -1)):
        bare.ellipsoid(face + (-0.005, side * 0.077, -0.015), (0.02, 0.012, 0.03), blend=0.01)
        if shorts:
            bare.chain([at[f'{s}_knee'] * 0.7 + at[f'{s}_hip'] * 0.3, at[f'{s}_knee'], (at[f'{s}_knee'] * 0.6 + at[f'{s}_ankle'] * 0.4),
                        at[f'{s}_ankle']], [0.075, 0.058, 0.056, 0.040], 0.03)
        if not sleeves:
            bare.chain([at[f'{s}_shoulder'], at[f'{s}_elbow'], at[f'{s}_hand']], [0.052, 0.041, 0.030], 0.03)
        reach = at[f'{s}_hand'] - at[f'{s}_elbow']
        reach /= np.linalg.norm(reach)
        if hands is None:
            bare.cone(at[f'{s}_hand'] + reach * 0.02, 0.036, at[f'{s}_hand'] + reach * 0.10, 0.030, 0.02)
        if shoes is None:
            bare.cone(at[f'{s}_ankle'], 0.042, at[f'{s}_toe'], 0.030, 0.03)
    put('skin', bare, flesh, fine=0.6)

    if hands is not None:
        gloves = Solid(blend=0.02)
        for s in 'lr':
            reach = at[f'{s}_hand'] - at[f'{s}_elbow']
            reach /= np.linalg.norm(reach)
            gloves.cone(at[f'{s}_hand'], 0.050, at[f'{s}_hand'] + reach * 0.09, 0.046)
        put('gloves', gloves, cloth('gloves', hands))
    if shoes is not None:
        boots = Solid(blend=0.03)
        for s in 'lr':
            ankle, toe = at[f'{s}_ankle'], at[f'{s}_toe']
            heel = ankle - (toe - ankle) * 0.25
            boots.cone(ankle + (at[f'{s}_knee'] - ankle) * 0.12, 0.062 * bulk, ankle, 0.058 * bulk)
            boots.cone(heel + (toe - ankle) * 0.2, 0.052, toe, 0.042)
        put('shoes', boots, stage.paint('shoes', shoes, 0.5))
    if helmet is not None:
        shell = Solid(blend=0.02).ellipsoid(face + (-0.012, 0, 0.035), (0.128, 0.110, 0.118))
        shell.ellipsoid(face + (0.13, 0, -0.06), (0.11, 0.15, 0.105), cut=True, blend=0.02)
        put('helmet', shell, stage.paint('helmet', helmet, 0.25, Coat_Weight=0.5), fine=0.6)
    else:
        mop = Solid(blend=0.02).ellipsoid(face + (-0.022, 0, 0.03), (0.104, 0.090, 0.112))
        mop.ellipsoid(face + (0.12, 0, -0.06), (0.10, 0.12, 0.125), cut=True, blend=0.02)
        strands = lambda p: 0.006 * noise.fractal(p * 45, 3, seed=9)
        put('hair', mop, stage.paint('hair', hair, 0.55), strands, fine=0.6)
    if goggles:
        lens = Solid(blend=0.01).ellipsoid(face + (0.075, 0, 0.022), (0.038, 0.072, 0.036))
        put('goggles', lens, stage.paint('goggles', (0.25, 0.10, 0.02), 0.08, Metallic=0.8), fine=0.6)
    if pack is not None:
        sack = Solid(blend=0.06).cone(at['neck'] * 0.2 + (-0.20, 0, 0), 0.12, at['neck'] * 0.85 + (-0.19, 0, 0), 0.105)
        put('pack', sack, cloth('pack', pack), crease)
    return stage.gather('person', things), at
