"""A generator in NukeX without Replate: TorchScript, a script with the two nodes that make use of it, and `cat.json`.

    FOLDER/NAME.pt     the network, see `live`
    FOLDER/NAME.nk     CatFileCreator, whose button makes NAME.cat of it, and Inference, which runs that
    FOLDER/cat.json    puts NAME.cat into the menu where the folder lies in a folder 'Cattery' on Nuke's plug-in path

Names of knobs are those of scripts that Nuke saved, those in `cat.json` those of Nuke's own `nukescripts.cattery`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from replate.card import Card
from replate.errors import OutputError, reason

from .live import card_for, live

__all__ = ["NukeFiles", "cat_json", "script", "write"]

_CHANNELS = "rgba.red, rgba.green, rgba.blue"
_OLDEST = 14.0  # its torch is 1.12, which was tried; that of Nuke 13 is 1.6
_KNOBS = {"strength": ("0 2", 1.0), "mix": ("0 1", 1.0)}  # attributes of `live.Live`: range of the slider, default


@dataclass(frozen=True, slots=True, kw_only=True)
class NukeFiles:
    """What was written, and the TorchScript's greatest difference from the network, relative for light above 1."""

    module: Path
    script: Path
    parity: float


def write(generator: Path, folder: Path, *, space: str = "ACEScg") -> NukeFiles:
    """Write a generator for NukeX into a folder, which is made; `space` is the one that Nuke computes in.

    Raises GeneratorError for a generator that Inference cannot feed, OutputError where nothing can be written.
    """
    card, name = card_for(generator), generator.stem
    module, parity = live(generator, space=space)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        module.save(str(folder / f"{name}.pt"))
        (folder / f"{name}.nk").write_text(script(name, card, folder=folder, space=space), encoding="utf-8")
        (folder / "cat.json").write_text(cat_json(name, card), encoding="utf-8")
    except (OSError, RuntimeError) as error:
        raise OutputError(f"{folder} cannot be written: {reason(error)}; choose another place", path=folder) from error
    return NukeFiles(module=folder / f"{name}.pt", script=folder / f"{name}.nk", parity=parity)


def script(name: str, card: Card, *, folder: Path, space: str) -> str:
    """The .nk: both nodes, the Inference below whatever is selected when it is pasted."""
    place = folder.absolute().as_posix()
    title = card.title or card.name
    return f"""\
# {_plain(title)} by Replate, for NukeX. Select CatFileCreator, press its button once.
set cut_paste_input [stack 0]
push $cut_paste_input
Inference {{
 modelFile {_quoted(f"{place}/{name}.cat")}
 useGPUIfAvailable true
 serialiseKnob {{{"".join(f"{knob}:{default:g};" for knob, (_, default) in _KNOBS.items())}}}
 name Replate_{_word(name)}
 label {_quoted(f"{title}, light in {space}")}
 selected true
 xpos 0
 ypos 0
}}
CatFileCreator {{
 inputs 0
 torchScriptFile {_quoted(f"{place}/{name}.pt")}
 catFile {_quoted(f"{place}/{name}.cat")}
 channelsIn "{_CHANNELS}"
 channelsOut "{_CHANNELS}"
 modelId {_quoted(name)}
 outputScale 1
 addUserKnob {{20 Replate}}
{_user_knobs()}
 name Replate_{_word(name)}_cat
 xpos 250
 ypos 0
}}
"""


def cat_json(name: str, card: Card) -> str:
    """What Nuke's Cattery has to know of it."""
    title = f"Replate {card.title or card.name}"
    said = {
        "minimum_nuke_version_required": _OLDEST,
        "version": 1,
        "category": "Stylisation",
        "description": f"{card.description} {card.licence}".strip(),
        "cats": [{"filepath": f"{name}.cat", "name": title, "icon": ""}],
    }
    return json.dumps(said, indent=4) + "\n"


def _user_knobs() -> str:
    lines = (f" addUserKnob {{7 {knob} R {span}}}\n {knob} {default:g}" for knob, (span, default) in _KNOBS.items())
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A word of Tcl that means this text and nothing else."""
    for special in '\\"[]${}':
        text = text.replace(special, f"\\{special}")
    return f'"{text}"'


def _plain(text: str) -> str:
    """A text for a comment: braces count in Tcl even there."""
    return "".join(letter for letter in text if letter not in "{}\\\n")


def _word(text: str) -> str:
    """A text as the name of a node."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in text)
