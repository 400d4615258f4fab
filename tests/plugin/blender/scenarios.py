"""The scenarios themselves; each runs in a Blender of its own. See the tests of the same names."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import bpy
from inside import ADDON, brighter, clip, enable, keyed, node, render, settings, shot, told


def install(archive: str) -> dict[str, Any]:
    """Install, look around, uninstall, by Blender's own operators."""
    done = bpy.ops.extensions.package_install_files(filepath=archive, repo="user_default", enable_on_install=True)
    there = ADDON in bpy.context.preferences.addons
    kinds = sorted(name for name in dir(bpy.ops.replate) if not name.startswith("_"))
    groups = sorted(
        prop.identifier
        for prop in bpy.types.CompositorNodeTree.bl_rna.properties
        if prop.identifier.startswith("replate")
    )
    bpy.ops.extensions.package_uninstall(repo_index=_repository(), pkg_id="replate")
    return {
        "installed": list(done),
        "enabled": there,
        "operators": kinds,
        "settings": groups,
        "left": ADDON in bpy.context.preferences.addons,
        "attribute left": hasattr(bpy.types.CompositorNodeTree, "replate"),
    }


def _repository() -> int:
    names = [repository.module for repository in bpy.context.preferences.extensions.repos]
    return names.index("user_default")


def properties() -> dict[str, Any]:
    """Every property of every node, as Blender has it."""
    enable()
    tree, found = shot(), {}
    for kind in ("style", "effect", "removal"):
        own = settings(node(tree, kind))
        found[kind] = {prop.identifier: _told(own, prop) for prop in own.bl_rna.properties if not prop.is_readonly}
    return found


def _told(own: Any, prop: Any) -> dict[str, Any]:
    limits = ("hard_min", "hard_max", "soft_min", "soft_max")
    numbers = {name: getattr(prop, name) for name in limits if hasattr(prop, name)}
    choices = [item.identifier for item in prop.enum_items] if prop.type == "ENUM" else []
    value = getattr(own, prop.identifier)
    return {
        "kind": prop.type,
        "value": value,
        "help": prop.description,
        "title": prop.name,
        "keyable": prop.is_animatable,
        "choices": choices,
        **numbers,
    }


def style(plate: str, look: str, output: str, routes: list[str], blend: str = "") -> dict[str, Any]:
    """Style over a sequence, by several routes: from its file, or of what Blender must compute; made on the way of a
    render, baked before it, or by the strict render."""
    enable()
    return {route: _style(plate, look, f"{output}{route}/o.", route, blend) for route in routes}


def _style(plate: str, look: str, output: str, route: str, blend: str) -> dict[str, Any]:
    tree = shot(output=output)
    made = node(tree, "style", generator=look, mix=0.8)
    if blend:
        bpy.ops.wm.save_as_mainfile(filepath=blend)
    picture = clip(tree, plate)
    tree.links.new(brighter(tree, picture) if "tap" in route else picture, made.inputs["Plate"])
    keyed(made, "strength", {"1": 0.0, "3": 1.0})
    if "bake" in route:
        assert bpy.ops.replate.bake() == {"FINISHED"}
    if "strict" in route:
        assert bpy.ops.replate.render() == {"FINISHED"}
    else:
        render()
    if blend:
        bpy.ops.wm.save_mainfile()
    place = Path(_part("preferences").cache_folder()) / made.node_tree.replate.place
    return {"told": made.node_tree.replate.told, "tapped": len(list(place.glob("plate/plate.*.exr")))}


def unsaved(plate: str, look: str, output: str, blend: str) -> dict[str, Any]:
    """Baked before the file has a place, and then saved."""
    enable()
    tree = shot(output=output)
    made = node(tree, "style", generator=look, mix=0.8)
    tree.links.new(brighter(tree, clip(tree, plate)), made.inputs["Plate"])
    keyed(made, "strength", {"1": 0.0, "3": 1.0})
    assert bpy.ops.replate.bake() == {"FINISHED"}
    render()
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    picture = next(each for each in made.node_tree.nodes if each.bl_idname == "CompositorNodeImage").image
    return {"told": made.node_tree.replate.told, "picture": bpy.path.abspath(picture.filepath)}


