"""Fire in the air: what burns, rises, cools and smokes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from .flow import advected, confinement, incompressible
from .scenes import Grid, Scene

__all__ = ["STEPS", "Burning"]

STEPS = 3
"""Of a frame: what rises by 20 cells a frame moves by 7 in each of them."""
_RIM = 0.08  # share of the slab's sides in which the air comes to rest and is cleared
_STIR = 0.03  # share by which air inside takes on a frame the eddies of the air around
_CATCH = 0.4  # share of what an emitter gives that burns after a step; all at once would print steps as ribs
_PATCH = 40  # cells across; smaller ones would be printed again at every step, as ribs
_FLICKER = 3.0  # frames between two patterns of patches


class Burning:
    """Scenes as they burn, side by side in a batch, each in a slab of its own.

    `velocity` is N x 3 x d x h x w in cells of its own grid a frame, `carried` N x 2 x D x H x W: the share of its life
    that what burns has left, and smoke.
    """

    def __init__(self, scenes: Sequence[Scene], grid: Grid, *, device: torch.device | None = None) -> None:
        self.scenes, self.grid, self.time = scenes, grid, 0.0
        self.device = device or torch.device("cpu")
        cells = (grid.depth, grid.height, grid.width)
        coarse = tuple(each // grid.coarser for each in cells)
        self.carried = torch.zeros(len(scenes), 2, *cells, device=self.device)
        self.rim = _rim(cells).to(self.device)
        self.coarse_rim = F.avg_pool3d(self.rim[None], grid.coarser)[0]
        unrest = torch.stack([_eddies(scene, coarse) for scene in scenes]).to(self.device)
        self.wind = torch.stack([torch.tensor([*scene.wind, 0.0]) for scene in scenes]).to(self.device) / grid.coarser
        self.eddies = self.wind[..., None, None, None] + unrest * self._each("unrest") / grid.coarser
        self.velocity = incompressible(self.eddies, wind=self.wind)

    @property
    def heat(self) -> Tensor:
        """N x D x H x W, 0..1."""
        return self.carried[:, 0] ** 3

    @property
    def smoke(self) -> Tensor:
        """N x D x H x W, from 0."""
        return self.carried[:, 1]

    def step(self) -> None:
        """Go on by a part of a frame."""
        time = 1 / STEPS
        push = confinement(self.velocity, self._each("confinement"))
        push[:, 1] -= F.avg_pool3d(self.heat, self.grid.coarser) * self._each("lift")[:, 0] / self.grid.coarser
        moved = advected(self.velocity, self.velocity, time) + time * push
        moved = moved + (1 - torch.exp(-time * (self.coarse_rim + _STIR))) * (self._around() - moved)
        self.velocity = incompressible(moved, wind=self.wind)
        left, smoke = advected(self.carried, self.velocity, time).chunk(2, 1)
        self.time += time
        fed = self._fed()
        left = left - time / (3 * self._each("life"))
        left = left + _CATCH * (fed - left).clamp(min=0)
        smoke = smoke + time / self._each("linger") * (fed - smoke)
        self.carried = torch.cat([left, smoke], 1).clamp(min=0) * torch.exp(-time * self.rim)

    def _around(self) -> Tensor:
        """The air that comes in: eddies that have moved on with the wind."""
        ways = (self.time * self.wind[:, :2]).round().int().tolist()
        pairs = zip(self.eddies, ways, strict=True)
        return torch.stack([eddies.roll((down, right), (-2, -1)) for eddies, (right, down) in pairs])

    def _fed(self) -> Tensor:
        """How much emitters give, N x 1 x D x H x W."""
        depth = torch.linspace(-1, 1, self.grid.depth)[:, None, None]
        body = (1.5 * (1 - depth.abs())).clamp(0, 1)
        return torch.stack([self._matte(scene) * body * self._patches(scene) for scene in self.scenes])[:, None].to(
            self.device
        )

    def _matte(self, scene: Scene) -> Tensor:
        mattes = [emitter.matte(self.time, self.grid, soft=scene.soft) for emitter in scene.emitters]
        return torch.stack(mattes).amax(0)

    def _patches(self, scene: Scene) -> Tensor:
        """Where an emitter gives more and where less, changing as it flickers: D x H x W, 0..1."""
        number, share = divmod(self.time / _FLICKER, 1)
        pair = [_pattern(scene.seed, int(number) + each, self.grid) for each in (0, 1)]
        between: Tensor = (pair[0] * (1 - share) + pair[1] * share) / (share**2 + (1 - share) ** 2) ** 0.5
        return (1 + scene.patchy * (between - 0.3)).clamp(0, 1)

    def _each(self, name: str) -> Tensor:
        values = torch.tensor([getattr(scene, name) for scene in self.scenes], device=self.device)
        return values.view(-1, 1, 1, 1, 1)


def _pattern(seed: int, number: int, grid: Grid) -> Tensor:
    """Smooth noise of variance about 1."""
    chance = torch.Generator().manual_seed((seed << 20) + number)
    size = (grid.depth // 8 + 1, grid.height // _PATCH + 2, grid.width // _PATCH + 2)
    knots = torch.randn(1, 1, *size, generator=chance)
    size = (grid.depth, grid.height, grid.width)
    pattern: Tensor = 1.5 * F.interpolate(knots, size=size, mode="trilinear", align_corners=True)[0, 0]
    return pattern


def _eddies(scene: Scene, size: tuple[int, ...]) -> Tensor:
    """Air that is never still: 3 x d x h x w, mean square 1."""
    chance = torch.Generator().manual_seed(scene.seed + 1)
    knots = torch.randn(1, 3, *(max(2, each // 16) for each in size), generator=chance)
    smooth: Tensor = incompressible(F.interpolate(knots, size=size, mode="trilinear"))[0]
    return smooth / smooth.square().mean().sqrt()


def _rim(size: tuple[int, ...]) -> Tensor:
    """How fast what comes near the slab's sides is brought to rest, a frame: 1 x D x H x W."""
    _, height, width = size
    sides = [torch.linspace(-1, 1, each).abs() for each in (height, width)]
    near = [((each - (1 - 2 * _RIM)) / (2 * _RIM)).clamp(min=0) for each in sides]
    rim = torch.maximum(near[0][:, None], near[1][None]) ** 2
    return rim.expand(1, *size).clone()
