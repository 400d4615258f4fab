"""The generator of light: what a lens and film make of the lights in a picture, at any distance from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Light"]

_SIDE = 7  # of every kernel
_MARGIN = 3  # rows around each level's picture into which light can leak and come back, see `_Pyramid`
_SEEN = (-10.0, 7.0)  # octaves between a kernel's size and a level's pixel within which the level's part changes


class Light(nn.Module):
    """Light that lenses and film spread around lights; linear in the lights, so true at any exposure.

    `parts` takes `plate`, N x 3 x H x W of light, scene-linear; `round`, N x 9: log2 of the glow's size in pixels, its
    falloff, log2 of the halation's radius, how much of each channel's light glows (3) and how much makes halation (3);
    and `ray`, N x 6: log2 of the size of a ray along the rows for each channel (3), and how much of each goes into it
    (3). It gives what is spread all around, and what is spread along the rows, N x 3 x H x W both. Beyond its borders a
    plate is dark.

    Every picture is spread by a pyramid of small convolutions (Farbman et al., "Convolution pyramids", 2011) with
    nothing but sums and products in between. What is learnt is how each level's kernel follows from the numbers: the
    same function at every level, of the size counted in the level's pixels, because profiles have no scale of their
    own.

    In training no pictures pass through the pyramids, only points: what they make of one is a fixed sum of the parts of
    kernels, so `seen` and `row` hold, for some pixels near points, what every part adds there (pixels x levels * parts,
    see `responses`), and `forward` gives light at these pixels: of glows (N x 2: size, falloff), rings and rays (N x
    1), one after the other, N x pixels.
    """

    takes: ClassVar[tuple[str, ...]] = ("plate", "round", "ray")
    lengths: ClassVar[Mapping[str, int]] = {"round": 9, "ray": 6}
    gives: ClassVar[tuple[str, ...]] = ("result", "streak")
    whole = True
    multiple = 1

    def __init__(self, *, levels: int = 10, width: int = 64) -> None:
        super().__init__()
        self.plane, self.line = _Pyramid(levels, across=True), _Pyramid(levels, across=False)
        self.glow = _Kernels(levels, _circles(), width, falls=True)
        self.halation = _Kernels(levels, _circles(), width, tail=2)
        self.streak = _Kernels(levels, _pairs(), width, tail=1, across=1)

    def forward(self, seen: Tensor, row: Tensor, glows: Tensor, rings: Tensor, rays: Tensor) -> Tensor:
        with torch.autocast(seen.device.type, enabled=False):  # light of a millionth counts as much as a tenth
            made = (
                self.glow.mix(glows[:, :1], glows[:, 1:]).flatten(1) @ seen.T,
                self.halation.mix(rings).flatten(1) @ seen.T,
                self.streak.mix(rays).flatten(1) @ row.T,
            )
            return torch.cat(made, 1)

    def parts(self, plate: Tensor, round: Tensor, ray: Tensor) -> tuple[Tensor, Tensor]:
        """Both pictures; a file of the network is asked for one at a time."""
        return self.around(plate, round), self.along(plate, ray)

    def around(self, plate: Tensor, numbers: Tensor) -> Tensor:
        """What glow and halation add."""
        glow, halation = self.glow(numbers[:, 0:1], numbers[:, 1:2]), self.halation(numbers[:, 2:3])
        kernels = glow * numbers[:, 3:6, None, None, None] + halation * numbers[:, 6:9, None, None, None]
        out: Tensor = self.plane(plate, kernels)
        return out

    def along(self, plate: Tensor, numbers: Tensor) -> Tensor:
        """What rays along the rows add."""
        kernels = torch.cat([self.streak(numbers[:, channel : channel + 1]) for channel in range(3)], 1)
        out: Tensor = self.line(plate, kernels * numbers[:, 3:6, None, None, None])
        return out

    @torch.no_grad()
    def responses(self, side: int, places: Sequence[tuple[int, int]]) -> tuple[Tensor, Tensor]:
        """What every part of every kernel makes of a point at each of the places (row, column) in a picture of side x
        side: places x side x side x levels * parts, and for rows, places x side x levels * parts."""
        points = torch.zeros(len(places), 1, side, side)
        for point, (row, column) in zip(points, places, strict=True):
            point[0, row, column] = 1
        around = [self.plane(points, kernel)[:, 0] for kernel in self.glow.each()]
        rows = points.sum(2, keepdim=True)
        along = [self.line(rows, kernel)[:, 0, 0] for kernel in self.streak.each()]
        return torch.stack(around, -1), torch.stack(along, -1)


class _Kernels(nn.Module):
    """The kernels of all levels as a function of a size, N x 1 in octaves of a pixel, by a small network.

    `basis` is parts x h x w, what a kernel is mixed of. Where a profile falls as the power -2 - `tail` of the distance
    (-1 - tail `across` 1 dimension), levels far coarser than its size have a share of its light that falls by `tail`
    octaves an octave, and levels far finer one that falls by 1 or 2: that is given, and what lies between is learnt.
    One that `falls` is told its falloff, N x 1, too.
    """

    def __init__(
        self, levels: int, basis: Tensor, width: int, *, tail: int = 0, across: int = 2, falls: bool = False
    ) -> None:
        super().__init__()
        ends = torch.zeros(levels, 2)
        ends[0, 0] = ends[1, 1] = 1  # the finest levels do the work of still finer ones, too
        self.tail, self.across = tail, across
        self.ends: Tensor
        self.basis: Tensor
        self.marks: Tensor
        self.register_buffer("marks", torch.arange(_SEEN[0], _SEEN[1] + 0.1, 0.5), persistent=False)
        self.register_buffer("ends", ends, persistent=False)
        self.register_buffer("basis", basis, persistent=False)
        self.think = nn.Sequential(
            nn.Linear(len(self.marks) + 2 + falls, width),
            nn.SiLU(),
            nn.Linear(width, width),
            nn.SiLU(),
            nn.Linear(width, len(basis)),
        )

    def forward(self, size: Tensor, falloff: Tensor | None = None) -> Tensor:
        """Kernels, N x 1 x levels x h x w."""
        return torch.einsum("nlk,khw->nlhw", self.mix(size, falloff), self.basis)[:, None]

    def mix(self, size: Tensor, falloff: Tensor | None = None) -> Tensor:
        """How much of every part is in them, N x levels x parts."""
        share, told = self._told(size, falloff)
        out: Tensor = share * self.think(told)
        return out

    def hidden(self, size: Tensor, falloff: Tensor | None = None) -> Tensor:
        """What the last layer makes a mix of, with 1 for its bias, N x levels x width + 1; the mix is linear in it."""
        share, told = self._told(size, falloff)
        hidden = self.think[:-1](told)
        return share * torch.cat([hidden, torch.ones_like(hidden[..., :1])], -1)

    def _told(self, size: Tensor, falloff: Tensor | None) -> tuple[Tensor, Tensor]:
        """The share that is given, and what is told to the network for the rest."""
        octaves = (size - torch.arange(len(self.ends)).to(size)).clamp(*_SEEN)[..., None]
        told = [torch.exp(-3 * (octaves - self.marks) ** 2), self.ends.expand(len(size), -1, -1)]
        tail: Tensor | int = self.tail
        if falloff is not None:
            tail = (falloff[..., None] - 2).clamp(0.1, 3.0)
            told.append(tail.expand_as(octaves) - 1)
        share = torch.exp2(tail * octaves.clamp(max=0.0) - self.across * octaves.clamp(min=0.0))
        return share, torch.cat(told, -1)

    def each(self) -> Iterator[Tensor]:
        """Each part of each level by itself, as kernels of one picture's one channel."""
        levels = len(self.ends)
        for level in range(levels):
            for part in self.basis:
                kernel = part.new_zeros(1, 1, levels, *part.shape)
                kernel[0, 0, level] = part
                yield kernel


