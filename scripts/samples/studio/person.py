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


def build(pose, top=(0.6, 0.03, 0.03), bottom=(0.05, 0.06, 0.10), skin=(0.52, 0.29, 0.19), hair=(0.04, 0.025, 0.015),
          bulk=1.0, resolution=0.012):
    """The person's objects under one holder, origin between the hips; also the joints by name. Long sleeves, bare feet."""
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
    for s in 'lr':
        inner = at[f'{s}_shoulder'] * 0.75 + at['neck'] * 0.25 * 0.9
        torso.cone(at['neck'] * 0.55 + (at[f'{s}_shoulder'] - at['neck']) * 0.22, 0.125 * bulk, inner - up * 0.08, 0.10 * bulk)
        torso.cone(inner - up * 0.02, 0.072 * bulk, at[f'{s}_shoulder'], 0.070 * bulk)
        torso.chain([at[f'{s}_shoulder'], at[f'{s}_elbow'], at[f'{s}_hand']],
                    [0.070 * bulk, 0.054 * bulk, 0.042 * bulk], 0.04)
    put('top', torso, cloth('top', top), crease)

    legs = Solid(blend=0.06)
    legs.cone(at['l_hip'], 0.115 * bulk, at['r_hip'], 0.1149 * bulk)
    for s in 'lr':
        legs.chain([at[f'{s}_hip'], at[f'{s}_knee'], at[f'{s}_ankle']], [0.100 * bulk, 0.072 * bulk, 0.060 * bulk], 0.05)
    put('bottom', legs, cloth('bottom', bottom), crease)

    bare = Solid(blend=0.03)
    bare.cone(at['neck'] * 0.96, 0.058, at['head'] - (0, 0, 0.02), 0.055)
    face = at['head'] + (0.01, 0, 0.06)
    bare.ellipsoid(face, (0.098, 0.076, 0.118))
    bare.ellipsoid(face + (0.045, 0, -0.06), (0.05, 0.05, 0.05))
    bare.ellipsoid(face + (0.098, 0, -0.02), (0.022, 0.014, 0.024), blend=0.02)
    for s, side in (('l', 1), ('r', -1)):
        bare.ellipsoid(face + (-0.005, side * 0.077, -0.015), (0.02, 0.012, 0.03), blend=0.01)
        reach = at[f'{s}_hand'] - at[f'{s}_elbow']
        reach /= np.linalg.norm(reach)
        bare.cone(at[f'{s}_hand'] + reach * 0.02, 0.036, at[f'{s}_hand'] + reach * 0.10, 0.030, 0.02)
        bare.cone(at[f'{s}_ankle'], 0.042, at[f'{s}_toe'], 0.030, 0.03)
    put('skin', bare, flesh, fine=0.6)

    mop = Solid(blend=0.02).ellipsoid(face + (-0.022, 0, 0.03), (0.104, 0.090, 0.112))
    mop.ellipsoid(face + (0.12, 0, -0.06), (0.10, 0.12, 0.125), cut=True, blend=0.02)
    strands = lambda p: 0.006 * noise.fractal(p * 45, 3, seed=9)
    put('hair', mop, stage.paint('hair', hair, 0.55), strands, fine=0.6)
    return stage.gather('person', things), at
