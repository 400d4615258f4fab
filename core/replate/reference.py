"""Reference text derived from the declarations: for `replate nodes` and for docs/reference.md."""

from __future__ import annotations

from collections.abc import Iterable

from .card import Card
from .nodes import NODES, Node
from .options import OPTIONS
from .params import Param

__all__ = ["describe", "markdown", "use"]


def describe(node: type[Node]) -> str:
    """One node as plain text for a terminal."""
    lines = [f"{node.name}: {node.help}", "", "inputs"]
    lines += [f"  {entry.name:12} {entry.help}{'' if entry.required else ' (optional)'}" for entry in node.inputs]
    lines += ["", "parameters"]
    lines += [f"  {param.name:12} {param.help} [{param.allowed}; default {param.default}]" for param in node.params]
    return "\n".join(lines)


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
    parts += ["## Options of every render", "", *_table(OPTIONS)]
    return "\n".join(parts).rstrip() + "\n"


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
