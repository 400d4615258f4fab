"""Making a node: a Group with a pipe for every input, a Read for what comes back, and a knob for every parameter."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

import nuke

from ..host.declared import Input, Knob, Node
from ..host.reading import load
from . import knobs, session

__all__ = ["RESULT", "SHOWN", "build", "create", "refresh", "switch"]

RESULT = "Result"
"""The Read inside the Group."""

SHOWN = ("result", "source")
"""What the Group lets through: what was rendered, or its input."""

# A node that was never rendered lets its input through in the window. A render must not: there it misses a file.
_WHICH = "parent.replate_show == 0 && (parent.replate_rendered || !$gui)"

_CHANGED = """\
try:
    from replate_plugin.nuke import events
except ImportError:
    pass
else:
    events.changed(nuke.thisNode(), nuke.thisKnob())
"""
_BUTTON = """\
try:
    from replate_plugin.nuke import rendering
except ImportError:
    nuke.message("Replate is not installed here; frames that are rendered show all the same.")
else:
    rendering.{name}(nuke.thisNode())
"""
_BUTTONS = (
    ("preview", "Preview frame", "Render the frame that you are at."),
    ("render", "Render range", "Render what is missing or out of date of the frames above."),
    ("cancel", "Cancel", "End the render; finished frames are kept."),
    ("clear", "Clear", "Remove what was rendered for this node from the disk."),
)


@session.told
def create(name: str) -> Any:
    """The menu's entry for a node: build it below the selected node and open its panel."""
    above = nuke.selectedNodes()[-1:]
    group = build(session.declarations().node(name))
    for node in above:
        group.setInput(0, node)
        group.setXYpos(node.xpos(), node.ypos() + 80)
    group.showControlPanel()
    return group


@session.told
def refresh() -> None:
    """The menu's entry for generators that were made after Nuke started: all our Groups offer them from now on."""
    declared = session.refreshed(load(session.service()))
    for group in nuke.allNodes("Group", recurseGroups=True):
        if group.knob("replate_node") is not None:
            _offer(group, declared.node(str(group["replate_node"].value())))


def _offer(group: Any, node: Node) -> None:
    choice = group["replate_generator"]
    chosen = choice.value()
    choice.setValues(_names(node))
    if chosen in _names(node):
        choice.setValue(chosen)
    present = group.knobs()
    for knob in node.every_knob:
        if knobs.name_of(knob) not in present:
            group.addKnob(knobs.made(knob))
    switch(group, node)


def switch(group: Any, node: Node) -> None:
    """Show the knobs of the generator that is chosen now, and move to its defaults those that nobody touched."""
    old, new = str(group["replate_known"].value()), str(group["replate_generator"].value())
    held = {each.identifier: group.knob(knobs.name_of(each)) for each in node.every_knob}
    still = {name: knob for name, knob in held.items() if knob is not None and not knob.isAnimated()}
    values = {name: knob.value() for name, knob in still.items()}
    for name, value in node.switched(old, new, values).items():
        knobs.reset(held[name], value)
    group["replate_known"].setValue(new)
    _show_own(group, node, new)


def build(node: Node) -> Any:
    """A Group for a node, with the knobs of all of its generators."""
    group = nuke.nodes.Group()
    group.setName(f"Replate{node.title}1", uncollide=True)
    with group:
        _inside(node)
    for knob in _main(node):
        group.addKnob(knob)
    first = _names(node)[0]
    for section, title, those in _tabs(node, first):
        group.addKnob(nuke.Tab_Knob(f"replate_tab_{section}", title))
        for each in those:
            group.addKnob(knobs.made(each))
    group.addKnob(_cache())
    _show_own(group, node, first)
    group["label"].setValue("[value replate_generator]")
    group["knobChanged"].setValue(_CHANGED)
    return group


def _show_own(group: Any, node: Node, generator: str) -> None:
    """Show the knobs that count with a generator, as it has them, and hide the others'."""
    own = {knob.name: knob for knob in node.knobs(generator)}
    for knob in node.every_knob:
        if held := group.knob(knobs.name_of(knob)):
            held.setVisible(knob.name in own)
            knobs.dress(held, own.get(knob.name, knob))


