"""A generator in Flame: the JSON sidecar that its Inference node reads beside the ONNX file.

The words are those of Autodesk's page "Inference Builder" (Flame 2025.1, Channels since 2025.2). The node hands over
what it is given: a plate in the card's space in, a picture in that space out.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from replate.card import Card, Port
from replate.errors import GeneratorError, OutputError
from replate.network.onnxfile import read_card

__all__ = ["beside", "copied", "sidecar"]

_VERSION = "2025.2"
_INPUTS = {"plate": "Front", "hole": "Matte", "hints": "Aux"}
_OUTPUTS = {"result": "Result", "confidence": "OutMatte"}
_CHANNELS = {"RGB": ["RGB"], "BGR": ["BGR"], "L": ["A"], "RGBA": ["RGB", "A"]}
"""What a socket carries; red, green, blue and alpha come by two sockets of one name."""


def copied(generator: Path, out: Path) -> Path:
    """A generator under another name, with its sidecar; where that is. Raises GeneratorError or OutputError."""
    _ = sidecar(_card(generator))
    try:
        if not (out.exists() and out.samefile(generator)):
            shutil.copyfile(generator, out)
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}; choose another place", path=out) from error
    return beside(out)


def beside(generator: Path) -> Path:
    """Write the sidecar of a generator file; where it is. Raises GeneratorError or OutputError."""
    path, text = generator.with_suffix(".json"), json.dumps(sidecar(_card(generator)), indent=4) + "\n"
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}; choose another place", path=path) from error
    return path


def sidecar(card: Card) -> dict[str, Any]:
    """What Flame has to know of a generator. Raises GeneratorError for one that Flame cannot feed."""
    if card.size is not None or card.controls:
        what = "a picture of one size" if card.size is not None else "numbers beside pictures"
        raise GeneratorError(f"'{card.name}' takes {what}, which Flame's Inference node does not give it")
    return {
        "ModelDescription": {
            "MinimumVersion": _VERSION,
            "Name": card.title or card.name,
            "Description": f"{card.description} Plate and result in {card.space}. {card.licence}".strip(),
            "SupportsSceneLinear": False,
            "KeepAspectRatio": False,
            "Padding": card.multiple,
            "Inputs": [socket for port in card.inputs for socket in _sockets(card, port, _INPUTS, "Gain")],
            "Outputs": [socket for port in card.outputs for socket in _sockets(card, port, _OUTPUTS, "InverseGain")],
        }
    }


def _sockets(card: Card, port: Port, kinds: dict[str, str], gain: str) -> list[dict[str, Any]]:
    if port.role not in kinds or port.layout != "NCHW" or (port.low, port.high) != (0.0, 1.0):
        raise GeneratorError(
            f"'{card.name}' has '{port.name}' ({port.role}), which Flame's Inference node has no socket for"
        )
    scale = {"ScalingFactor": 1.0} if gain == "InverseGain" else {}
    return [
        {
            "Name": port.name,
            "Description": port.role,
            "Type": "Matte" if number else kinds[port.role],
            gain: 1.0,
            **scale,
            "Channels": channels,
        }
        for number, channels in enumerate(_CHANNELS[port.channels])
    ]


def _card(generator: Path) -> Card:
    card = read_card(generator)
    if card is None:
        raise GeneratorError(
            f"{generator} has no card; Flame needs to know its inputs, so export it anew", path=generator
        )
    return card
