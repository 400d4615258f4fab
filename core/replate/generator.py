"""A generator: an ONNX file as something to call on a frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from .card import GUIDES, Card
from .catalogue import find
from .color import known_space
from .color.curves import NOTHING, Linear, MatrixCurve
from .errors import GeneratorError
from .frame import Window
from .inspection import card_of
from .network import gradegraph, graph, tiles
from .network.ladder import Ladder
from .network.onnxfile import digest
from .network.plate import Piece, Plate, cut
from .network.runner import Runner
from .params import check_settings, resolve
from .picture.grade import Grade
from .picture.noise import field

if TYPE_CHECKING:
    from .color import Transform

__all__ = ["Generator"]

Array = npt.NDArray[np.float32]
_UNGRADED = Grade()


class Generator:
    """One network, ready for frames of any size and space; made by `Generator.load`.

    One caller at a time. The same input gives the same bits on one machine, whatever was rendered before. `notes` are
    sentences that the user should see: what was inferred of a foreign file and why it is fed as it is.
    """

    def __init__(self, path: Path, card: Card, runner: Runner, notes: tuple[str, ...] = ()) -> None:
        self.path, self.card, self.notes = path, card, notes
        self._runner, self._ladder = runner, Ladder(runner)

    @classmethod
    def load(cls, name_or_path: str | Path, *, device: str = "auto", threads: int | None = None) -> Generator:
        """Find a generator by name or path and read its card; a file without one is inspected.

        `device` is "auto", "cpu", "cuda" or "cuda:N"; `threads` the CPU threads inside one operator (None: all cores
        but one). Raises UsageError for an unknown name or a device that is not there, GeneratorError for a file that
        cannot be used.
        """
        path = find(name_or_path)
        card, notes = card_of(path)
        return cls(path, card, Runner(path, card, device=device, threads=threads), notes)

    def check(self) -> None:
        """Raise GeneratorError where the file is broken or its card does not fit it, before a frame is lost to that."""
        if self.card.sha256 not in ("", self.sha256):
            raise GeneratorError(
                f"{self.path} is damaged or was changed: it holds another network than the one that its card was "
                "written for (its SHA-256 differs); copy or export it again",
                path=self.path,
            )
        self._runner.check()
        if known_space(self.card.space) is None:
            raise GeneratorError(
                f"{self.path} works in the colour space '{self.card.space}', which the OCIO config does not have; "
                "use a config that has it, or correct 'space' in its card",
                path=self.path,
            )

    @cached_property
    def sha256(self) -> str:
        """Digest of the network without its metadata, in hexadecimal."""
        return digest(self.path)

    @property
    def device(self) -> str:
        """Where frames are really computed: "cpu" or "cuda:N"."""
        return self._runner.device

    @property
    def reduced(self) -> bool:
        """Whether memory ran out, so that pictures are made in smaller tiles, or elsewhere, than by one just loaded."""
        return self._runner.sparing

    def report_to(self, say: Callable[[str], None]) -> None:
        """Have `say` called with a sentence whenever memory runs out or a GPU fails and something else is tried, and
        when the network makes what is no number."""
        self._ladder.say = say

    def spare_memory(self) -> None:
        """Hold no memory between pictures from now on, which takes a little longer."""
        self._runner.spare()

    def apply(
        self,
        rgb: Array,
        *,
        transform: Transform,
        alpha: Array | None = None,
        weight: float | Array = 1.0,
        strength: float = 1.0,
        tile: str | int = "auto",
        controls: Mapping[str, Any] | None = None,
        guides: Mapping[str, Array] | None = None,
        noise: Array | None = None,
        grade: Grade = _UNGRADED,
        confidence: bool = True,
        origin: tuple[int, int] = (0, 0),
    ) -> tuple[Array, Array | None]:
        """The plate as the generator makes it, and how far to trust that.

        `rgb` is H x W x 3 float32 in the space that `transform` comes from, premultiplied where `alpha` (H x W x 1) is
        given. `weight`, a number or H x W [x 1] in 0..1, mixes plate and result in the plate's space; `strength`
        scales the change in the generator's space, beyond 1 too. `tile` is "auto", "off" or a side in pixels;
        `controls` are values of the card's own parameters, `guides` the other pictures that it takes (H x W x C, see
        `card.GUIDES`; where left out all 0, but for chance), `noise` (1 x length, 0 likewise) what one without a plate
        makes its picture from, `grade` is what the network sees the plate through. Without `confidence` the map is not
        computed: it takes as long as the picture. `origin` (x, y) is where the plate's first pixel lies in the shot:
        the network's grid stays where it is when a data window moves.

        Returns H x W x 3 float32, bit-equal to `rgb` where the weight is 0, where the plate is not finite and where
        alpha and light are both 0; and H x W x 1 in 0..1 (1 where untouched), or None where there is no such map.
        Raises UsageError for a wrong control or tile, MemoryLimitError when even the smallest tile does not fit.
        """
        side, settings = tiles.parse(tile), self._settings(controls or {}, strength)
        settings |= self._noise(noise)
        plate = Plate.of(rgb, alpha, weight)
        parts = self._parts(plate, transform, grade, strength=strength, confidence=confidence)
        settings |= gradegraph.numbers(grade, parts.colour)
        guides = {**self._unsaid(plate.size, origin), **(guides or {})}
        result = np.empty(rgb.shape, np.float32)
        trust = np.ones((*plate.size, 1), np.float32) if parts.confidence else None

        def make(tile: tiles.Tile) -> None:
            piece = plate.piece(tile) if strength else None
            if piece is None:
                result[tile.keep] = rgb[tile.keep]
                return
            beside = {graph.GUIDE[role]: cut(guide, tile.read) for role, guide in guides.items()}
            made, sure = self._run(piece, transform, parts, {**settings, **beside})
            piece.restore(made, sure)
            result[tile.keep] = made[tile.inner]
            if trust is not None and sure is not None:
                trust[tile.keep] = sure[tile.inner]

        self._ladder.work(make, plate.size, side=side, parts=parts, lead=self._lead(origin))
        if count := _numberless(result, rgb):
            self._ladder.say(f"'{self.path.stem}' made {count} values that are no numbers; they are left as they are")
        return result, trust

    def compute(self, output: str, arrays: Mapping[str, Array]) -> Array:
        """One output of the network as it stands, from its own inputs by name: for a node that brings pictures into the
        network's shape itself. The whole picture at once; raises MemoryLimitError where that does not fit."""
        return self._ladder.whole(lambda: self._runner.compute(output, arrays))

    def _parts(
        self, plate: Plate, transform: Transform, grade: Grade, *, strength: float, confidence: bool
    ) -> graph.Parts:
        """What the graph does; alpha and mix are done outside of it where OpenColorIO is needed."""
        steps = gradegraph.steps(grade)
        return graph.Parts(
            colour=self._colour(transform, graded=any(steps.values())),
            alpha=transform.fused is not None and plate.alpha is not None,
            weight=transform.fused is not None and plate.weight is not None,
            strength=strength != 1,
            carry=self.card.clamp,
            floor=not isinstance(transform.curve, Linear | None),
            confidence=confidence and self.card.output("confidence") is not None,
            **steps,
        )

    def _unsaid(self, size: tuple[int, int], origin: tuple[int, int]) -> dict[str, Array]:
        """Guides that say nothing, without memory of their own; chance is said by where a pixel lies in the shot."""
        ports = [port for port in self.card.inputs if port.role in GUIDES]
        guides = {port.role: np.broadcast_to(np.float32(0), (*size, port.count)) for port in ports}
        if "chance" in guides:
            guides["chance"] = field(Window(*origin, size[1], size[0]))[..., :1]
        return guides

    def _colour(self, transform: Transform, *, graded: bool) -> MatrixCurve:
        """The graph's colour transform; where OpenColorIO is needed, only what has to be done in linear light."""
        if transform.fused is not None and not (graded and transform.source == transform.target):
            return transform.fused
        return transform.within if graded or self.card.clamp else NOTHING

    def _lead(self, origin: tuple[int, int]) -> tuple[int, int]:
        """Rows and columns between the network's grid, which lies at the shot's first pixel, and the plate's."""
        if self.card.fit == "resize":
            return 0, 0
        return origin[1] % self.card.multiple, origin[0] % self.card.multiple

    def _run(
        self, piece: Piece, transform: Transform, parts: graph.Parts, settings: Mapping[str, Array]
    ) -> tuple[Array, Array | None]:
        """A piece of the plate as the generator makes it, mixed over the plate."""
        if transform.fused is None:
            return self._run_plain(piece, transform, parts, settings)
        arrays = {graph.PLATE: piece.rgb, graph.ALPHA: piece.alpha, graph.WEIGHT: piece.weight}
        given = {name: array for name, array in arrays.items() if array is not None}
        return self._runner.run(given, settings, parts)

    def _run_plain(
        self, piece: Piece, transform: Transform, parts: graph.Parts, settings: Mapping[str, Array]
    ) -> tuple[Array, Array | None]:
        """The same with colour by OpenColorIO, for spaces that are no matrix and curve."""
        light = piece.rgb if piece.alpha is None else piece.rgb / piece.alpha
        picture = transform.forward(light)
        made, trust = self._runner.run({graph.PLATE: picture}, settings, parts)
        result = transform.inverse(made)
        if piece.alpha is not None:
            result = result * piece.alpha
        if piece.weight is not None:
            result = piece.rgb + piece.weight * (result - piece.rgb)
        return result, trust

    def _noise(self, noise: Array | None) -> dict[str, Array]:
        """The input of role "noise", where there is one, and those of role "numbers", which only `compute` fills."""
        ports = [port for port in self.card.inputs if port.role in ("noise", "numbers")]
        rows = {port.name: np.zeros((1, port.length), np.float32) for port in ports}
        return rows if noise is None else dict.fromkeys(rows, noise)

    def _settings(self, controls: Mapping[str, Any], strength: float) -> dict[str, Array]:
        """Numbers for the graph: the strength, and every control."""
        checked = resolve(self.card.controls, check_settings(self.card.controls, controls), 0)
        settings = {name: np.asarray(float(value), np.float32) for name, value in checked.items()}
        return settings if strength == 1 else {**settings, graph.STRENGTH: np.full(1, strength, np.float32)}


def _numberless(made: Array, plate: Array) -> int:
    """How many values are NaN or infinite that were numbers in the plate; their sum tells at once where none is."""
    with np.errstate(over="ignore", invalid="ignore"):
        fit = np.isfinite(made.sum())
    return 0 if fit else int(np.count_nonzero(np.isfinite(plate) & ~np.isfinite(made)))
