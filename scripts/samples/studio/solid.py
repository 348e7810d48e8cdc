"""Bodies modelled as signed distances (cones with round ends, ellipsoids) that melt into each other, meshed by surface nets."""

import numpy as np


class Solid:
    """A union of primitives; every primitive says how softly (`blend`, metres) it melts into those before it."""

    def __init__(self, blend=0.02):
        self._blend = blend
        self._parts = []
        self._boxes = []

    def cone(self, a, radius_a, b, radius_b, blend=None, cut=False):
        """A cone with round ends from `a` to `b`. With `cut` it is taken away instead of added."""
        a, b = np.asarray(a, float), np.asarray(b, float)
        if np.linalg.norm(b - a) <= abs(radius_a - radius_b):
            raise ValueError(f'cone from {a} to {b}: one end lies within the other')
        self._add(lambda p: _round_cone(p, a, b, radius_a, radius_b), blend, cut)
        self._boxes += [(a - radius_a, a + radius_a), (b - radius_b, b + radius_b)]
        return self

    def chain(self, points, radii, blend=None):
        """Cones along a line of points."""
        for a, b, ra, rb in zip(points, points[1:], radii, radii[1:]):
            self.cone(a, ra, b, rb, blend)
        return self

    def ellipsoid(self, centre, radii, turn=None, blend=None, cut=False):
        """An ellipsoid; `turn` [3, 3] has its axes as rows."""
        centre, radii = np.asarray(centre, float), np.asarray(radii, float)
        axes = np.eye(3) if turn is None else np.asarray(turn, float)

        def distance(p):
            local = (p - centre) @ axes.T
            k0 = np.linalg.norm(local / radii, axis=1)
            k1 = np.linalg.norm(local / radii**2, axis=1)
            return k0 * (k0 - 1.0) / np.maximum(k1, 1e-9)

        self._add(distance, blend, cut)
        reach = radii.max()
        self._boxes.append((centre - reach, centre + reach))
        return self

    def _add(self, distance, blend, cut):
        self._parts.append((distance, self._blend if blend is None else blend, cut))

    def distance(self, points):
        """Signed distance (negative inside) at `points` [n, 3]."""
        points = np.asarray(points, dtype=np.float64)
        total = None
        for distance, blend, cut in self._parts:
            d = distance(points)
            if total is None:
                total = d
            elif cut:
                total = -_smooth_minimum(-total, d, blend)
            else:
                total = _smooth_minimum(total, d, blend)
        return total

    def normals(self, points, step=1e-3):
        """Unit gradients of the distance at `points` [n, 3]."""
        gradient = np.stack(
            [self.distance(points + step * axis) - self.distance(points - step * axis) for axis in np.eye(3)], axis=1
        )
        return gradient / np.maximum(np.linalg.norm(gradient, axis=1, keepdims=True), 1e-9)

    def mesh(self, resolution, roughen=None):
        """Vertices [n, 3] and quads [m, 4] on a grid of `resolution` metres; `roughen(points)` is added to the distance."""
        low = np.min([box[0] for box in self._boxes], axis=0) - 4 * resolution
        high = np.max([box[1] for box in self._boxes], axis=0) + 4 * resolution
        axes = [np.arange(low[i], high[i], resolution) for i in range(3)]
        grid = np.stack(np.meshgrid(*axes, indexing='ij'), axis=-1).reshape(-1, 3)
        field = self.distance(grid)
        if roughen is not None:
            near = np.abs(field) < 6 * resolution
            field[near] += roughen(grid[near])
        return surface_nets(field.reshape([len(axis) for axis in axes]), low, resolution)


def surface_nets(field, origin, step):
    """The zero level of `field` as vertices [n, 3] and quads [m, 4] (naive surface nets, outward winding)."""
    inside = field < 0
    shape = np.array(field.shape) - 1
    total, count = np.zeros((*shape, 3)), np.zeros(tuple(shape))
    corners = [(i, j, k) for i in (0, 1) for j in (0, 1) for k in (0, 1)]

    def corner(values, c):
        return values[c[0]:c[0] + shape[0], c[1]:c[1] + shape[1], c[2]:c[2] + shape[2]]

    for a in corners:
        for axis in range(3):
            if a[axis]:
                continue
            b = tuple(1 if i == axis else a[i] for i in range(3))
            fa, fb = corner(field, a), corner(field, b)
            crossing = (fa < 0) != (fb < 0)
            fraction = np.where(crossing, fa / np.where(crossing, fa - fb, 1.0), 0.0)
            for i in range(3):
                total[..., i] += crossing * (a[i] + (fraction if i == axis else 0.0))
            count += crossing
    used = count > 0
    index = np.full(tuple(shape), -1)
    index[used] = np.arange(used.sum())
    vertices = np.asarray(origin) + step * (np.argwhere(used) + total[used] / count[used][:, None])
    quads = []
    for axis in range(3):
        u, v = (axis + 1) % 3, (axis + 2) % 3
        ahead = np.roll(inside, -1, axis)
        change = inside != ahead
        for i in range(3):  # edges on the border belong to no four cells
            edge = np.arange(field.shape[i])
            valid = (edge < shape[i]) if i == axis else (edge > 0) & (edge < shape[i])
            change &= valid.reshape([-1 if j == i else 1 for j in range(3)])
        at = np.argwhere(change)
        eu, ev = np.eye(3, dtype=int)[u], np.eye(3, dtype=int)[v]
        ring = [index[tuple(cell.T)] for cell in (at, at - eu, at - eu - ev, at - ev)]
        quad = np.stack(ring, axis=1)
        outward = inside[tuple(at.T)]
        quads.append(np.where(outward[:, None], quad, quad[:, ::-1]))
    return vertices, np.concatenate(quads)


def _smooth_minimum(a, b, blend):
    if blend <= 0:
        return np.minimum(a, b)
    h = np.maximum(blend - np.abs(a - b), 0.0) / blend
    return np.minimum(a, b) - h * h * h * blend / 6.0


def _round_cone(p, a, b, ra, rb):
    axis = b - a
    length2 = axis @ axis
    slope = ra - rb
    a2 = length2 - slope * slope
    pa = p - a
    y = pa @ axis
    z = y - length2
    x2 = np.sum((pa * length2 - y[:, None] * axis) ** 2, axis=1)
    y2, z2 = y * y * length2, z * z * length2
    k = np.sign(slope) * slope * slope * x2
    side = (np.sqrt(x2 * a2 / length2) + y * slope) / length2 - ra
    first, last = np.sqrt(x2 + y2) / length2 - ra, np.sqrt(x2 + z2) / length2 - rb
    return np.where(np.sign(z) * a2 * z2 > k, last, np.where(np.sign(y) * a2 * y2 < k, first, side))
