"""Things that grow: fur on a body, grass on a meadow, leaves in a crown."""

import numpy as np

from . import noise


def scatter_on_mesh(vertices, faces, count, rng):
    """`count` points spread evenly over the area of a mesh of triangles or quads."""
    triangles = faces if faces.shape[1] == 3 else np.concatenate([faces[:, :3], faces[:, [0, 2, 3]]])
    a, b, c = (vertices[triangles[:, i]] for i in range(3))
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    pick = rng.choice(len(triangles), count, p=area / area.sum())
    u, v = rng.random((2, count, 1))
    flip = u + v > 1
    u, v = np.where(flip, 1 - u, u), np.where(flip, 1 - v, v)
    return a[pick] + u * (b[pick] - a[pick]) + v * (c[pick] - a[pick])


def fur(roots, normals, comb, length, rng, keys=5, lift=0.35, unrest=0.25):
    """Strands [n, keys, 3] that rise from `roots` and lie down along `comb` [n, 3]; `length` [n] in metres.

    `lift`: how much they stand off the skin (0 flat, 1 upright); `unrest`: how much they stray.
    """
    clump = np.stack([noise.fractal(roots * 28.0, 2, seed=s) for s in (11, 12, 13)], axis=1)
    along = comb + unrest * 1.6 * clump + unrest * rng.normal(size=roots.shape) * 0.6
    along -= normals * np.sum(along * normals, axis=1, keepdims=True)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-6)
    t = np.linspace(0, 1, keys)[None, :, None]
    rise = normals[:, None] * lift * (t - 0.45 * t * t) + along[:, None] * (t * t * 0.6 + 0.4 * t)
    droop = np.array([0, 0, -0.25])[None, None] * t * t
    return roots[:, None] + length[:, None, None] * (rise + droop)


def blades(place, height, rng, ground=None, keys=4, lean=0.5):
    """Blades of grass [n, keys, 3] at `place` [n, 2]; taller and leaning together in tufts."""
    count = len(place)
    tuft = noise.fractal(place * 2.2, 3, seed=5)
    tall = height * (0.75 + 0.5 * np.clip(tuft + 0.4, 0, 1)) * rng.uniform(0.45, 1.25, count)
    heading = rng.uniform(0, 2 * np.pi, count) + 2.5 * tuft
    bend = lean * rng.uniform(0.15, 1.2, count)
    t = np.linspace(0, 1, keys)[None]
    out = tall[:, None] * bend[:, None] * t**2
    points = np.stack(
        [place[:, :1] + np.cos(heading)[:, None] * out, place[:, 1:] + np.sin(heading)[:, None] * out,
         tall[:, None] * t * (1 - 0.25 * bend[:, None] * t)], axis=-1)
    if ground is not None:
        points[..., 2] += ground(place)[:, None]
    return points


def frustum_places(count, near, far, half_angle, rng, power=2.0):
    """Places [count, 2] in front of a camera at the origin that looks along +y: dense near, thin far away."""
    depth = near * (far / near) ** (rng.random(count) ** (1 / power * 2))
    return np.column_stack([depth * np.tan(half_angle) * rng.uniform(-1.1, 1.1, count), depth])


def leaves(centres, radii, count, size, rng, shell=0.6):
    """Small rhombs that fill blobs: vertices [4 count, 3], quads [count, 4] and the height in the blob [4 count] (0 to 1)."""
    centres, radii = np.asarray(centres, float), np.asarray(radii, float)
    volume = np.prod(radii, axis=1) ** (2 / 3)
    pick = rng.choice(len(centres), count, p=volume / volume.sum())
    direction = rng.normal(size=(count, 3))
    direction /= np.linalg.norm(direction, axis=1, keepdims=True)
    reach = shell + (1 - shell) * rng.random(count) ** 0.5
    reach *= 1 + 0.25 * noise.fractal(direction * 2.5 + pick[:, None] * 3.7, 3)
    middle = centres[pick] + direction * radii[pick] * reach[:, None]
    a = rng.normal(size=(count, 3))
    a /= np.linalg.norm(a, axis=1, keepdims=True)
    b = np.cross(a, rng.normal(size=(count, 3)))
    b /= np.linalg.norm(b, axis=1, keepdims=True)
    scale = (size * rng.uniform(0.6, 1.4, count))[:, None]
    corners = np.stack([middle + a * scale, middle + b * scale * 0.45, middle - a * scale, middle - b * scale * 0.45], 1)
    up = np.clip(0.5 + 0.5 * direction[:, 2] * reach, 0, 1)
    return corners.reshape(-1, 3), np.arange(4 * count).reshape(-1, 4), np.repeat(up, 4)
