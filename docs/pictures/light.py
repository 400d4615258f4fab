"""Render the pictures and the short movie of docs/light.md again: python docs/pictures/light.py"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from filming import film

from replate.color import to_display
from replate.demo import SAMPLE
from replate.frame import Frame
from replate.generator import Generator
from replate.media import open_source
from replate.nodes import Engine
from replate.nodes.effect_light import LightEffect
from replate.params import resolve

HERE, SPACE = Path(__file__).parent, "ACEScg"
Picture = npt.NDArray[Any]

STRIPS: Sequence[tuple[str, Sequence[float], dict[str, Any]]] = (
    ("glow.amount", (0.05, 0.2, 0.5, 1.0), {}),
    ("glow.size", (2, 8, 25, 80), {"glow.amount": 0.5}),
    ("glow.falloff", (2.2, 2.6, 3.2, 4.5), {"glow.amount": 0.5}),
    ("halation.size", (8, 20, 40, 70), {"halation.amount": 0.6}),
    ("star.blades", (2, 5, 6, 8), {"star.amount": 0.5, "star.size": 25}),
    ("star.size", (6, 15, 40, 80), {"star.amount": 0.5}),
    ("ghosts.count", (1, 3, 6, 9), {"ghosts.amount": 0.12}),
    ("shafts.length", (60, 150, 400, 1200), {"shafts.amount": 0.06, "shafts.dust": 0.0}),
    ("shafts.dust", (0, 0.3, 0.6, 1.0), {"shafts.amount": 0.06}),
    ("dirt.amount", (0.05, 0.15, 0.4, 1.0), {"dirt.size": 250}),
)
NONE = {f"{part}.amount": 0.0 for part in ("glow", "halation", "star", "shafts", "ghosts", "dirt")}
SIZE = (180, 320)


def main() -> None:
    """Before and after for a tree and for the bundled city; and a strip of four for each of some parameters."""
    generator = Generator.load("light")
    plate, tree = sunset(270, 480)
    air = {"shafts.amount": 0.02, "shafts.x": 0.65, "shafts.y": 0.31, "shafts.dust": 0.35, "ghosts.amount": 0.01}
    city = night()
    pairs = (
        (plate, lit(generator, plate, air | {"star.amount": 0.02, "scale": 0.5}, holdout=tree)),
        (city, lit(generator, city, {"gain": 12.0, "threshold": 0.5, "scale": 0.5})),
    )
    rows = [np.concatenate([shown(before), shown(after)], 1) for before, after in pairs]
    write("light.jpg", np.concatenate([cv2.resize(row, (960, 270)) for row in rows]))
    write("light_strips.jpg", np.concatenate(list(strips(generator))))
    film(HERE / "light.mp4", passing(generator))


def passing(generator: Generator) -> Iterator[Picture]:
    """Three seconds in which the sun passes behind the tree, and haze drifts."""
    for number in range(72):
        across = 0.55 + 0.2 * number / 71
        plate, tree = sunset(270, 480, across)
        air = {"shafts.amount": 0.02, "shafts.x": across, "shafts.y": 0.31, "shafts.dust": 0.35, "ghosts.amount": 0.01}
        look = air | {"star.amount": 0.02, "scale": 0.5}
        yield shown(lit(generator, plate, look, tree, frame=number + 1))[:, :, ::-1]


def strips(generator: Generator) -> Iterator[Picture]:
    """A row for each parameter, named at its left, of two lamps behind a post."""
    plate, post = lamps(*SIZE)
    for name, values, look in STRIPS:
        label = np.full((SIZE[0] // 2, 130, 3), 20, np.uint8)
        cv2.putText(label, name, (8, 50), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (230, 230, 230), 1, cv2.LINE_AA)
        row = [label]
        for value in values:
            made = shown(lit(generator, plate, NONE | {"shafts.x": 0.35, "shafts.y": 0.4} | look | {name: value}, post))
            small = cv2.resize(made, (SIZE[1] // 2, SIZE[0] // 2), interpolation=cv2.INTER_AREA)
            cv2.putText(small, f"{value:g}", (4, 86), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (230, 230, 230), 1, cv2.LINE_AA)
            row.append(small)
        yield np.concatenate(row, 1)


def lit(
    generator: Generator, plate: Picture, look: dict[str, Any], holdout: Picture | None = None, *, frame: int = 1
) -> Picture:
    """A plate (H x W x 3, linear ACEScg) as the node leaves it."""
    frames = {"plate": {0: Frame.of(plate, space=SPACE, number=frame)}}
    if holdout is not None:
        frames["holdout"] = {0: Frame.of(holdout, "A")}
    values = resolve(LightEffect.params, look, frame)
    made: Picture = LightEffect(Engine(generator=generator)).process(frames, values).pixels
    return made


def lamps(height: int, width: int) -> tuple[Picture, Picture]:
    """Two lamps at dusk, and a post between them in front."""
    y, x = np.mgrid[:height, :width]
    plate = (0.01 + 0.04 * y / height)[..., None] * np.array([0.6, 0.8, 1.3])
    for cx, cy, light in ((0.35, 0.4, (120, 90, 60)), (0.75, 0.6, (12, 25, 40))):
        plate[np.hypot(x - cx * width, y - cy * height) < 4] = light
    post = (abs(x - 0.35 * width - 3) < 1.5).astype(np.float32)
    plate *= 1 - 0.98 * post[..., None]
    return plate.astype(np.float32), post[..., None]


def sunset(height: int, width: int, across: float = 0.65) -> tuple[Picture, Picture]:
    """A low sun, so far across, behind a tree, and the tree's matte."""
    random = np.random.default_rng(4)
    y, x = np.mgrid[:height, :width]
    away = np.hypot(x - across * width, y - 0.31 * height)
    plate = (0.02 + 0.06 * (1 - y / height))[..., None] * np.array([0.5, 0.7, 1.2])
    plate = plate + np.exp(-away / (height / 3.4))[..., None] * np.array([1.2, 0.9, 0.6])
    plate[away < height / 60] = 900, 700, 450
    tree = np.zeros((height, width), np.float32)
    for _ in range(900):
        at = round(random.normal(0.66, 0.13) * width), round(random.normal(0.37, 0.16) * height)
        turn, axes = random.uniform(0, 180), (int(random.integers(2, 7)), int(random.integers(1, 4)))
        cv2.ellipse(tree, at, axes, turn, 0, 360, 1, -1, cv2.LINE_AA)
    cv2.rectangle(tree, (round(0.65 * width), round(0.4 * height)), (round(0.675 * width), height), 1, -1)
    cv2.rectangle(tree, (0, round(0.88 * height)), (width, height), 1, -1)
    tree[np.hypot(x - 0.65 * width, y - 0.31 * height) < height / 22] = 0
    dark = np.array([0.006, 0.008, 0.004])
    return (plate * (1 - tree[..., None]) + dark * tree[..., None]).astype(np.float32), tree[..., None]


def night() -> Picture:
    """A frame of the bundled city."""
    from replate.color import convert

    with open_source(str(SAMPLE)) as source:
        frame = source.read(source.frames[0])
        return convert(np.asarray(frame.pixels[..., :3], np.float32), source.space, SPACE)


def shown(light: Picture) -> Picture:
    """For a screen, 8 bits; bright light is rolled off."""
    bent: Picture = to_display((light / (1 + 0.25 * light)).astype(np.float32), SPACE)
    return (255 * np.clip(bent, 0, 1)).astype(np.uint8)


def write(name: str, picture: Picture) -> None:
    """A small JPEG beside this script."""
    cv2.imwrite(str(HERE / name), np.ascontiguousarray(picture[..., ::-1]), [cv2.IMWRITE_JPEG_QUALITY, 82])


if __name__ == "__main__":
    main()
