"""A card for an ONNX file of foreign origin: what its graph says, what trying it shows, what its sidecar corrects.

Beside `x.onnx` a sidecar `x.card.json` may hold any part of a card, in the same words; it wins over what was inferred.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from .. import jsontext
from ..card import Card
from ..errors import GeneratorError, OutputError, UsageError, reason
from ..network.onnxfile import read_card
from .fact import Fact

__all__ = ["Fact", "Finding", "card_of", "inspect", "report", "sidecar_of", "write_sidecar"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The card of a file and how it came about; `facts` is empty where the file carries its own card."""

    path: Path
    card: Card
    facts: tuple[Fact, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences for whoever renders with it: how the plate gets in, and what was only guessed."""
        notes = [f"{self.path.name}: {self.card.reason}"] if self.card.reason else []
        guessed = [f"{fact.entry} {fact.value}" for fact in self.facts if not fact.sure]
        if guessed:
            where = sidecar_of(self.path).name
            notes.append(f"{self.path.name}: taken for {', '.join(guessed)}; if that is wrong, correct it in {where}")
        return tuple(notes)


def sidecar_of(path: Path) -> Path:
    """Where the sidecar of an ONNX file lies: `x.card.json` beside `x.onnx`."""
    return path.with_suffix(".card.json")


def card_of(path: Path) -> tuple[Card, tuple[str, ...]]:
    """The card to feed a file by, and what the user should be told about it."""
    card = read_card(path)
    if card is not None:
        return card, ((f"{path.name}: {card.reason}",) if card.reason else ())
    finding = inspect(path)
    return finding.card, finding.notes


def inspect(path: Path) -> Finding:
    """What is known about a file: its own card, or one inferred and corrected by the sidecar.

    Raises GeneratorError where the file makes no picture or cannot be run, or where the sidecar is wrong.
    """
    card = read_card(path)
    if card is not None:
        return Finding(path, card)
    from .foreign import infer  # a third of a second that files with a card need not wait for

    given = _read_sidecar(path)
    inferred, facts = infer(path, given)
    card = Card.from_json(json.dumps(_overlay(json.loads(inferred.to_json()), given)), where=sidecar_of(path))
    return Finding(path, card, tuple(_corrected(facts, given, path)))


def report(finding: Finding) -> str:
    """The finding as text for a terminal; `?` marks what was only guessed."""
    if not finding.facts:
        # The picture is twenty thousand characters that nobody reads.
        shown = f"a picture of {len(finding.card.preview) * 3 // 4} bytes" if finding.card.preview else ""
        return replace(finding.card, preview=shown).to_json(indent=2)
    lines = [f"{finding.path} carries no card; this is how it would be fed:"]
    width = max(len(fact.entry) for fact in finding.facts)
    for fact in finding.facts:
        lines.append(f"  {' ' if fact.sure else '?'} {fact.entry:{width}}  {fact.value}  ({fact.reason})")
    if any(not fact.sure for fact in finding.facts):
        lines.append(
            f"'?' was guessed: correct it in {sidecar_of(finding.path)} (--write-sidecar writes one to fill in)"
        )
    return "\n".join(lines)


def write_sidecar(path: Path, *, overwrite: bool = False) -> Path:
    """Write the card of a foreign file beside it, complete, to be corrected by hand; returns where.

    Raises OutputError where a sidecar is there already, unless `overwrite`, or where it cannot be written.
    """
    target = sidecar_of(path)
    if read_card(path) is not None:
        raise UsageError(f"{path} carries its own card, which a sidecar cannot correct; export it again instead")
    if target.exists() and not overwrite:
        raise OutputError(f"{target} exists already; edit it, or remove it first", path=target)
    card = inspect(path).card
    entries = {
        "name": card.name,
        "kind": card.kind,
        "licence": card.licence,
        "space": card.space,
        "clamp": card.clamp,
        "size": card.size,
        "multiple": card.multiple,
        "overlap": card.overlap,
        "fit": card.fit,
        "inputs": [asdict(port) for port in card.inputs],
        "outputs": [asdict(port) for port in card.outputs],
    }
    try:
        target.write_text(json.dumps(entries, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {target}: {error.strerror}; check rights and space", path=target) from None
    return target


def _read_sidecar(path: Path) -> dict[str, Any]:
    sidecar = sidecar_of(path)
    if not sidecar.exists():
        return {}
    try:
        given = jsontext.parse(sidecar.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GeneratorError(
            f"{sidecar} cannot be read ({reason(error)}); correct or remove it", path=sidecar
        ) from None
    if not isinstance(given, dict):
        raise GeneratorError(f"{sidecar} holds no card; it must be a JSON object", path=sidecar)
    ports = {name: given[name] for name in ("inputs", "outputs") if name in given}
    for name, value in ports.items():
        if not isinstance(value, list) or not all(isinstance(port, dict) for port in value):
            raise GeneratorError(f'{sidecar}: \'{name}\' must be a list of ports, as in [{{"channels": "BGR"}}]')
    # All is checked before a trial relies on it; ports may be given in part.
    whole = {name: [{"name": "?", "role": "?", **port} for port in value] for name, value in ports.items()}
    Card.from_json(json.dumps({"name": path.stem, **given, **whole}), where=sidecar)
    return given


def _overlay(below: Any, above: Any) -> Any:
    """`above` wins; objects are merged by name and lists of objects by position, so that a part of a port will do."""
    if isinstance(below, dict) and isinstance(above, Mapping):
        return {**below, **{name: _overlay(below.get(name), value) for name, value in above.items()}}
    if isinstance(above, list) and isinstance(below, list) and all(isinstance(each, dict) for each in above):
        return [_overlay(below[i] if i < len(below) else None, each) for i, each in enumerate(above)]
    return above


def _corrected(facts: list[Fact], given: Mapping[str, Any], path: Path) -> Iterator[Fact]:
    """The facts without those that the sidecar settles, which it states itself."""
    stated = dict(_entries(given))
    yield from (fact for fact in facts if fact.entry not in stated)
    for entry, value in stated.items():
        yield Fact(entry, str(value), f"{sidecar_of(path).name} says so")


def _entries(given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Entries of a sidecar by the names that facts have: `fit`, `input.channels`, `input.range`."""
    for name, value in given.items():
        if name not in ("inputs", "outputs"):
            yield name, value
            continue
        for port in value:
            known = {f"{name[:-1]}.{entry}": setting for entry, setting in port.items()}
            low, high = (known.pop(f"{name[:-1]}.{end}", None) for end in ("low", "high"))
            yield from known.items()
            if high is not None:
                yield f"{name[:-1]}.range", f"{low or 0:g}..{high:g}"