class _Pyramid(nn.Module):
    """Light and its kernels, N x C x levels x h x w, to light spread by them: along the rows, and `across` them, too.

    A level's pixel j is the level's below at 2 j, blurred by a bell. Its taps for even and for odd pixels sum to the
    same, so a light's energy does not depend on where in the grid it lies: it does not flicker when it moves. Every
    level is computed `_MARGIN` pixels beyond its picture on all sides: a filter of seven taps leaks no farther, because
    ever coarser pixels are ever larger. So the border of a picture is the border of an endless dark one.
    """

    def __init__(self, levels: int, *, across: bool) -> None:
        super().__init__()
        self.levels, self.across = levels, across
        self.taps: Tensor
        self.register_buffer("taps", torch.tensor([1, 6, 15, 20, 15, 6, 1]) / 64, persistent=False)

    def forward(self, light: Tensor, kernels: Tensor) -> Tensor:
        kernels = kernels.expand(len(light), light.shape[1], -1, -1, -1)
        pictures = [self._pad(light, _MARGIN, _MARGIN)]
        for _ in range(self.levels - 1):
            pictures.append(self._smaller(pictures[-1]))
        spread = _each(pictures[-1], kernels[:, :, -1])
        for level in reversed(range(self.levels - 1)):
            spread = self._larger(spread, pictures[level]) + _each(pictures[level], kernels[:, :, level])
        height, width = light.shape[-2:]
        top = _MARGIN if self.across else 0
        return spread[..., top : top + height, _MARGIN : _MARGIN + width]

    def _smaller(self, picture: Tensor) -> Tensor:
        taps, channels = self.taps, picture.shape[1]
        wide = self._pad(picture, _MARGIN + 3, _MARGIN + 4)
        rows = F.conv2d(wide, taps.expand(channels, 1, 1, _SIDE), stride=(1, 2), groups=channels)
        if not self.across:
            return rows
        return F.conv2d(rows, taps[:, None].expand(channels, 1, _SIDE, 1), stride=(2, 1), groups=channels)

    def _larger(self, picture: Tensor, like: Tensor) -> Tensor:
        taps, channels, lead = 2 * self.taps, picture.shape[1], _MARGIN + 3
        rows = F.conv_transpose2d(picture, taps.expand(channels, 1, 1, _SIDE), stride=(1, 2), groups=channels)
        rows = rows[..., lead : lead + like.shape[-1]]
        if not self.across:
            return rows
        both = F.conv_transpose2d(rows, taps[:, None].expand(channels, 1, _SIDE, 1), stride=(2, 1), groups=channels)
        return both[..., lead : lead + like.shape[-2], :]

    def _pad(self, picture: Tensor, before: int, after: int) -> Tensor:
        return F.pad(picture, (before, after, before, after) if self.across else (before, after, 0, 0))


def _each(picture: Tensor, kernels: Tensor) -> Tensor:
    """Every channel of every picture with its own kernel, N x C x h x w; dark beyond the borders."""
    count, channels, height, width = picture.shape
    side = kernels.shape[-2:]
    flat = picture.reshape(1, count * channels, height, width)
    padding = (side[0] // 2, side[1] // 2)
    spread = F.conv2d(flat, kernels.reshape(-1, 1, *side), padding=padding, groups=count * channels)
    return spread.reshape(count, channels, height, width)


def _circles() -> Tensor:
    """Pixels of a kernel at the same distance from its middle share a weight: their sets, count x 7 x 7."""
    span = torch.arange(_SIDE) - _SIDE // 2
    squares = (span[:, None] ** 2 + span[None] ** 2).float()
    return torch.stack([(squares == each).float() / (squares == each).sum() for each in torch.unique(squares)])


def _pairs() -> Tensor:
    """The same for rows: count x 1 x 7."""
    away = (torch.arange(_SIDE) - _SIDE // 2).abs()
    return torch.stack([(away == each).float() / (away == each).sum() for each in torch.unique(away)])[:, None]
