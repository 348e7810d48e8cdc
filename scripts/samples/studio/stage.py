"""Thin helpers over Blender's API: objects from arrays, hair from arrays, materials, sky, sun, camera, render."""

import math

import bpy
import numpy as np
from mathutils import Vector


def clear():
    """An empty scene, factory settings."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def mesh(name, vertices, faces, material=None, smooth=True, colors=None, location=(0, 0, 0)):
    """An object from `vertices` [n, 3] and `faces` ([m, 3] or [m, 4] array, or a list of index lists)."""
    data = bpy.data.meshes.new(name)
    vertices = np.asarray(vertices, dtype=np.float32)
    if isinstance(faces, np.ndarray):
        count, sides = faces.shape
        data.vertices.add(len(vertices))
        data.vertices.foreach_set('co', vertices.ravel())
        data.loops.add(count * sides)
        data.loops.foreach_set('vertex_index', faces.astype(np.int32).ravel())
        data.polygons.add(count)
        data.polygons.foreach_set('loop_start', np.arange(0, count * sides, sides, dtype=np.int32))
        data.update(calc_edges=True)
        data.validate()
    else:
        data.from_pydata(vertices.tolist(), [], faces)
    data.polygons.foreach_set('use_smooth', np.full(len(data.polygons), smooth))
    if colors is not None:
        layer = data.color_attributes.new('tint', 'FLOAT_COLOR', 'POINT')
        layer.data.foreach_set('color', _rgba(colors).ravel())
    return _place(name, data, material, location)


def box(name, size, location, material=None, bevel=0.0, turn=0.0, segments=3):
    """A box of `size` around `location`, edges rounded by `bevel`, turned about z by `turn` radians."""
    x, y, z = (s / 2 for s in size)
    corners = [(i, j, k) for k in (-z, z) for i, j in ((-x, -y), (x, -y), (x, y), (-x, y))]
    faces = [(3, 2, 1, 0), (4, 5, 6, 7), (0, 1, 5, 4), (1, 2, 6, 5), (2, 3, 7, 6), (3, 0, 4, 7)]
    thing = mesh(name, corners, faces, material, smooth=False, location=location)
    thing.rotation_euler[2] = turn
    if bevel:
        round_edges(thing, bevel, segments)
    return thing


def round_edges(thing, width, segments=3):
    modifier = thing.modifiers.new('round', 'BEVEL')
    modifier.width, modifier.segments, modifier.limit_method = width, segments, 'ANGLE'
    thing.data.polygons.foreach_set('use_smooth', np.full(len(thing.data.polygons), True))
    modifier.harden_normals = True


def lathe(name, profile, material=None, location=(0, 0, 0), segments=96):
    """A surface of revolution about z from `profile` [(radius, z)]."""
    profile = np.asarray(profile, float)
    angles = np.linspace(0, 2 * math.pi, segments, endpoint=False)
    rings = np.stack(
        [np.outer(np.cos(angles), profile[:, 0]), np.outer(np.sin(angles), profile[:, 0]),
         np.tile(profile[:, 1], (segments, 1))], axis=-1)
    rows = len(profile)
    index = np.arange(segments * rows).reshape(segments, rows)
    ahead = np.roll(index, -1, axis=0)
    quads = np.stack([index[:, :-1], ahead[:, :-1], ahead[:, 1:], index[:, 1:]], axis=-1).reshape(-1, 4)
    return mesh(name, rings.reshape(-1, 3), quads, material, location=location)


def sheet(name, x, y, height, material=None, colors=None):
    """A height field z = height(points [n, 2]) over the axes `x` and `y`."""
    gx, gy = np.meshgrid(x, y, indexing='ij')
    flat = np.column_stack([gx.ravel(), gy.ravel()])
    index = np.arange(len(flat)).reshape(gx.shape)
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1).reshape(-1, 4)
    points = np.column_stack([flat, height(flat)])
    return mesh(name, points, quads, material, colors=None if colors is None else colors(points))


def surface(name, points, material=None, colors=None):
    """A sheet through a grid of `points` [rows, columns, 3]."""
    index = np.arange(points.shape[0] * points.shape[1]).reshape(points.shape[:2])
    quads = np.stack([index[:-1, :-1], index[1:, :-1], index[1:, 1:], index[:-1, 1:]], axis=-1).reshape(-1, 4)
    return mesh(name, points.reshape(-1, 3), quads, material, colors=colors)


def strands(name, points, radii, material, colors=None):
    """Hair, fur or grass: `points` [n, k, 3], `radii` [n, k] (or [k]), a colour per strand."""
    count, keys = points.shape[:2]
    data = bpy.data.hair_curves.new(name)
    data.add_curves([keys] * count)
    data.attributes['position'].data.foreach_set('vector', points.astype(np.float32).ravel())
    radius = data.attributes.get('radius') or data.attributes.new('radius', 'FLOAT', 'POINT')
    radius.data.foreach_set('value', np.broadcast_to(radii, (count, keys)).astype(np.float32).ravel())
    if colors is not None:
        layer = data.attributes.new('tint', 'FLOAT_COLOR', 'CURVE')
        layer.data.foreach_set('color', _rgba(colors).ravel())
    return _place(name, data, material, (0, 0, 0))


def _rgba(colors):
    colors = np.asarray(colors, dtype=np.float32)
    return np.column_stack([colors, np.ones(len(colors), np.float32)])


def _place(name, data, material, location):
    thing = bpy.data.objects.new(name, data)
    if material is not None:
        data.materials.append(material)
    bpy.context.collection.objects.link(thing)
    thing.location = location
    return thing


def gather(name, things):
    """An empty that carries `things`, so that they move and turn together."""
    holder = bpy.data.objects.new(name, None)
    bpy.context.collection.objects.link(holder)
    for thing in things:
        if thing.parent is None:
            thing.parent = holder
    return holder


class Nodes:
    """A node tree that is written down from the inputs to the output."""

    def __init__(self, tree):
        self.tree = tree

    def add(self, kind, inputs=None, **settings):
        node = self.tree.nodes.new(kind)
        for key, value in settings.items():
            setattr(node, key, value)
        for key, value in (inputs or {}).items():
            socket = node.inputs[key]
            if isinstance(value, bpy.types.NodeSocket):
                self.tree.links.new(value, socket)
            elif isinstance(value, (tuple, list)) and len(value) == 3 and socket.type == 'RGBA':
                socket.default_value = (*value, 1)
            else:
                socket.default_value = value
        return node

    def noise(self, scale, detail=6.0, roughness=0.55, distortion=0.0, coordinates=None):
        inputs = {'Scale': scale, 'Detail': detail, 'Roughness': roughness, 'Distortion': distortion}
        if coordinates is None:
            coordinates = self.add('ShaderNodeTexCoord').outputs['Object']
        return self.add('ShaderNodeTexNoise', {**inputs, 'Vector': coordinates}).outputs['Fac']

    def ramp(self, value, stops):
        """A colour ramp: `stops` [(position, (r, g, b))]."""
        node = self.add('ShaderNodeValToRGB', {'Fac': value})
        elements = node.color_ramp.elements
        while len(elements) < len(stops):
            elements.new(0.5)
        for element, (position, color) in zip(elements, stops):
            element.position, element.color = position, (*color, 1)
        return node.outputs['Color']

    def range(self, value, low, high, out_low=0.0, out_high=1.0):
        inputs = {'Value': value, 'From Min': low, 'From Max': high, 'To Min': out_low, 'To Max': out_high}
        return self.add('ShaderNodeMapRange', inputs).outputs['Result']

    def math(self, operation, a, b=0.0):
        return self.add('ShaderNodeMath', {0: a, 1: b}, operation=operation).outputs[0]

    def mix(self, factor, a, b, blend='MIX'):
        node = self.add('ShaderNodeMix', {0: factor, 6: a, 7: b}, data_type='RGBA', blend_type=blend)
        return node.outputs[2]

    def bump(self, height, strength=0.5, distance=0.02, normal=None):
        inputs = {'Height': height, 'Strength': strength, 'Distance': distance}
        if normal is not None:
            inputs['Normal'] = normal
        return self.add('ShaderNodeBump', inputs).outputs['Normal']

    def tint(self):
        """The colour that a mesh's vertex or a strand carries."""
        return self.add('ShaderNodeAttribute', attribute_name='tint').outputs['Color']

    def position(self):
        return self.add('ShaderNodeNewGeometry').outputs['Position']

    def principled(self, **inputs):
        """Principled shader straight to the output; `Base_Color=…` names the socket 'Base Color'."""
        names = {key.replace('_', ' '): value for key, value in inputs.items()}
        shader = self.add('ShaderNodeBsdfPrincipled', names).outputs[0]
        self.output(shader)
        return shader

    def output(self, shader, socket='Surface'):
        output = next((n for n in self.tree.nodes if n.type == 'OUTPUT_MATERIAL'), None)
        output = output or self.add('ShaderNodeOutputMaterial')
        self.tree.links.new(shader, output.inputs[socket])


