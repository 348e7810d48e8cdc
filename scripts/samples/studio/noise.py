"""Gradient noise on NumPy arrays: the one source of every irregularity that is modelled rather than shaded."""

import numpy as np

_GRADIENTS = np.array(
    [(1, 1, 0), (-1, 1, 0), (1, -1, 0), (-1, -1, 0), (1, 0, 1), (-1, 0, 1), (1, 0, -1), (-1, 0, -1),
     (0, 1, 1), (0, -1, 1), (0, 1, -1), (0, -1, -1), (1, 1, 0), (-1, 1, 0), (0, -1, 1), (0, -1, -1)],
    dtype=np.float32,
)


def perlin(points, seed=0):
    """Perlin noise in about [-1, 1] at `points` [n, 3] (or [n, 2])."""
    points = np.asarray(points, dtype=np.float64)
    if points.shape[1] == 2:
        points = np.column_stack([points, np.full(len(points), 0.37)])
    table = np.random.default_rng(seed).permutation(256)
    table = np.concatenate([table, table])
    cell = np.floor(points).astype(np.int64)
    offset = points - cell
    fade = offset * offset * offset * (offset * (offset * 6 - 15) + 10)
    cell &= 255
    total = 0.0
    for corner in range(8):
        step = np.array([corner & 1, corner >> 1 & 1, corner >> 2 & 1])
        at = (cell + step) & 255
        gradient = _GRADIENTS[table[table[table[at[:, 0]] + at[:, 1]] + at[:, 2]] & 15]
        weight = np.prod(np.where(step, fade, 1 - fade), axis=1)
        total = total + weight * np.sum(gradient * (offset - step), axis=1)
    return total


def fractal(points, octaves=5, gain=0.5, seed=0):
    """Sum of `octaves` Perlin layers, each twice as fine and `gain` times as strong as the one before."""
    points = np.asarray(points, dtype=np.float64)
    total, strength = np.zeros(len(points)), 1.0
    for octave in range(octaves):
        total += strength * perlin(points * 2.0**octave + 17.3 * octave, seed + octave)
        strength *= gain
    return total


def ridged(points, octaves=6, gain=0.5, seed=0):
    """Ridged fractal in about [0, 2]: sharp crests like those of mountains."""
    points = np.asarray(points, dtype=np.float64)
    total, strength, weight = np.zeros(len(points)), 1.0, np.ones(len(points))
    for octave in range(octaves):
        layer = (1.0 - np.abs(perlin(points * 2.0**octave + 9.1 * octave, seed + octave) * 1.4)) ** 2
        total += strength * layer * weight
        weight = np.clip(layer * 1.6, 0, 1)
        strength *= gain
    return total