def removal(plate: str, mask: str, output: str, blend: str) -> dict[str, Any]:
    """Removal of what Blender computes, with a matte in a socket: a frame as a farm's chunk, one baked alone, then all
    of them."""
    enable()
    tree = shot(output=output, frames=(1, 5))
    first = node(tree, "removal", reach=2)
    tree.links.new(brighter(tree, clip(tree, plate, count=5)), first.inputs["Plate"])
    tree.links.new(clip(tree, mask, count=5), first.inputs["Mask"])
    scene = bpy.context.scene
    bpy.ops.wm.save_as_mainfile(filepath=blend)
    scene.frame_start = scene.frame_end = 3
    render()
    scene.frame_set(2)
    assert bpy.ops.replate.bake_frame() == {"FINISHED"}
    scene.frame_start, scene.frame_end = 1, 5
    render()
    return {"told": told()}


def effect(look: str, output: str, mask: str) -> dict[str, Any]:
    """Effect over nothing, with a matte from a file that is named and not connected."""
    enable()
    bpy.context.preferences.addons[ADDON].preferences.generators = str(Path(look).parent)
    assert bpy.ops.replate.refresh() == {"FINISHED"}
    tree = shot(output=output)
    made = node(tree, "effect", file_mask=mask)
    settings(made).generator = Path(look).stem
    keyed(made, "seed", {"1": 0.0, "3": 2.0})
    render()
    return {"told": told()}


def scene(mask: str, output: str, cache: str) -> dict[str, Any]:
    """Removal of what Cycles renders, with its vector pass; then the same scene without the node."""
    enable()
    tree = shot(output=f"{output}removed/o.", frames=(1, 3))
    bpy.context.preferences.addons[ADDON].preferences.cache = cache
    scene, layer = bpy.context.scene, bpy.context.view_layer
    scene.render.engine, scene.cycles.samples, scene.cycles.use_denoising = "CYCLES", 1, False
    layer.use_pass_vector = True
    cube = bpy.data.objects["Cube"]
    for frame in (1, 3):
        cube.location.x = frame / 3
        cube.keyframe_insert("location", frame=frame)
    layers, output_node = tree.nodes.new("CompositorNodeRLayers"), tree.nodes["Group Output"]
    made = node(tree, "removal", reach=1)
    tree.links.new(layers.outputs["Image"], made.inputs["Plate"])
    tree.links.new(layers.outputs["Vector"], made.inputs["Vectors"])
    tree.links.new(clip(tree, mask), made.inputs["Mask"])
    render()
    found = {"told": told(), "place": made.node_tree.replate.place}
    tree.links.new(layers.outputs["Image"], output_node.inputs[0])
    made.mute = True
    scene.render.filepath = f"{output}plain/o."
    render()
    return {**found, **_changes(cube, scene)}


def _changes(cube: Any, scene: Any) -> dict[str, Any]:
    """Whether frame 2 is up to date, after this and that."""

    def state() -> bool:
        bpy.context.view_layer.update()
        return not _part("baking").trouble(next(_part("finding").everywhere(scene)), 2)

    found = {"rendered": state()}
    scene.frame_set(2)
    found["at frame 2"] = state()
    scene.render.filepath = ""
    found["another name"] = state()
    cube.scale.x = 2
    found["larger cube"] = state()
    return found


def chain(plate: str, look: str, output: str) -> dict[str, Any]:
    """Style over Style: what the second is fed with is the first's result."""
    enable()
    tree = shot(output=output)
    first, second = node(tree, "style", generator=look), node(tree, "style", generator=look, strength=0.5)
    tree.links.new(clip(tree, plate), first.inputs["Plate"])
    tree.links.new(first.outputs[0], second.inputs["Plate"])
    render()
    return {"told": told()}


def broken(plate: str, look: str, output: str, strict: bool) -> dict[str, Any]:
    """A shot whose second frame cannot be read."""
    enable()
    tree = shot(output=output)
    made = node(tree, "style", generator=look)
    tree.links.new(clip(tree, plate), made.inputs["Plate"])
    if not strict:
        render()
        return {"told": told()}
    try:
        bpy.ops.replate.render()
    except RuntimeError as error:
        sys.stderr.write(f"first {error}")
    _part("baking").steps = lambda placed, frames: iter(())  # as if all had gone well, and the cache were not as it was
    return {"done": list(bpy.ops.replate.render())}