def material(name):
    """A new, empty material and its nodes."""
    thing = bpy.data.materials.new(name)
    thing.use_nodes = True
    thing.node_tree.nodes.clear()
    return thing, Nodes(thing.node_tree)


def paint(name, color, roughness=0.5, bump=None, **inputs):
    """A plain material: `color` (r, g, b) or 'tint' (the colour of the vertices or strands); bump (scale, strength, distance)."""
    thing, nodes = material(name)
    if bump is not None:
        inputs['Normal'] = nodes.bump(nodes.noise(bump[0]), bump[1], bump[2])
    inputs['Base_Color'] = nodes.tint() if color == 'tint' else (*color, 1)
    nodes.principled(Roughness=roughness, **inputs)
    return thing


def leafy(name, translucency=0.4, roughness=0.5):
    """Thin tinted things that let light through: blades of grass, leaves."""
    thing, nodes = material(name)
    color = nodes.tint()
    front = nodes.add('ShaderNodeBsdfPrincipled', {'Base Color': color, 'Roughness': roughness}).outputs[0]
    back = nodes.add('ShaderNodeBsdfTranslucent', {'Color': color}).outputs[0]
    nodes.output(nodes.add('ShaderNodeMixShader', {0: translucency, 1: front, 2: back}).outputs[0])
    return thing


