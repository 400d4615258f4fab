"""The declarations as plain data, for hosts and panels that build knobs without importing Replate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .card import Card
from .catalogue import available, find, own_folder
from .errors import ReplateError
from .network.onnxfile import read_card
from .nodes import NODES, Input, Node, node_for, node_named
from .options import OPTIONS
from .params import Param

__all__ = ["declarations", "family_of", "params_of"]

Data = dict[str, Any]


def declarations(folders: str | None = None) -> Data:
    """Every node, every option of a job and every generator with a card, in the words of `Param` and `Input`.

    `folders` stands in for $REPLATE_GENERATORS. A generator brings the parameters and inputs that it adds to its node's
    or changes, in place of those of the same name. What is wrong with one is among the "problems", and no reason to be
    without the others. "own" is the folder for generators that a user adds.
    """
    generators, problems = [], []
    for name, path in available(folders):
        try:
            card = read_card(path)
            generators += [_generator(name, path, card)] if card else []  # finding out about others takes too long
        except ReplateError as error:
            problems.append(f"{path}: {error}" if str(path) not in str(error) else str(error))
    return {
        "nodes": [_node(node) for node in NODES.values()],
        "options": _params(OPTIONS),
        "generators": generators,
        "problems": problems,
        "own": str(own_folder()),
    }


def params_of(node: str, generator: str) -> tuple[Param, ...]:
    """A node's parameters with a generator, given by name or path, or empty for the node's default."""
    return family_of(node, generator)[1]


def family_of(node: str, generator: str) -> tuple[type[Node], tuple[Param, ...]]:
    """What a node is with a generator, and its parameters then; see `params_of`."""
    kind = node_named(node)
    card = read_card(find(kind.generator_named(generator)))
    if card is None:
        return kind, kind.params
    kind = node_for(node, card)
    return kind, kind.params_with(card)


def _node(node: type[Node]) -> Data:
    return {
        "name": node.name,
        "title": node.title,
        "help": node.help,
        "default_generator": node.default_generator,
        "inputs": _inputs(node.inputs),
        "params": _params(node.params),
    }


def _inputs(inputs: Iterable[Input]) -> list[Data]:
    return [asdict(entry) for entry in inputs]


def _params(params: Iterable[Param]) -> list[Data]:
    return [{**asdict(param), "title": param.title, "allowed": param.allowed} for param in params]


def _generator(name: str, path: Path, card: Card) -> Data:
    general, kind = NODES[card.kind], node_for(card.kind, card)
    return {
        "name": name,
        "path": str(path),
        "title": card.title or card.name,
        "node": card.kind,
        "licence": card.licence,
        "commercial_use": card.commercial_use,
        "inputs": _inputs(entry for entry in kind.inputs if entry not in general.inputs),
        "params": _params(param for param in kind.params_with(card) if param not in general.params),
    }