def unfinished(plate: str, look: str, output: str) -> dict[str, Any]:
    """Nodes that cannot work: without a plate, with a generator that is not there, with a setting on a driver."""
    enable()
    return {what: _unfinished(plate, look, f"{output}{what}/o.", what) for what in ("plate", "generator", "driver")}


def _unfinished(plate: str, look: str, output: str, what: str) -> list[Any]:
    tree = shot(output=output, frames=(1, 1))
    made = node(tree, "style", generator=look)
    if what != "plate":
        tree.links.new(clip(tree, plate), made.inputs["Plate"])
    if what == "generator":
        settings(made).generator_file = "/nowhere/look.onnx"
    if what == "driver":
        settings(made).driver_add("mix")
    render()
    return [made.node_tree.replate.told, made.label, made.use_custom_color]


def stale(plate: str, look: str) -> dict[str, Any]:
    """What is up to date after what change."""
    enable()
    tree = shot()
    made = node(tree, "style", generator=look)
    picture = brighter(tree, clip(tree, plate))
    tree.links.new(picture, made.inputs["Plate"])
    module, finding = _part("baking"), _part("finding")

    def state() -> list[str]:
        placed = next(finding.everywhere(bpy.context.scene))
        return [module.trouble(placed, frame) for frame in (1, 2, 3)]

    found = {"new": state()}
    bpy.ops.replate.bake()
    found["baked"] = state()
    picture.node.inputs["Exposure"].default_value = 2
    found["upstream"] = state()
    picture.node.inputs["Exposure"].default_value = 1
    found["as before"] = state()
    keyed(made, "mix", {"1": 1.0, "3": 0.5})
    found["keyed"] = state()
    bpy.ops.replate.bake(first=2, last=2)
    found["one baked"] = state()
    bpy.context.scene.frame_set(3)
    found["elsewhere"] = state()
    bpy.ops.replate.clear()
    found["cleared"] = state()
    return found


def cancelled(plate: str, look: str) -> dict[str, Any]:
    """Cancel after the first frame: from another thread, as a button does while Blender waits."""
    enable()
    tree = shot(frames=(1, 40))
    made = node(tree, "style", generator=look)
    tree.links.new(clip(tree, plate, count=40), made.inputs["Plate"])
    operators, baking = _part("stepping"), _part("baking")
    real = baking.rest

    def rest(progress: Any) -> None:
        real(progress)
        if progress.done:
            operators.cancel()

    baking.rest = rest
    done = list(bpy.ops.replate.bake())
    results = len(list(Path(bpy.app.tempdir).rglob("style.*.exr")))
    baking.rest = real
    again = list(bpy.ops.replate.bake())
    return {"done": done, "results": results, "again": again, "all": len(_results())}


def _results() -> list[Path]:
    return list(Path(bpy.app.tempdir).rglob("result/*.exr"))


def copies(plate: str, look: str, output: str) -> dict[str, Any]:
    """A copy of a node shares its tree, as Blender's copies do, until something is made."""
    enable()
    tree = shot(output=output)
    first = node(tree, "style", generator=look)
    keyed(first, "strength", {"1": 0.0, "3": 1.0})
    second = tree.nodes.new("CompositorNodeGroup")
    second.node_tree = first.node_tree
    picture = clip(tree, plate)
    tree.links.new(picture, first.inputs["Plate"])
    tree.links.new(brighter(tree, picture), second.inputs["Plate"])
    tree.links.new(second.outputs[0], tree.nodes["Group Output"].inputs[0])
    render()
    trees = [first.node_tree, second.node_tree]
    return {
        "trees": len({each.name for each in trees}),
        "places": len({each.replate.place for each in trees}),
        "actions": len({each.animation_data.action.name for each in trees}),
        "told": told(),
    }