def _inside(node: Node) -> None:
    pipes = [nuke.nodes.Input(name=entry.name) for entry in node.every_input]
    for number, pipe in enumerate(pipes):
        pipe["number"].setValue(number)
        pipe.setXYpos(-150 * number, 0)
    read = nuke.nodes.Read(name=RESULT, raw=True)
    read.setXYpos(150, 100)
    switch = nuke.nodes.Switch(name="Show", inputs=[pipes[0], read])
    switch["which"].setExpression(_WHICH)
    switch.setXYpos(0, 200)
    nuke.nodes.Output(name="Output1", inputs=[switch]).setXYpos(0, 300)


def _main(node: Node) -> Iterable[Any]:
    """The first tab: which generator, which frames, the buttons, and how it stands."""
    yield nuke.Tab_Knob("replate_tab", node.title)
    yield _hidden(nuke.String_Knob("replate_node", "node"), node.name)
    yield _hidden(nuke.String_Knob("replate_id", "id"), uuid.uuid4().hex[:8])
    yield _hidden(nuke.Int_Knob("replate_rendered", "rendered"), 0)
    yield from _generators(node)
    yield _hidden(nuke.String_Knob("replate_known", "generator"), _names(node)[0])
    frames = nuke.EvalString_Knob("replate_frames", "frames")
    frames.setTooltip("What to render: 1001-1100, or 1001,1010. Empty: all frames of the first input.")
    yield frames
    yield from (_painted(entry) for entry in node.every_input if entry.sparse)
    for name, title, help in _BUTTONS:
        button = nuke.PyScript_Knob(f"replate_{name}", title, _BUTTON.format(name=name))
        button.setTooltip(help)
        if name == "preview":
            button.setFlag(nuke.STARTLINE)
        yield button
    show = nuke.Enumeration_Knob("replate_show", "show", list(SHOWN))
    show.setTooltip("Let through what was rendered, or the first input. Frames that are not rendered are an error.")
    yield show
    yield nuke.Text_Knob("replate_state", "", "not rendered")


def _names(node: Node) -> list[str]:
    """The generators to choose from, the default one first; an empty name where there is none yet."""
    names = [each.name for each in node.generators] or [""]
    return sorted(names, key=lambda name: name != node.default_generator)


def _painted(entry: Input) -> Any:
    knob = nuke.EvalString_Knob(f"replate_at_{entry.name}", f"{entry.name} at frames")
    knob.setTooltip(f"For which frames there is a picture ({entry.help}): 1001,1040. Empty: those that a Read has.")
    return knob


def _generators(node: Node) -> Iterable[Any]:
    choice = nuke.Enumeration_Knob("replate_generator", "generator", _names(node))
    choice.setTooltip(node.help)
    yield choice
    file = nuke.File_Knob("replate_generator_file", "or a file")
    file.setTooltip("A generator's .onnx file, in place of the one chosen above.")
    yield file


def _tabs(node: Node, generator: str) -> list[tuple[str, str, list[Knob]]]:
    """(identifier, title, knobs) of each section, in the order in which they come, then the job's options. Defaults are
    those of a generator."""
    counting = {knob.name: knob for knob in node.knobs(generator)}
    sections: dict[str, list[Knob]] = {}
    for knob in node.every_knob:
        sections.setdefault(knob.section, []).append(counting.get(knob.name, knob))
    tabs = [(name.lower().replace(" ", "_"), name, those) for name, those in sections.items()]
    return [*tabs, ("job", "Job", list(node.options))]


def _cache() -> Any:
    cache = nuke.File_Knob("replate_cache", "cache folder")
    cache.setTooltip("Where pictures for this node are kept. Empty: in a folder 'replate' beside the script.")
    return cache


def _hidden(knob: Any, value: Any) -> Any:
    knob.setValue(value)
    knob.setFlag(nuke.INVISIBLE)
    return knob
