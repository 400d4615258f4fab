"""The declarations as plain data, for hosts and panels that build knobs without importing Replate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .card import Card
from .catalogue import available
from .errors import GeneratorError
from .network.onnxfile import read_card
from .nodes import NODES, Node
from .options import OPTIONS
from .params import Param

__all__ = ["declarations"]

Data = dict[str, Any]


def declarations(folders: str | None = None) -> Data:
    """Every node, every option of a job and every generator with a card, in the words of `Param` and `Input`.

    `folders` stands in for $REPLATE_GENERATORS. A generator brings the parameters that it adds to its node's. What is
    wrong with one is among the "problems", and no reason to be without the others.
    """
    generators, problems = [], []
    for name, path in available(folders):
        try:
            card = read_card(path)
        except GeneratorError as error:
            problems.append(str(error))
        else:
            generators += [_generator(name, path, card)] if card else []  # finding out about others takes too long
    return {
        "nodes": [_node(node) for node in NODES.values()],
        "options": _params(OPTIONS),
        "generators": generators,
        "problems": problems,
    }


def _node(node: type[Node]) -> Data:
    return {
        "name": node.name,
        "title": node.title,
        "help": node.help,
        "default_generator": node.default_generator,
        "inputs": [asdict(entry) for entry in node.inputs],
        "params": _params(node.params),
    }


def _params(params: Iterable[Param]) -> list[Data]:
    return [{**asdict(param), "title": param.title, "allowed": param.allowed} for param in params]


def _generator(name: str, path: Path, card: Card) -> Data:
    return {
        "name": name,
        "path": str(path),
        "title": card.title or card.name,
        "node": card.kind,
        "licence": card.licence,
        "commercial_use": card.commercial_use,
        "params": _params(card.controls),
    }