def nested(plate: str, look: str, output: str) -> dict[str, Any]:
    """The node inside a group of the artist's own, fed from outside of it through a node inside."""
    enable()
    tree = shot(output=output)
    group = bpy.data.node_groups.new("Mine", "CompositorNodeTree")
    for way in ("INPUT", "OUTPUT"):
        group.interface.new_socket("Picture", in_out=way, socket_type="NodeSocketColor")
    bpy.context.scene.compositing_node_group = group
    group.nodes.new("NodeGroupOutput")
    made = node(group, "style", generator=look)
    group.links.new(brighter(group, group.nodes.new("NodeGroupInput").outputs[0]), made.inputs["Plate"])
    bpy.context.scene.compositing_node_group = tree
    mine = tree.nodes.new("CompositorNodeGroup")
    mine.node_tree = group
    tree.links.new(clip(tree, plate), mine.inputs[0])
    tree.links.new(mine.outputs[0], tree.nodes["Group Output"].inputs[0])
    render()
    found = told()
    twice = tree.nodes.new("CompositorNodeGroup")
    twice.node_tree = group
    bpy.context.scene.render.filepath += "twice."
    render()
    return {"told": found, "twice": told()}


def coloured(plate: str, look: str, output: str, first: int, wanted: str) -> dict[str, Any]:
    """A clip in ACEScg, its files numbered otherwise than the scene; then what is `wanted`, as Blender shows it."""
    enable()
    tree = shot(output=f"{output}found/o.")
    made = node(tree, "style", generator=look)
    keyed(made, "strength", {"1": 0.0, "3": 1.0})
    picture, other = clip(tree, plate, first=first), clip(tree, wanted, first=first)
    for each in (picture, other):
        each.node.image.colorspace_settings.name = "ACEScg"
    tree.links.new(picture, made.inputs["Plate"])
    render()
    bpy.context.scene.render.filepath = f"{output}wanted/o."
    tree.links.new(other, tree.nodes["Group Output"].inputs[0])
    made.mute = True
    render()
    return {"told": told()}


def reopened(blend: str, output: str, addon: bool) -> dict[str, Any]:
    """A saved file, in a Blender with the add-on or without; saved again."""
    if addon:
        enable()
    bpy.ops.wm.open_mainfile(filepath=blend)
    bpy.context.scene.render.filepath = output
    made = next(each for each in bpy.context.scene.compositing_node_group.nodes if each.name == "Style")
    render()
    bpy.ops.wm.save_mainfile()
    if not addon:
        return {"type": made.bl_idname}
    own = settings(made)
    curve = made.node_tree.animation_data.action.layers[0].strips[0].channelbags[0].fcurves[0]
    return {"told": told(), "mix": own.mix, "keys": [list(key.co) for key in curve.keyframe_points]}


def sequencer(folder: str, look: str, output: str) -> dict[str, Any]:
    """A strip with Style as its modifier: without it, with it, and with mix at 0; then with a strip that is changed."""
    enable()
    tree = shot(output=output, frames=(10, 12))
    scene = bpy.context.scene
    scene.compositing_node_group = None
    bpy.data.node_groups.remove(tree)
    strips = scene.sequence_editor_create().strips
    strip = strips.new_image("plate", f"{folder}/plate.0001.exr", 1, 10)
    for frame in (2, 3):
        strip.elements.append(f"plate.{frame:04d}.exr")
    assert bpy.ops.replate.add_to_strip(kind="style", strip="plate") == {"FINISHED"}
    modifier = strip.modifiers[0]
    made = next(each for each in modifier.node_group.nodes if each.bl_idname == "CompositorNodeGroup")
    own = settings(made)
    own.generator, own.generator_file = "FILE", look
    keyed(made, "strength", {"10": 0.0, "12": 1.0})
    found = {}
    for name in ("off", "on", "mix 0", "changed"):
        modifier.enable = name != "off"
        own.mix = float(name != "mix 0")
        strip.color_multiply = 0.5 if name == "changed" else 1.0
        scene.render.filepath = f"{output}{name}/o."
        render()
        found[name] = told()
    strip.color_multiply = 1.0
    return {**found, "copied": _copied(strips, strip, f"{output}copied/o.")}


