"""Render a courtyard with a walker in it and once more without, so that what stands behind the walker is known.

    python3.11 -m venv VENV && VENV/bin/pip install bpy==5.0.1 'numpy<2'
    VENV/bin/python benchmarks/blender_scene.py DIR [--frames 24] [--samples 16]

The camera dollies and pans past walls, crates and a lamp post at different depths, so nothing moves like its
neighbours. The walker is seen by the camera alone: it casts no shadow and no reflection, and every ray that misses it
is the same ray, so both renders are equal to the last bit where it is not seen. Grain is that of the path tracer and
new in every frame. Writes DIR/{full,clean}.%04d.exr, scene-linear Rec.709, multi-layer, with depth and motion vectors.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import bpy

SIZE = (480, 270)
FIRST = 1001
STEP = 0.05  # metres that the camera travels in a frame
PACE = 0.06  # metres that the walker does, the other way

Colour = tuple[float, float, float]
Place = tuple[float, float, float]


def main() -> None:
    """Render both."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    options.add_argument("folder", type=Path)
    options.add_argument("--frames", type=int, default=24)
    options.add_argument("--samples", type=int, default=16)
    asked = options.parse_args()
    bpy.ops.wm.read_factory_settings(use_empty=True)
    _courtyard()
    walker = _walker(asked.frames)
    _camera(asked.frames)
    _renderer(asked.samples)
    for name, hidden in (("full", False), ("clean", True)):
        for part in walker:
            part.hide_render = hidden
        _render(asked.folder.resolve(), name, range(FIRST, FIRST + asked.frames))


def _courtyard() -> None:
    """Ground, walls and things at many depths, and light from one side."""
    _box("ground", (0, 8, -0.05), (30, 30, 0.1), _paint("BRICK", 2.2, (0.32, 0.29, 0.25), (0.16, 0.15, 0.14)))
    _box("wall", (0, 14, 2.5), (30, 0.3, 5), _paint("BRICK", 3.0, (0.42, 0.16, 0.09), (0.30, 0.11, 0.07)))
    _box("gate", (1.5, 13.8, 1.4), (2.4, 0.2, 2.8), _paint("WAVE", 2.5, (0.10, 0.20, 0.12), (0.05, 0.09, 0.06)))
    _box("house", (-5.5, 11.5, 2), (3.5, 2.5, 4), _paint("NOISE", 3.0, (0.62, 0.56, 0.42), (0.44, 0.38, 0.27)))
    _box("crate", (-1.6, 8.2, 0.5), (1, 1, 1), _paint("WAVE", 6.0, (0.38, 0.24, 0.11), (0.22, 0.13, 0.06)))
    _box("crate2", (-2.4, 9.0, 0.7), (1.1, 1.1, 1.4), _paint("VORONOI", 5.0, (0.12, 0.22, 0.40), (0.05, 0.08, 0.16)))
    _box("table", (3.3, 9.0, 0.45), (1.6, 1, 0.9), _paint("CHECKER", 7.0, (0.55, 0.52, 0.46), (0.10, 0.09, 0.10)))
    _box("sign", (0.2, 11.8, 1.7), (1.3, 0.1, 0.8), _paint("VORONOI", 7.0, (0.70, 0.62, 0.10), (0.12, 0.10, 0.30)))
    _round("barrel", (1.6, 7.6, 0.5), 0.42, 1.0, _paint("NOISE", 8.0, (0.45, 0.10, 0.08), (0.20, 0.05, 0.04)))
    _round("post", (0.9, 3.6, 1.5), 0.06, 3.0, _paint("NOISE", 9.0, (0.08, 0.09, 0.10), (0.04, 0.04, 0.05)))
    sun = bpy.data.lights.new("sun", "SUN")
    sun.energy, sun.angle = 3.5, 0.02
    _placed("sun", sun).rotation_euler = (math.radians(48), math.radians(12), math.radians(-35))
    world = bpy.data.worlds.new("sky")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs["Color"].default_value = (0.35, 0.48, 0.75, 1)
    bpy.context.scene.world = world


def _walker(frames: int) -> list[bpy.types.Object]:
    """A figure that swings arms and legs and crosses the picture; only the camera sees it."""
    coat, skin = (
        _paint("NOISE", 6.0, (0.55, 0.25, 0.05), (0.35, 0.13, 0.03)),
        _paint("NOISE", 2, *[(0.6, 0.4, 0.3)] * 2),
    )
    body = [
        _round("body", (0, 0, 1.15), 0.21, 0.75, coat),
        _ball("head", (0, 0, 1.68), 0.13, skin),
        *(_round(f"leg{side}", (0, 0.09 * side, 0.42), 0.09, 0.84, coat) for side in (-1, 1)),
        *(_round(f"arm{side}", (0, 0.27 * side, 1.15), 0.06, 0.7, skin) for side in (-1, 1)),
    ]
    pivot = _placed("walker", None)
    for part in body:
        part.parent = pivot
        for ray in ("diffuse", "glossy", "transmission", "volume_scatter", "shadow"):
            setattr(part, f"visible_{ray}", False)
    for index in range(frames):
        frame, away = FIRST + index, PACE * (index - (frames - 1) / 2)
        pivot.location = (-away, 6.0, 0.03 * abs(math.sin(index / 2)))
        pivot.keyframe_insert("location", frame=frame)
        for part, phase in zip(body[2:], (1, -1, -1, 1), strict=True):
            part.rotation_euler.y = 0.5 * phase * math.sin(index / 2)
            part.keyframe_insert("rotation_euler", frame=frame)
    return body


