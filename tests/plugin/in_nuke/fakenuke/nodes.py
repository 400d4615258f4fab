"""The node graph: nodes with the knobs that Nuke's have, groups, and scripts as text."""

from __future__ import annotations

from typing import Any

from .expressions import named
from .knobs import KINDS, Knob, PyScript_Knob, String_Knob
from .state import host

__all__ = ["Group", "Node", "Root", "create", "pasted", "script"]

_ALL = (
    "text name, text label, int xpos, int ypos, bool selected, int tile_color, bool disable, text knobChanged, "
    "text help, bool postage_stamp"
)
_OWN = {
    "Read": "file file, text proxy, int first=1, int last=1, int origfirst=1, int origlast=1, bool origset, text frame,"
    " enum frame_mode=expression/start at/offset, enum on_error=error/black/checkerboard/nearest frame, button reload,"
    " bool raw, bool premultiplied, bool auto_alpha, enum colorspace=default (linear)/linear/sRGB/rec709/ACES - ACEScg/"
    "ACES - ACES2065-1, enum before=hold/loop/bounce/black, enum after=hold/loop/bounce/black",
    "Write": "file file, enum file_type= /exr/png/jpeg, bool raw, text channels=rgb, enum datatype=16 bit half/"
    "32 bit float, enum metadata=default metadata/no metadata/all metadata, bool create_directories",
    "Input": "int number",
    "Switch": "int which",
    "Multiply": "double value=1",
    "Constant": "double unused",
    "Dot": "int unused",
    "Output": "int unused",
    "Group": "int unused",
    "Root": "int first_frame=1, int last_frame=100, bool proxy, enum colorManagement=Nuke/OCIO, enum OCIO_config="
    "nuke-default/aces_1.2/custom, file customOCIOConfigPath, text workingSpaceLUT=linear",
}


class Node:
    """A node of a class in the table above; deleted ones refuse everything, as Nuke's do."""

    def __init__(self, kind: str, parent: Any) -> None:
        self._kind, self._parent, self._inputs, self._gone = kind, parent, [], False
        self._knobs: dict[str, Knob] = {}
        self._user: list[str] = []
        self.color = (0.5, 0.5, 0.5, 1.0)
        for entry in f"{_ALL}, {_OWN[kind]}".split(", "):
            self._add(_knob(entry))

    def Class(self) -> str:
        self._alive()
        return self._kind

    def name(self) -> str:
        self._alive()
        return str(self._knobs["name"]._value)

    def fullName(self) -> str:
        above = self._parent.fullName() if self._parent and self._parent._kind != "Root" else ""
        return f"{above}.{self.name()}" if above else self.name()

    def setName(self, name: str, uncollide: bool = True, updateExpressions: bool = False) -> None:
        host.main("naming a node")
        self._knobs["name"]._value = ""
        taken = {each.name() for each in self._parent._nodes}
        stem = name.rstrip("0123456789")
        number = 1
        while name in taken and uncollide:
            number += 1
            name = f"{stem}{number}"
        self._knobs["name"]._value = name

    def parent(self) -> Any:
        self._alive()
        return self._parent

    def knob(self, name: str) -> Any:
        self._alive()
        return self._knobs.get(name)

    def knobs(self) -> dict[str, Any]:
        self._alive()
        return dict(self._knobs)

    def __getitem__(self, name: str) -> Any:
        self._alive()
        if name not in self._knobs:
            raise NameError(f"knob {name} does not exist")
        return self._knobs[name]

    def addKnob(self, knob: Any) -> None:
        self._alive()
        host.main("adding a knob")
        assert knob.name() not in self._knobs, f"there is a knob {knob.name()} already"
        self._add(knob)
        self._user.append(knob.name())

    def _add(self, knob: Any) -> None:
        knob._node = self
        self._knobs[knob.name()] = knob

    def inputs(self) -> int:
        self._alive()
        return len(self._inputs)

    def input(self, number: int) -> Any:
        self._alive()
        found = self._inputs[number] if number < len(self._inputs) else None
        return None if found is None or found._gone else found

    def setInput(self, number: int, node: Any) -> bool:
        host.main("connecting")
        self._inputs += [None] * (number + 1 - len(self._inputs))
        self._inputs[number] = node
        return True

    def dependencies(self, mask: int) -> list[Any]:
        texts = [knob._expression for knob in self._knobs.values() if getattr(knob, "_expression", "")]
        return [node for text in texts for node in named(text, self)]

    def firstFrame(self) -> int:
        return self._range()[0]

    def lastFrame(self) -> int:
        return self._range()[1]

    def _range(self) -> tuple[int, int]:
        self._alive()
        if self._kind == "Read":
            return int(self["first"].value()), int(self["last"].value())
        above = self.input(0)
        if self._kind == "Input":
            above = self._parent.input(int(self["number"].value()))
        if above is not None:
            return above._range()
        from . import root

        return int(root()["first_frame"].value()), int(root()["last_frame"].value())

    def setXYpos(self, x: int, y: int) -> None:
        self._knobs["xpos"]._value, self._knobs["ypos"]._value = x, y

    def xpos(self) -> int:
        return int(self["xpos"].value())

    def ypos(self) -> int:
        return int(self["ypos"].value())

    def setSelected(self, on: bool) -> None:
        self._knobs["selected"]._value = on

    def showControlPanel(self, forceFloat: bool = False) -> None:
        host.main("opening a panel")

    def _changed(self, knob: Any) -> None:
        """Run knobChanged, in which Nuke can execute nothing; not for what it changes itself."""
        script = str(self._knobs["knobChanged"]._value)
        if script and not host.busy and knob.name() != "knobChanged":
            from . import run

            with host.working():
                run(script, self, knob)

    def _alive(self) -> None:
        if self._gone:
            raise ValueError("A PythonObject is not attached to a node")


