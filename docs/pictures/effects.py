"""Render the pictures and the short movies of docs/effects.md again: python docs/pictures/effects.py [fire] [smoke]"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from filming import film

from replate.color import to_space
from replate.frame import Frame
from replate.generator import Generator
from replate.nodes import Engine, node_for
from replate.params import check_settings

HERE = Path(__file__).parent
CELL, FRAME = (200, 160), 1050
SHOWN = {"fire": (0.4, (44, 9), 0.02), "smoke": (0.2, (20, 5), 0.1)}
"""At what scale, from an ellipse of which half axes, and over how bright a plate each is shown."""
STRIPS: Mapping[str, Mapping[str, Mapping[str, Sequence[float]]]] = {
    "fire": {
        "look": {
            "intensity": (0.1, 0.4, 1, 2.5),
            "temperature": (1400, 1700, 2000, 2600),
            "cooling": (0, 0.25, 0.45, 0.7),
            "threshold": (0.02, 0.12, 0.25, 0.45),
            "edge": (0.02, 0.1, 0.25, 0.6),
            "opacity": (0, 0.3, 0.7, 3),
            "balance": (3200, 4500, 6000, 8000),
            "smoke.amount": (0, 4, 12, 30),
            "smoke.glow": (0, 0.3, 0.8, 2),
            "cast.amount": (0, 0.3, 1, 3),
        },
        "motion": {
            "size": (80, 120, 160, 260),
            "rise": (9, 14, 18, 24),
            "turbulence": (0, 3, 6, 10),
            "wind.x": (-10, 0, 5, 10),
            "life": (6, 10, 14, 20),
            "unevenness": (0, 0.3, 0.6, 1.2),
            "softness": (4, 12, 24, 40),
            "detail": (0, 0.5, 1, 1.5),
            "seed": (0, 1, 2, 3),
            "offset": (0, 1, 2, 3),
        },
    },
    "smoke": {
        "look": {
            "smoke.amount": (3, 10, 40, 100),
            "smoke.light": (0.1, 0.4, 1, 2),
            "smoke.sky": (0, 0.15, 0.4, 1),
            "smoke.angle": (0, 60, 120, 240),
            "smoke.shadow": (0, 0.3, 0.7, 1.5),
            "smoke.red": (0.1, 0.4, 0.75, 0.95),
            "billow": (0, 0.35, 0.7, 1.4),
            "linger": (15, 30, 60, 90),
            "spread": (0, 1, 2, 5),
            "turbulence": (0, 1.3, 2.6, 5),
        },
    },
}
BESIDE = {"smoke.glow": {"smoke.amount": 12.0, "smoke.light": 0.0, "smoke.sky": 0.02}, "opacity": {"plate": 0.5}}
"""What else is set on a strip, so that its parameter can be seen."""


class Stage:
    """A generator in its node, with an ellipse that burns at the foot of the picture."""

    def __init__(self, name: str) -> None:
        generator = Generator.load(name, device="cpu", threads=1)
        self.name, kind = name, node_for("effect", generator.card)
        self.node, self.params = kind(Engine(generator=generator)), kind.params_with(generator.card)

    def picture(self, number: int, *, times: int = 1, plate: float | None = None, **given: Any) -> Any:
        """A frame as a screen shows it, 8-bit BGR, `times` as large as a cell."""
        height, width = (times * side for side in CELL)
        scale, axes, light = SHOWN[self.name]
        settings = {param.name: param.default for param in self.params} | {"scale": scale * times}
        settings |= check_settings(self.params, given)
        mask = np.zeros((height, width, 1), np.float32)
        cv2.ellipse(mask, (width // 2, height - 20 * times), (axes[0] * times, axes[1] * times), 0, 0, 360, 1, -1)
        light = light if plate is None else plate
        behind = Frame.of(np.full((height, width, 3), light, np.float32), number=number, space="ACEScg")
        emitter = dict.fromkeys(self.node.offsets(settings), Frame.of(mask, "Y"))
        values = self.node.values(self.params, settings, number)
        made = self.node.process({"plate": {0: behind}, "mask": emitter}, values)
        shown = to_space(made.pixels, "ACEScg", "sRGB - Texture")
        return np.rint(shown[..., ::-1].clip(0, 1) * 255).astype(np.uint8)


def sheet(stage: Stage, strips: Mapping[str, Sequence[float]]) -> Any:
    """A row for each parameter: its name and, under each picture, its value."""
    rows = [np.hstack([_cell(stage, name, value) for value in values]) for name, values in strips.items()]
    return np.vstack(rows)


def _cell(stage: Stage, name: str, value: float) -> Any:
    picture = stage.picture(FRAME, **{**BESIDE.get(name, {}), name: value})
    picture[:20] = 0
    cv2.putText(picture, f"{name} {value:g}", (6, 14), 0, 0.4, (255,) * 3, 1, cv2.LINE_AA)
    return picture


def movie(stage: Stage, path: Path, *, count: int) -> None:
    """A short one, twice as large."""
    film(path, (stage.picture(number, times=2) for number in range(FRAME, FRAME + count)))


def main(names: Sequence[str]) -> None:
    """Everything for each generator."""
    for name in names or STRIPS:
        stage = Stage(name)
        for what, strips in STRIPS[name].items():
            _save(f"{name}_{what}.jpg", sheet(stage, strips))
        frames = [stage.picture(FRAME + 3 * each) for each in range(8)]
        _save(f"{name}_frames.jpg", np.vstack([np.hstack(frames[:4]), np.hstack(frames[4:])]))
        movie(stage, HERE / f"{name}.mp4", count=72)


def _save(name: str, picture: Any) -> None:
    cv2.imwrite(str(HERE / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 85])


if __name__ == "__main__":
    main(sys.argv[1:])
