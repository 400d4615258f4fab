"""Reference text derived from the declarations: for `replate nodes` and for docs/reference.md."""

from __future__ import annotations

from collections.abc import Iterable

from .card import Card
from .nodes import FAMILIES, NODES, Node
from .options import OPTIONS
from .params import Param

__all__ = ["describe", "markdown", "use"]


def describe(node: type[Node]) -> str:
    """One node as plain text for a terminal, with what its families of generators add."""
    lines = [f"{node.name}: {node.help}", "", "inputs"]
    lines += [f"  {entry.name:12} {entry.help}{'' if entry.required else ' (optional)'}" for entry in node.inputs]
    lines += ["", "parameters"]
    lines += map(_line, node.params)
    for family in _families(node):
        lines += ["", f"{family.title}: {family.help}", *map(_line, _added(family, node))]
    return "\n".join(lines)


def _line(param: Param) -> str:
    return f"  {param.name:12} {param.help} [{param.allowed}; default {param.default!r}]"


def _families(node: type[Node]) -> list[type[Node]]:
    return [kind for kind in FAMILIES if kind.name == node.name]


def _added(family: type[Node], node: type[Node]) -> list[Param]:
    return [param for param in family.params if param not in node.params]


def markdown() -> str:
    """docs/reference.md: every node and every option of a render."""
    parts = [
        "# Parameter reference",
        "",
        "Made from the declarations by `python -m replate.reference`; do not edit.",
        "",
    ]
    for node in NODES.values():
        parts += [f"## {node.title}", "", node.help, "", "| input | needed | what it is |", "|---|---|---|"]
        parts += [f"| `{i.name}` | {'yes' if i.required else 'no'} | {i.help} |" for i in node.inputs]
        parts += ["", *_table(node.params)]
        for family in _families(node):
            parts += [
                f"### {family.title}",
                "",
                family.help,
                "",
                *_changed(family, node),
                *_table(_added(family, node)),
            ]
    parts += ["## Options of every render", "", *_table(OPTIONS)]
    return "\n".join(parts).rstrip() + "\n"


def _changed(family: type[Node], node: type[Node]) -> list[str]:
    """What inputs are for that are something else in this family."""
    other = [entry for entry in family.inputs if entry not in node.inputs]
    return [*(f"`{entry.name}`: {entry.help}." for entry in other), ""] if other else []


def _table(params: Iterable[Param]) -> list[str]:
    head = ["| parameter | section | values | default | keyframes | what it does |", "|---|---|---|---|---|---|"]
    return [*head, *map(_row, params), ""]


def _row(param: Param) -> str:
    default = f"`{param.default}`" if param.default != "" else "empty"
    keys = "yes" if param.keyable else "no"
    return f"| `{param.name}` | {param.section} | {param.allowed} | {default} | {keys} | {param.help} |"


def use(card: Card) -> str:
    """Commercial use in words."""
    words = {True: "commercial use allowed", False: "no commercial use", None: "commercial use not stated"}
    return words[card.commercial_use]


if __name__ == "__main__":
    import sys

    sys.stdout.write(markdown())
