"""What artists press: add, bake, cancel, clear, render. In a window they go on step by step; in scripts they wait.

bpy.ops.replate.bake()                    every node of the scene, over its frames
bpy.ops.replate.bake(name="Style", first=1001, last=1001)
bpy.ops.replate.render(first=1001, last=1100)     bake, then render; stops before a wrong frame is written
"""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import bpy

from ..errors import ServiceError
from ..host import reading
from ..host.baking import Progress
from . import baking, handlers, settings
from .finding import named
from .making import make
from .preferences import service
from .stepping import Stepping, cancel, running
from .task import place_of, range_of

__all__ = ["register", "unregister"]

_WHICH = {
    "name": bpy.props.StringProperty(name="Node", description="The node's name; empty: all of the scene"),
    "first": bpy.props.IntProperty(name="First", default=-1_000_000, description="Left out: the scene's first"),
    "last": bpy.props.IntProperty(name="Last", default=-1_000_000, description="Left out: the scene's last"),
}
_LEFT_OUT = -1_000_000


def frames_of(operator: Any, scene: Any) -> range:
    """The frames that an operator was asked for."""
    shot = range_of(scene)
    first = shot.start if operator.first == _LEFT_OUT else operator.first
    last = shot.stop - 1 if operator.last == _LEFT_OUT else operator.last
    return range(first, last + 1)


class Add(bpy.types.Operator):
    """Add this node"""

    bl_idname, bl_label, bl_options = "replate.add", "Add Replate Node", {"REGISTER", "UNDO"}
    __annotations__ = {"kind": bpy.props.StringProperty(options={"HIDDEN"})}

    @classmethod
    def description(cls, context: Any, given: Any) -> str:
        """The node's own help."""
        return str(settings.node(given.kind).help).rstrip(".")

    def execute(self, context: Any) -> set[str]:
        """In the tree that is being edited, else in the scene's."""
        space = context.space_data
        editing = getattr(space, "edit_tree", None) if space and space.type == "NODE_EDITOR" else None
        tree = editing or context.scene.compositing_node_group
        if tree is None or tree.bl_idname != "CompositorNodeTree":
            self.report({"ERROR"}, "the scene has no compositing nodes yet; press New in the compositor first")
            return {"CANCELLED"}
        for node in tree.nodes:
            node.select = False
        node = tree.nodes.new("CompositorNodeGroup")
        node.node_tree = make(settings.node(self.kind))
        node.name = node.node_tree.name
        node.width, node.select = 200, True
        tree.nodes.active = node
        if editing:
            node.location = space.cursor_location
        return {"FINISHED"}

    def invoke(self, context: Any, event: Any) -> set[str]:
        """Under the mouse, and hanging on it until a click."""
        space = context.space_data
        if space and space.type == "NODE_EDITOR":
            space.cursor_location_from_region(event.mouse_region_x, event.mouse_region_y)
        done = self.execute(context)
        if done == {"FINISHED"}:
            bpy.ops.node.translate_attach_remove_on_cancel("INVOKE_DEFAULT")
        return done


class Bake(Stepping, bpy.types.Operator):
    """Make the frames that are not up to date; frames that are stay as they are"""

    bl_idname, bl_label = "replate.bake", "Bake"
    __annotations__ = _WHICH

    def steps(self, context: Any) -> Generator[Progress, None, None]:
        """Node by node."""
        scene = context.scene
        chosen = named(scene, self.name)
        if not chosen:
            raise ServiceError(f"there is no Replate node '{self.name}' in this scene", exit_code=2)
        for placed in chosen:
            yield from baking.steps(placed, frames_of(self, scene))
            handlers.rest(placed)


class BakeFrame(Stepping, bpy.types.Operator):
    """Make the current frame"""

    bl_idname, bl_label = "replate.bake_frame", "Bake Frame"
    __annotations__ = {"name": _WHICH["name"]}

    def steps(self, context: Any) -> Generator[Progress, None, None]:
        """Node by node, this frame."""
        frame = context.scene.frame_current
        for placed in named(context.scene, self.name):
            yield from baking.steps(placed, [frame])
            handlers.show(placed, frame)


class Render(Stepping, bpy.types.Operator):
    """Bake what is missing, then render; ends before a frame is written in which a node has no result"""

    bl_idname, bl_label = "replate.render", "Bake and Render"
    __annotations__ = {"first": _WHICH["first"], "last": _WHICH["last"]}

    def steps(self, context: Any) -> Generator[Progress, None, None]:
        """All nodes first, so that the service has them in one go; then frame by frame."""
        scene = context.scene
        if scene.render.is_movie_format:
            raise ServiceError("frames are rendered one by one; choose pictures as the output's format, no movie")
        frames = frames_of(self, scene)
        for placed in named(scene, ""):
            if placed.used:
                yield from baking.steps(placed, frames)
        path = scene.render.filepath
        try:
            for number, frame in enumerate(frames):
                yield Progress(number, len(frames), f"Rendering frame {frame}")
                _one(scene, frame, path)
        finally:
            scene.render.filepath = path


def _one(scene: Any, frame: int, path: str) -> None:
    """Render one frame to the name that it has in an animation. Raises ServiceError where a node lacks its result."""
    scene.frame_set(frame)
    for placed in named(scene, ""):
        said = baking.trouble(placed, frame) if placed.used else ""
        if said:
            raise ServiceError(f"{said}; the render ends before frame {frame}", frame=frame)
    scene.render.filepath = path
    scene.render.filepath = scene.render.frame_path(frame=frame)
    bpy.ops.render.render(write_still=True, scene=scene.name)


class Cancel(bpy.types.Operator):
    """End what Replate is doing; finished frames are kept"""

    bl_idname, bl_label = "replate.cancel", "Cancel"

    @classmethod
    def poll(cls, context: Any) -> bool:
        """Only while something is at work."""
        return bool(running)

    def execute(self, context: Any) -> set[str]:
        """Ask for its end."""
        cancel()
        return {"FINISHED"}


class Clear(bpy.types.Operator):
    """Remove the node's pictures from the cache"""

    bl_idname, bl_label = "replate.clear", "Clear"
    __annotations__ = {"name": _WHICH["name"]}

    def execute(self, context: Any) -> set[str]:
        """Pictures and notes; what else lies there stays."""
        for placed in named(context.scene, self.name):
            place_of(placed).clear()
            handlers.show(placed, context.scene.frame_current)
        return {"FINISHED"}


class Refresh(bpy.types.Operator):
    """Look for generators again: those in the folder of the preferences get their names and knobs"""

    bl_idname, bl_label = "replate.refresh", "Look for Generators"

    def execute(self, context: Any) -> set[str]:
        """Ask the service, and make the properties anew; what was set stays."""
        try:
            said = service().nodes()
            reading.RECORD.write_text(json.dumps(said), encoding="utf-8")
        except (ServiceError, OSError) as error:
            self.report({"ERROR"}, f"Replate: {error}")
            return {"CANCELLED"}
        from . import panels  # which draws these operators

        for part in (settings, panels):
            part.unregister()
            part.register()
        for problem in said.get("problems", ()):
            self.report({"WARNING"}, f"Replate: {problem}")
        return {"FINISHED"}


_CLASSES = (Add, Bake, BakeFrame, Render, Cancel, Clear, Refresh)


def register() -> None:
    """Make them known."""
    for each in _CLASSES:
        bpy.utils.register_class(each)


def unregister() -> None:
    """Take them away."""
    for each in reversed(_CLASSES):
        bpy.utils.unregister_class(each)