def furry(name):
    """Tinted hair, darker at its root."""
    thing, nodes = material(name)
    tint = nodes.tint()
    along = nodes.add('ShaderNodeHairInfo').outputs['Intercept']
    color = nodes.mix(nodes.range(along, 0, 1, 0.0, 0.45), nodes.mix(0.45, tint, (0, 0, 0, 1)), tint)
    nodes.principled(Base_Color=color, Roughness=0.42, Specular_IOR_Level=0.35, Sheen_Weight=0.15)
    return thing


def daylight(elevation, azimuth, sun=4.0, sky=0.12, size=0.6, warmth=(1.0, 0.95, 0.88), haze=1.0, clouds=None,
             ground=(1.6, 1.5, 1.3)):
    """A physical sky and a sun lamp. Angles in degrees; azimuth counter-clockwise from +x. `clouds` (amount, scale).

    `ground` is the light that comes back from below the horizon, on the sky's own scale.
    """
    e, a = math.radians(elevation), math.radians(azimuth)
    world = bpy.data.worlds.new('sky')
    bpy.context.scene.world = world
    world.use_nodes = True
    world.node_tree.nodes.clear()
    nodes = Nodes(world.node_tree)
    texture = nodes.add(
        'ShaderNodeTexSky', sky_type='MULTIPLE_SCATTERING', sun_disc=False, sun_elevation=e,
        sun_rotation=math.pi / 2 - a, aerosol_density=haze)
    color = texture.outputs[0]
    if clouds is not None:
        color = _clouds(nodes, color, *clouds)
    upward = nodes.add('ShaderNodeSeparateXYZ', {0: nodes.add('ShaderNodeTexCoord').outputs['Generated']}).outputs[2]
    color = nodes.mix(nodes.range(upward, -0.02, 0.0), (*ground, 1), color)
    background = nodes.add('ShaderNodeBackground', {'Color': color, 'Strength': sky})
    output = nodes.add('ShaderNodeOutputWorld')
    world.node_tree.links.new(background.outputs[0], output.inputs[0])
    if sun:
        lamp = bpy.data.lights.new('sun', 'SUN')
        lamp.energy, lamp.angle, lamp.color = sun, math.radians(size), warmth
        thing = bpy.data.objects.new('sun', lamp)
        bpy.context.collection.objects.link(thing)
        direction = Vector((math.cos(e) * math.cos(a), math.cos(e) * math.sin(a), math.sin(e)))
        thing.rotation_euler = direction.to_track_quat('Z', 'Y').to_euler()
    return nodes


