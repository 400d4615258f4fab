"""Simulated fire and smoke made coarse, with learnt detail, and as they were: python docs/pictures/detail.py TAKES

TAKES is a folder of takes that no training has seen: replate dataset simulate fire --seed 9001 --takes 1 --out TAKES
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from make import save
from torch import Tensor

from replate.catalogue import shipped
from replate.color import to_space, transform
from replate.demo import Picture
from replate.effects.light import Light, lit
from replate.generator import Generator
from replate.nodes.effect_field import FieldEffect
from replate.params import resolve
from replate_training import recipes
from replate_training.material.carrying import simulated
from replate_training.material.flowing import coarsened
from replate_training.simulation.takes import Take

SEED, SIGMA = 9001, 6.5
"""Of the take, and of the blur: in the middle of how coarse it is made in training."""
CROP = (slice(20, 300), slice(4, 204))


def main() -> None:
    """A row for each kind that ships."""
    kinds = [path.stem for path in shipped("effect") if path.stem in ("fire", "smoke")]
    save(np.concatenate([row(kind, Path(sys.argv[1])) for kind in kinds]), "detail")


def row(kind: str, takes: Path) -> Picture:
    """The last moment of a take, thrice."""
    take = Take.load(takes / f"{kind}_{SEED}.npz")
    fine = simulated(take, recipes.find(kind).defaults, seed=0).planes[-1:].float()
    shown = fine.clone()
    shown[:, :2] = coarsened(fine[:, :2], SIGMA)
    generator = Generator.load(kind, device="cpu")
    same = transform(generator.card.space, generator.card.space)
    made = generator.apply(planes(shown), transform=same, confidence=False)[0]
    return np.concatenate([seen(each, kind) for each in (planes(shown), made, planes(fine))], axis=1)


def planes(picture: Tensor) -> Picture:
    """H x W x 3."""
    return np.ascontiguousarray(picture[0].permute(1, 2, 0).numpy())


def seen(shown: Picture, kind: str) -> Picture:
    """A crop as the node lights it, doubled, 8-bit."""
    values = resolve(FieldEffect.params, recipes.find(kind).defaults, 0)
    wall = np.float32(0 if values["intensity"] else 0.1)
    element = lit(
        np.ascontiguousarray(shown[CROP][..., :1]), np.ascontiguousarray(shown[CROP][..., 1:2]), Light.of(values)
    )
    codes = to_space(wall * (1 - element.alpha) + element.light, "ACEScg", "sRGB - Texture").clip(0, 1)
    eight = (255 * codes).round().astype(np.uint8)
    return cv2.resize(eight, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)


if __name__ == "__main__":
    main()