def _camera(frames: int) -> None:
    camera = _placed("camera", bpy.data.cameras.new("camera"))
    camera.data.lens = 30
    for index in range(frames):
        along = index - (frames - 1) / 2
        camera.location = (STEP * along, 0.02 * along, 1.55 + 0.01 * math.sin(index / 3))
        camera.rotation_euler = (math.radians(87), 0.002 * math.sin(index / 2), 0.004 * along)
        for what in ("location", "rotation_euler"):
            camera.keyframe_insert(what, frame=FIRST + index)
    bpy.context.scene.camera = camera


def _renderer(samples: int) -> None:
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    scene.cycles.device, scene.cycles.samples, scene.cycles.max_bounces = "CPU", samples, 3
    scene.cycles.use_adaptive_sampling = scene.cycles.use_denoising = False
    scene.cycles.seed, scene.cycles.use_animated_seed = 1, True
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    scene.render.resolution_percentage = 100
    scene.render.image_settings.media_type = "MULTI_LAYER_IMAGE"
    scene.render.image_settings.file_format = "OPEN_EXR_MULTILAYER"
    scene.render.image_settings.color_depth = "32"
    layer = scene.view_layers[0]
    layer.use_pass_z = layer.use_pass_vector = True


def _render(folder: Path, name: str, frames: Sequence[int]) -> None:
    scene = bpy.context.scene
    for frame in frames:
        scene.frame_set(frame)
        scene.render.filepath = str(folder / f"{name}.{frame:04d}.exr")
        bpy.ops.render.render(write_still=True)


def _paint(kind: str, scale: float, light: Colour, dark: Colour) -> bpy.types.Material:
    """A rough surface with a procedural texture between two colours, and fine noise over it."""
    material = bpy.data.materials.new(kind.lower())
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    place, texture, fine = (nodes.new(f"ShaderNode{which}") for which in ("TexCoord", f"Tex{kind.title()}", "TexNoise"))
    mix, ramp = nodes.new("ShaderNodeMixRGB"), nodes.new("ShaderNodeMixRGB")
    texture.inputs["Scale"].default_value, fine.inputs["Scale"].default_value = scale, 12 * scale
    ramp.inputs[1].default_value, ramp.inputs[2].default_value = (*dark, 1), (*light, 1)
    mix.blend_type, mix.inputs["Fac"].default_value = "OVERLAY", 0.5
    for socket in (texture.inputs["Vector"], fine.inputs["Vector"]):
        links.new(place.outputs["Object"], socket)
    value = next(out for out in texture.outputs if out.name in ("Fac", "Distance", "Factor"))
    links.new(value, ramp.inputs["Fac"])
    links.new(ramp.outputs[0], mix.inputs[1])
    links.new(fine.outputs[0], mix.inputs[2])
    surface = nodes["Principled BSDF"]
    surface.inputs["Roughness"].default_value = 0.9
    links.new(mix.outputs[0], surface.inputs["Base Color"])
    return material


def _box(name: str, where: Place, size: Place, paint: bpy.types.Material) -> bpy.types.Object:
    bpy.ops.mesh.primitive_cube_add(size=1, location=where)
    bpy.context.object.scale = size
    bpy.ops.object.transform_apply(location=False, scale=True)
    return _named(name, paint)


def _round(name: str, where: Place, radius: float, height: float, paint: bpy.types.Material) -> bpy.types.Object:
    bpy.ops.mesh.primitive_cylinder_add(radius=radius, depth=height, location=where, vertices=48)
    return _named(name, paint)


def _ball(name: str, where: Place, radius: float, paint: bpy.types.Material) -> bpy.types.Object:
    bpy.ops.mesh.primitive_uv_sphere_add(radius=radius, location=where)
    return _named(name, paint)


def _named(name: str, paint: bpy.types.Material) -> bpy.types.Object:
    thing = bpy.context.object
    thing.name = name
    thing.data.materials.append(paint)
    return thing


def _placed(name: str, data: bpy.types.ID | None) -> bpy.types.Object:
    thing = bpy.data.objects.new(name, data)
    bpy.context.collection.objects.link(thing)
    return thing


if __name__ == "__main__":
    sys.exit(main())