def _clouds(nodes, sky, amount, scale):
    """Fair-weather clouds on a flat ceiling: the view direction is projected on it, so that they shrink to the horizon."""
    direction = nodes.add('ShaderNodeTexCoord').outputs['Generated']
    split = nodes.add('ShaderNodeSeparateXYZ', {0: direction})
    height = nodes.math('MAXIMUM', split.outputs[2], 0.02)
    plane = nodes.add('ShaderNodeCombineXYZ', {
        0: nodes.math('DIVIDE', split.outputs[0], nodes.math('ADD', height, 0.12)),
        1: nodes.math('DIVIDE', split.outputs[1], nodes.math('ADD', height, 0.12))}).outputs[0]
    thickness = nodes.noise(scale, 9.0, 0.56, 0.15, plane)
    cover = nodes.range(thickness, 0.62 - amount * 0.25, 0.80 - amount * 0.2)
    shade = nodes.ramp(nodes.noise(scale * 2.3, 6.0, 0.5, 0.0, plane), [(0.3, (0.72, 0.76, 0.82)), (0.7, (1, 1, 1))])
    white = nodes.add('ShaderNodeVectorMath', {0: shade, 'Scale': 9.0}, operation='SCALE').outputs[0]
    faded = nodes.math('MULTIPLY', cover, nodes.range(split.outputs[2], 0.0, 0.12))
    return nodes.mix(faded, sky, white)


def area_light(location, target, size, energy, color=(1, 1, 1)):
    lamp = bpy.data.lights.new('area', 'AREA')
    lamp.energy, lamp.size, lamp.color = energy, size, color
    thing = bpy.data.objects.new('area', lamp)
    bpy.context.collection.objects.link(thing)
    thing.location = location
    thing.rotation_euler = (Vector(location) - Vector(target)).to_track_quat('Z', 'Y').to_euler()


def camera(location, target, lens=50.0, f_stop=None, focus=None):
    """A 36 mm camera that looks from `location` at `target`; with an `f_stop` it has a depth of field around `focus`."""
    data = bpy.data.cameras.new('camera')
    data.lens, data.clip_end = lens, 20000
    if f_stop is not None:
        data.dof.use_dof = True
        data.dof.aperture_fstop = f_stop
        data.dof.focus_distance = (Vector(focus if focus is not None else target) - Vector(location)).length
    thing = bpy.data.objects.new('camera', data)
    bpy.context.collection.objects.link(thing)
    thing.location = location
    turn = (Vector(target) - Vector(location)).to_track_quat('-Z', 'Y')
    thing.rotation_euler = turn.to_euler()
    bpy.context.scene.camera = thing
    return thing


def render(path, width, height, samples, exposure=0.0, look='AgX - Medium High Contrast', threads=1, quality=85):
    """Path-trace the scene on the processor, denoise, and write a JPEG."""
    scene = bpy.context.scene
    scene.render.engine = 'CYCLES'
    cycles = scene.cycles
    cycles.device, cycles.samples, cycles.seed = 'CPU', samples, 7
    cycles.use_adaptive_sampling, cycles.adaptive_threshold = True, 0.04
    cycles.use_denoising, cycles.denoiser = True, 'OPENIMAGEDENOISE'
    cycles.max_bounces, cycles.transparent_max_bounces = 6, 8
    cycles.sample_clamp_indirect = 6
    scene.render.threads_mode, scene.render.threads = 'FIXED', threads
    scene.render.resolution_x, scene.render.resolution_y, scene.render.resolution_percentage = width, height, 100
    scene.view_settings.view_transform, scene.view_settings.look = 'AgX', look
    scene.view_settings.exposure = exposure
    scene.render.image_settings.file_format = 'JPEG'
    scene.render.image_settings.quality = quality
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)
