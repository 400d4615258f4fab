"""Edits that are more than a knob: another node, another look, what was dropped, a preset."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from .desk import Desk
from .model.document import Document
from .model.dropped import number_of, pattern_of, purpose
from .model.home import read_json
from .model.presets import Preset

__all__ = ["apply_preset", "choose_generator", "choose_node", "open_job", "open_path", "save_default", "save_preset"]


def choose_node(desk: Desk, name: str) -> None:
    """Another node over the same shot; settings that both have are kept."""
    if name and name != desk.document.node:
        desk.change(replace(desk.document, node=name, generator=""), f"Choose node {name}")


def choose_generator(desk: Desk, name: str) -> None:
    """Another look. Where somebody has kept settings for it, and nothing was changed yet, it begins with these."""
    document, node = desk.document, desk.node
    if node is None or name == desk.look:
        return
    chosen = replace(document, generator=name)
    kept = desk.presets.load(node.name, desk.presets.default_name(name))
    if kept is not None and not document.settings:
        chosen = replace(kept.on(chosen, node)[0], generator=name)
    desk.change(chosen, f"Choose look {Path(name).stem}")


def apply_preset(desk: Desk, preset: Preset) -> None:
    """The settings of a preset; what the node cannot hold is said."""
    node = desk.node
    if node is None:
        return
    if preset.node != node.name:
        desk.say(f"The preset {preset.name} is for the node {preset.node}; choose that node first", bad=True)
        return
    changed, left_out = preset.on(desk.document, node)
    desk.change(changed, f"Preset {preset.name}")
    if left_out:
        desk.say(f"The preset {preset.name} has {', '.join(left_out)}, which this node does not take", bad=True)


def save_preset(desk: Desk, name: str, path: Path | None = None) -> None:
    """Keep the knobs as they are under a name, or in a file for others."""
    try:
        desk.presets.save(Preset.of(desk.document, name), path)
    except OSError as error:
        desk.say(f"the preset {name} cannot be written ({error.strerror}); choose another place", bad=True)
    else:
        desk.say(f"Kept as {path or name}")


def save_default(desk: Desk) -> None:
    """The knobs as they are, for whenever this look is chosen."""
    save_preset(desk, desk.presets.default_name(desk.look))


def open_path(desk: Desk, path: Path) -> None:
    """What was opened or dropped, for what it is by its name and kind."""
    if desk.node is None:
        desk.say("Replate's service has not answered yet; drop it again in a moment", bad=True)
        return
    use = purpose(path, desk.pipes)
    if use == "":
        desk.say(
            f"{path.name} is nothing that the panel can use: drop a picture, a movie, a look (.onnx) or a job", bad=True
        )
    elif use == "job":
        open_job(desk, path)
    elif use == "preset":
        apply_preset(desk, desk.presets.bring(path))
    elif use == "generator":
        choose_generator(desk, str(path))
    else:
        _open_input(desk, use, pattern_of(path))
        if use == "plate" and (number := number_of(path)) is not None:
            desk.begin_at(number)


def _open_input(desk: Desk, name: str, path: str) -> None:
    document = desk.document
    if name == "plate" and document.inputs.get("plate") and document.inputs["plate"] != path:
        document = replace(document, output="", frames="")  # they were another shot's
    desk.change(document.with_input(name, path), f"Open {name}")


def open_job(desk: Desk, path: Path) -> None:
    """A job file in place of what is edited; relative paths start from its folder."""
    data = read_json(path)
    try:
        document = Document.of(data)
    except ValueError as error:
        desk.say(f"{path} is no job ({error}); choose a file that was saved as one", bad=True)
        return
    desk.change(_anchored(document, path.parent.absolute()), f"Open {path.name}")


def _anchored(document: Document, folder: Path) -> Document:
    inputs = {
        name: given if given.startswith(("plate:", "blank:", "painted:")) else str(folder / given)
        for name, given in document.inputs.items()
    }
    generator = document.generator
    if generator.endswith(".onnx"):
        generator = str(folder / generator)
    output = str(folder / document.output) if document.output else ""
    return replace(document, inputs=inputs, output=output, generator=generator)