class Group(Node):
    """A node with nodes in it."""

    def __init__(self, kind: str, parent: Any) -> None:
        super().__init__(kind, parent)
        self._nodes: list[Node] = []

    def nodes(self) -> list[Node]:
        return list(self._nodes)

    def node(self, name: str) -> Any:
        self._alive()
        first, _, rest = name.partition(".")
        found = next((each for each in self._nodes if each.name() == first), None)
        return found.node(rest) if found is not None and rest else found

    def begin(self) -> Group:
        host.groups.append(self)
        return self

    def end(self) -> None:
        host.groups.pop()

    __enter__ = begin

    def __exit__(self, *_: Any) -> None:
        self.end()


class Root(Group):
    """The script."""

    def __init__(self) -> None:
        super().__init__("Root", None)

    def format(self) -> Any:
        return Format()


class Format:
    """Of the project."""

    def width(self) -> int:
        return 64

    def height(self) -> int:
        return 48


def create(kind: str, parent: Any, **given: Any) -> Node:
    """A node in a group, as `nuke.nodes.Kind(...)` makes it."""
    host.main("creating a node")
    node = (Group if kind == "Group" else Node)(kind, parent)
    parent._nodes.append(node)
    node.setName(given.pop("name", f"{kind}1"))
    for number, above in enumerate(given.pop("inputs", [])):
        node.setInput(number, above)
    for name, value in given.items():
        node[name].setValue(value)
    return node


def script(nodes: list[Node]) -> list[dict[str, Any]]:
    """Nodes as a script holds them: everything that is set, and nothing else."""
    return [_said(node, nodes) for node in nodes]


def _said(node: Node, among: list[Node]) -> dict[str, Any]:
    user = [[type(node[name]).__name__, name, getattr(node[name], "_values", None)] for name in node._user]
    return {
        "class": node._kind,
        "user": user,
        "knobs": {name: knob.toScript() for name, knob in node._knobs.items() if knob.toScript()},
        "inputs": [among.index(above) if above in among else None for above in node._inputs],
        "nodes": script(node._nodes) if isinstance(node, Group) else [],
    }


def pasted(said: list[dict[str, Any]], parent: Any) -> list[Node]:
    """Nodes from what a script holds; names that are taken get another number."""
    from . import knobs

    made = []
    for each in said:
        node = create(each["class"], parent, name=each["knobs"]["name"])
        for kind, name, values in each["user"]:
            node.addKnob(getattr(knobs, kind)(name, "", *([values] if values is not None else [])))
        for name, text in each["knobs"].items():
            if name != "name":
                _restore(node[name], text)
        if isinstance(node, Group):
            pasted(each["nodes"], node)
        made.append(node)
    for node, each in zip(made, said, strict=True):
        node._inputs = [None if number is None else made[number] for number in each["inputs"]]
    return made


def _restore(knob: Any, text: str) -> None:
    if isinstance(knob, (String_Knob, PyScript_Knob)):
        knob._value = text
    else:
        knob.fromScript(text)


def _knob(entry: str) -> Knob:
    """`int first=1` or `enum raw=a/b` as a knob."""
    kind, _, rest = entry.strip().partition(" ")
    name, _, default = rest.partition("=")
    if kind == "enum":
        return KINDS[kind](name, "", default.split("/"))
    knob = KINDS[kind](name)
    if default:
        knob._value = knob._plain(float(default)) if hasattr(knob, "_plain") else default
    return knob
