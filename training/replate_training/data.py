"""What a training step is fed: crops of pairs (plate, target) and of style pictures.

A batch is a function of (seed, step) and of nothing else, so a resumed training sees what an undisturbed one sees.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from replate.errors import InputError

from .space import expose

__all__ = ["Pairs", "Style", "dice", "teach"]


def dice(seed: int, step: int, stream: str) -> torch.Generator:
    """A random generator for one use at one step."""
    digest = hashlib.sha256(f"{seed}/{step}/{stream}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:8], "big") >> 1)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Plates with the teacher's results, each 3 x H x W float16 in ACEScct, H and W at least `crop`."""

    plates: Sequence[Tensor]
    targets: Sequence[Tensor]

    def batch(self, *, count: int, crop: int, stops: float, random: torch.Generator) -> tuple[Tensor, Tensor]:
        """`count` crops (N x 3 x crop x crop float32), plate and target exposed alike by -stops .. stops."""
        picks = torch.randint(len(self.plates), (count,), generator=random).tolist()
        windows = [_window(self.plates[index], crop, random) for index in picks]
        plates = torch.stack([self.plates[i][(..., *window)] for i, window in zip(picks, windows, strict=True)])
        targets = torch.stack([self.targets[i][(..., *window)] for i, window in zip(picks, windows, strict=True)])
        shift = stops * (2 * torch.rand(count, 1, 1, 1, generator=random) - 1)
        return expose(plates.float(), shift), expose(targets.float(), shift)


@dataclass(frozen=True, slots=True)
class Style:
    """Pictures of the look itself, 3 x H x W float16 in ACEScct, H and W at least `crop`."""

    pictures: Sequence[Tensor]

    def batch(self, *, count: int, crop: int, random: torch.Generator, flattest: float = 0.03) -> Tensor:
        """`count` crops (N x 3 x crop x crop float32); one flatter than `flattest` (standard deviation) is drawn
        again, up to eight times, because an empty background teaches nothing."""
        return torch.stack([self._crop(crop, random, flattest) for _ in range(count)])

    def _crop(self, crop: int, random: torch.Generator, flattest: float) -> Tensor:
        for _ in range(8):
            picture = self.pictures[int(torch.randint(len(self.pictures), (), generator=random))]
            piece = picture[(..., *_window(picture, crop, random))].float()
            if piece.std() > flattest:
                break
        return piece


def teach(plates: Sequence[Tensor], teacher: Callable[[Tensor], Tensor], *, cache: Path) -> Pairs:
    """Pairs from plates (3 x H x W in ACEScct); what this very teacher made before is read from `cache`."""
    cache.mkdir(parents=True, exist_ok=True)
    key = _source(teacher)
    targets = [_taught(plate, teacher, cache, key) for plate in plates]
    return Pairs([plate.half() for plate in plates], targets)


def _source(teacher: Callable[[Tensor], Tensor]) -> str:
    """The teacher's module and those beside it, without comments and layout: another teacher, another cache."""
    folder = Path(inspect.getfile(teacher)).parent
    return "".join(ast.unparse(ast.parse(path.read_text())) for path in sorted(folder.glob("*.py")))


def _taught(plate: Tensor, teacher: Callable[[Tensor], Tensor], cache: Path, key: str) -> Tensor:
    digest = hashlib.sha256(key.encode() + plate.half().numpy().tobytes()).hexdigest()[:24]
    path = cache / f"{digest}.safetensors"
    if path.exists():
        return _cached(path)
    with torch.no_grad():
        target = teacher(plate[None])[0].half()
    part = path.with_suffix(".part")
    save_file({"target": target.contiguous()}, part)
    part.replace(path)
    return target


def _cached(path: Path) -> Tensor:
    try:
        return load_file(path)["target"]
    except (OSError, SafetensorError, KeyError) as error:
        raise InputError(f"the cached target {path} is damaged ({error}); delete it and start again") from None


def _window(picture: Tensor, crop: int, random: torch.Generator) -> tuple[slice, slice]:
    height, width = picture.shape[-2:]
    top = int(torch.randint(height - crop + 1, (), generator=random))
    left = int(torch.randint(width - crop + 1, (), generator=random))
    return slice(top, top + crop), slice(left, left + crop)