def _copied(strips: Any, strip: Any, output: str) -> int:
    """A second strip with the same tree, as a copy of a strip has it; how many trees there are after a render."""
    other = strips.new_image("other", f"{bpy.path.abspath(strip.directory)}/plate.0003.exr", 2, 10)
    modifier = other.modifiers.new("Style", "COMPOSITOR")
    modifier.node_group = strip.modifiers[0].node_group
    bpy.context.scene.render.filepath = output
    render()
    inside = [each.modifiers[0].node_group.nodes for each in (strip, other)]
    assert told() == ["", ""]
    return len({node.node_tree.name for nodes in inside for node in nodes if node.bl_idname == "CompositorNodeGroup"})


class Layout:
    """A layout that takes down what is drawn, and refuses what Blender would: properties and operators that are not."""

    def __init__(self, drawn: list[str]) -> None:
        self.drawn = drawn

    def prop(self, owner: Any, name: str, **_: Any) -> None:
        assert name in owner.bl_rna.properties, name
        self.drawn.append(name)

    def operator(self, name: str, **_: Any) -> Any:
        group, _, operator = name.partition(".")
        getattr(getattr(bpy.ops, group), operator).get_rna_type()
        self.drawn.append(name)
        return SimpleNamespace()

    def label(self, *, text: str, **_: Any) -> None:
        self.drawn.append(text)

    def row(self, **_: Any) -> Layout:
        return self

    column = row


def interface(plate: str, look: str) -> dict[str, Any]:
    """The panels drawn on paper; Bake with a timer, once to its end and once until Esc; a live look after a change."""
    enable()
    tree = shot()
    made = node(tree, "style", generator=look)
    tree.links.new(clip(tree, plate), made.inputs["Plate"])
    return {"drawn": _drawn(tree, made), "ticks": _ticks(), "escaped": _ticks(escape=1), "live": _live(made)}


def _part(name: str) -> Any:
    return sys.modules[f"{ADDON}.replate_plugin.blender.{name}"]


def _drawn(tree: Any, made: Any) -> list[str]:
    context, drawn = _context(made), list[str]()
    made.node_tree.replate.told = "Style has no result for frame 1; bake it"
    for panel in _part("panels")._PANELS:
        if panel.bl_space_type == "NODE_EDITOR" and panel.poll(context):
            panel.draw(SimpleNamespace(layout=Layout(drawn), section=panel.section), context)
    return drawn


def _context(made: Any = None) -> Any:
    calls = {name: lambda *_, **__: None for name in _MANAGER}
    return SimpleNamespace(
        scene=bpy.context.scene,
        active_node=made,
        space_data=SimpleNamespace(type="NODE_EDITOR"),
        window=None,
        window_manager=SimpleNamespace(**calls),
        workspace=SimpleNamespace(status_text_set=lambda text: None),
    )


_MANAGER = ("progress_begin", "progress_update", "progress_end", "event_timer_remove")


def _ticks(escape: int = 0) -> list[Any]:
    """What an operator with a timer says at last, and how many results there are then."""
    operators, stepping, baking = _part("operators"), _part("stepping"), _part("baking")

    reports: list[str] = []

    class Waiting(stepping.Stepping):
        name, first, last = "", 1, 3
        steps = operators.Bake.steps

        def report(self, _: Any, text: str) -> None:
            reports.append(text)

    bpy.ops.replate.clear()
    operator, context = Waiting(), _context()
    operator._steps, operator._timer = operator.steps(context), object()
    stepping.running.append(operator)
    said, ticks = {"RUNNING_MODAL"}, 0
    while said == {"RUNNING_MODAL"}:
        ticks += 1
        said = operator.modal(context, SimpleNamespace(type="ESC" if escape and ticks == escape else "TIMER"))
        time.sleep(baking._LOOK)
    return [sorted(said), reports, len(_results()) == 3, len(stepping.running)]


def _live(made: Any) -> dict[str, Any]:
    live, image = _part("live"), made.node_tree.nodes["result"].image
    bpy.ops.replate.clear()
    bpy.context.scene.frame_set(2)
    settings(made).mix = 0.5
    live._begin()
    before = [image.source, made.node_tree.replate.told]
    until = time.monotonic() + 500
    while live._look() is not None and time.monotonic() < until:
        time.sleep(0.02)
    return {"before": before, "after": [image.source, made.node_tree.replate.told], "file": Path(image.filepath).name}
