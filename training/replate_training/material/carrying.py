"""Clips to train on: takes of the simulation with noise carried along, and the renderer's own coarse field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from replate.effects.emitter import Emitter
from replate.effects.field import SHEETS, field, flows
from replate.effects.lattice import SAMPLES, Lattice
from replate.effects.motion import CARRY, STRETCH, Motion
from replate.effects.refining import FINER, carried, enlarged, planes
from replate.frame import Window
from replate.nodes.effect_field import FieldEffect
from replate.params import Setting, resolve

from ..simulation.burning import STEPS
from ..simulation.scenes import Grid, Scene, drawn
from ..simulation.takes import Take
from .flowing import Clip

__all__ = ["rendered", "simulated"]

_EDDY = FINER * SAMPLES  # samples across the largest eddy: what the network sees, whatever the picture's size
_ROOM = Grid(depth=1, height=352, width=256)  # of a rendered clip
_LATE = 10_000.0  # frames of which a rendered clip shows any


def simulated(take: Take, settings: Mapping[str, Setting], *, seed: int) -> Clip:
    """A take as a clip; `settings` are those of the node's parameters that say how old the carried noise is. Its first
    moments are not in it: they tell where the air was before the others."""
    per_step, (height, width) = take.flow.float() / STEPS, take.heat.shape[-2:]
    right, down = (STEPS * float(each) for each in per_step.mean((0, 2, 3)))
    values = _values({**settings, "wind.x": right, "wind.y": down, "rise": 0.0, "seed": seed}, lengths=False)
    age = max(1, round(Motion.of(values, 0).drawn))
    coarse = F.interpolate(per_step, size=(height // FINER, width // FINER), mode="area")
    clip = []
    for moment in range(STEPS * age, len(take.heat)):
        frame = moment / STEPS
        origin = _origin(coarse[moment - STEPS * age : moment].flip(0), (height, width))
        noise = carried(enlarged(origin.permute(1, 2, 0).numpy()), Motion.of(values, frame).waves(frame - age))
        clip.append(torch.stack([take.heat[moment], take.smoke[moment], torch.from_numpy(noise[..., 0]).half()]))
    return Clip(torch.stack(clip), per_step[STEPS * age :].half(), fine=True)


def rendered(kind: str, settings: Mapping[str, Setting], *, seed: int, moments: int = 5) -> list[Clip]:
    """So many moments of fire or smoke as the renderer's field has them with such `settings`; one clip for each sheet.
    Emitters are those of the simulation."""
    scene, chance = drawn(kind, seed), torch.Generator().manual_seed(seed)
    values = _varied(_values({**settings, "seed": seed}), chance)
    start = _LATE * float(torch.rand((), generator=chance))
    seen = [_moment(scene, values, start + each / STEPS) for each in range(moments)]
    return [_clip([moment[sheet] for moment in seen]) for sheet in range(SHEETS)]


def _moment(scene: Scene, values: Mapping[str, Any], frame: float) -> list[tuple[Tensor, Tensor]]:
    """Of each sheet the planes, 3 x H x W, and how far its shapes go until the next moment, 2 x h x w."""
    motion, window = Motion.of(values, frame), Window(0, 0, _ROOM.width, _ROOM.height)
    mattes = [_matte(scene, frame - age) for age in range(motion.seen)]
    lattice = Lattice.over(window, (motion.across, motion.size))
    made = field(Emitter(mattes, window, softness=motion.softness), motion, lattice)
    ahead = torch.from_numpy(_ways(motion, lattice) / STEPS).movedim(-1, 0)
    shown = [torch.from_numpy(each).movedim(-1, 0) for each in planes(made, motion)]
    return [(shown[sheet], ahead[sheet::SHEETS]) for sheet in range(SHEETS)]


def _ways(motion: Motion, lattice: Lattice) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """How far shapes go in a frame. What burns passes through the eddies that shape it, so they are slower than it."""
    passed = np.repeat(np.array(motion.mean(motion.now), np.float32) * np.float32(1 - CARRY), SHEETS)
    ways: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = flows(motion, lattice) - passed
    return ways


def _clip(moments: Sequence[tuple[Tensor, Tensor]]) -> Clip:
    shown, flow = (torch.stack(each).half() for each in zip(*moments, strict=True))
    return Clip(shown, flow, fine=False)


def _matte(scene: Scene, time: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    mattes = [emitter.matte(time, _ROOM, soft=FINER) for emitter in scene.emitters]
    small = F.avg_pool2d(torch.stack(mattes).amax(0)[None], FINER)[0]
    matte: np.ndarray[tuple[int, ...], np.dtype[np.float32]] = small.numpy()
    return matte


def _origin(flows: Tensor, shape: Sequence[int]) -> Tensor:
    """Where the air of each coarse sample was, 2 x h x w in largest eddies, by its flows (n x 2 x h x w, samples a
    step), the latest first."""
    height, width = flows.shape[-2:]
    y, x = torch.meshgrid(torch.arange(height) + 0.5, torch.arange(width) + 0.5, indexing="ij")
    places, size = FINER * torch.stack([x, y], -1), torch.tensor([shape[1], shape[0]])
    for flow in flows:
        here = F.grid_sample(flow[None], 2 * places[None] / size - 1, padding_mode="border", align_corners=False)
        places = places - here[0].permute(1, 2, 0)
    return (places / torch.tensor([_EDDY, _EDDY * STRETCH])).permute(2, 0, 1)


def _values(settings: Mapping[str, Setting], *, lengths: bool = True) -> dict[str, Any]:
    """The node's parameters in samples of the fine lattice; without `lengths` they are so already."""
    values = dict(resolve(FieldEffect.params, settings, 0))
    return values | ({"scale": _EDDY / values["size"]} if lengths else {"size": float(_EDDY), "scale": 1.0})


def _varied(values: Mapping[str, Any], chance: torch.Generator) -> dict[str, Any]:
    """Others that an artist might set."""
    factors = (0.6 + 0.8 * torch.rand(3, generator=chance)).tolist()
    changed = {
        name: values[name] * each for name, each in zip(("rise", "turbulence", "softness"), factors, strict=True)
    }
    windy = float(torch.rand((), generator=chance)) < 0.4
    return {**values, **changed, "wind.x": 4 * float(torch.randn((), generator=chance)) if windy else 0.0}
