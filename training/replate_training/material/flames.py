"""Data for generators of detail: takes of a simulation, made where there are none, and the renderer's own field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor

from replate.errors import InputError
from replate.params import Value

from ..checkpoint import Data
from ..judging.refined import figures
from ..simulation.burning import STEPS
from ..simulation.takes import Take, collect
from .carrying import rendered, simulated
from .data import Batch, Material, dice
from .flowing import Clip, FlowSource, Moving
from .site import Site

__all__ = ["SEEN", "SIMULATED", "Flames", "examples", "shown_by_default"]

SIMULATED = "replate dataset simulate"
"""The source of data that nobody has to fetch."""

SEEN = {"fire": 0, "smoke": 1}
"""The first plane that counts in the figures of a kind."""

_HOLD = 6  # of so many takes one is held out
_EXAMPLES = 6
_SIDE = 192  # samples of an example


@dataclass(frozen=True, slots=True, kw_only=True)
class Flames:
    """Fire or smoke, as `kind` says: simulated, and rendered without detail for `scenes` seeds. Every take is learnt
    with as many noises as `noises` says."""

    kind: str
    scenes: int = 24
    noises: int = 2

    def __call__(
        self,
        site: Site,
        *,
        takes: Annotated[Path | None, typer.Option(help="Takes of `replate dataset simulate`; none: made now.")] = None,
        count: Annotated[int, typer.Option(min=2, help="So many takes are made, where none are given.")] = 8,
        triples: Annotated[int, typer.Option(min=2, help="Three moments each, so many a step; a GPU takes 32.")] = 4,
    ) -> Material:
        """Triples of moments; every sixth take is held out, and at least one."""
        files, settings = self._files(site, takes, count), site.recipe.defaults
        held = files[_HOLD - 1 :: _HOLD] or files[-1:]
        learnt = [_clip(path, settings, seed) for path in files if path not in held for seed in range(self.noises)]
        site.say(
            f"{len(files) - len(held)} takes to learn from, {len(held)} held out; {self.scenes} scenes as rendered"
        )
        shown = [clip for seed in range(self.scenes) for clip in rendered(self.kind, settings, seed=seed)]
        crop, margin = site.recipe.crop, site.recipe.margin
        source = FlowSource(simulated=learnt, rendered=shown, count=triples, crop=crop, margin=margin)
        seen = examples([_clip(path, settings, 0) for path in held])
        known = [_middle(each) for each in seen[:3]]
        return Material(
            source=source,
            shown=[*known, *(Batch((clip.planes[2:3, :, -_SIDE:, :_SIDE].float(),)) for clip in shown[:6:2])],
            data=(self._data(site, len(files)),),
            figures=lambda look: figures(shown_by_default(look, settings), seen, first=SEEN[self.kind]),
        )

    def _data(self, site: Site, files: int) -> Data:
        return Data(name=f"simulation of {self.kind}", licence=site.recipe.licence, files=files, source=SIMULATED)

    def _files(self, site: Site, takes: Path | None, count: int) -> Sequence[Path]:
        if takes is None:
            site.say(f"simulating {count} takes in {site.folder / 'takes'}, a minute or a few each")
            return collect(self.kind, site.folder / "takes", count=count, tell=lambda done, name: None)
        found = sorted(takes.glob(f"{self.kind}_*.npz"))
        if len(found) < 2:
            raise InputError(f"{takes} has fewer than two takes of {self.kind}; make them: replate dataset simulate")
        return found


def examples(held: Sequence[Clip]) -> list[Moving]:
    """Triples of clips, a frame apart, as strong as they are and as coarse as in the mean; always the same."""
    source = FlowSource(simulated=held, rendered=(), count=_EXAMPLES, crop=_SIDE, margin=0, stride=STEPS, plain=True)
    batch = source.batch(lambda stream: dice(0, 0, stream))
    return [batch.triple(index) for index in range(_EXAMPLES)]


def _clip(path: Path, settings: Mapping[str, Value], seed: int) -> Clip:
    return simulated(Take.load(path), settings, seed=seed)


def shown_by_default(look: Callable[..., Tensor], settings: Mapping[str, Value]) -> Callable[[Tensor], Tensor]:
    """A look as far as the node takes its change where nothing else is set: by its parameter `detail`."""
    detail = float(settings.get("detail", 1.0))
    return lambda x: x + detail * (look(x) - x)


def _middle(example: Moving) -> Batch:
    """The moment in the middle; its target without the noise, which nobody should look for in a result."""
    assert example.target is not None
    return Batch((example.inputs[0][1:2],), example.target[1:2] * torch.tensor([1.0, 1.0, 0.0]).view(3, 1, 1))
