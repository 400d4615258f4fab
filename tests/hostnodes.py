"""The declarations as hosts get them, and a node of generators that differ in all they can."""

from __future__ import annotations

import json

from replate.declarations import declarations
from replate_plugin.host import reading
from replate_plugin.host.declared import Node

__all__ = ["DECLARED", "TOLD", "fiery"]

TOLD = json.loads(json.dumps(declarations("")))
DECLARED = reading.read(TOLD)


def fiery() -> Node:
    """A node with two generators: both bring `speed`, one gives `mix` another default, one takes another picture."""
    mix, mask = TOLD["nodes"][0]["params"][0], TOLD["nodes"][0]["inputs"][1]
    base = {"path": "", "licence": "", "commercial_use": True, "node": "style"}
    speed, half = {**mix, "name": "speed", "default": 1.0}, {**mix, "default": 0.5}
    fire = {**base, "name": "fire", "title": "Fire", "params": [half, speed], "inputs": []}
    slow, dark = {**speed, "default": 0.2, "soft": [0.0, 9.0]}, {**speed, "name": "dark"}
    wind = {**mask, "name": "wind"}
    smoke = {**base, "name": "smoke", "title": "Smoke", "params": [slow, dark], "inputs": [wind]}
    return reading.read({**TOLD, "generators": [fire, smoke]}).node("style")
