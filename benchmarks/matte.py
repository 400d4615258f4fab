"""Mattes from a clean plate.

Figures whose alpha is known (bodies with an arm that leaves a gap, and hair as fine as pixels), cut out of photographs,
before other photographs, in scene light. The clean plate is another take: with its own grain, in an exposure and colour
that differ by up to a stop and drift over the picture, turned and moved by up to two pixels, and without the shadow
that the figure throws. MAE is the mean error of alpha, "edge" the same where the truth is neither 0 nor 1, both in
percent; "gradient" is that of Rhemann et al., "A perceptually motivated online benchmark for image matting" (CVPR
2009); IoU is taken at 0.5. SAD is the sum of errors in thousands of pixels of 640 x 480.

Beside it, for MAE and IoU: the difference of both plates in sRGB against the one limit that is best over all cases;
OpenCV's MOG2, which has seen eight grainy takes of the clean plate; and OpenCV's GrabCut, begun with the plain
difference. To hold: a smaller MAE and a larger IoU than all of them.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import skimage.data
from common import Picture, Table, holds, show

from replate.color import convert, default_space
from replate.removal.difference import difference

__all__ = ["TROUBLES", "Case", "cases", "drawn", "measure", "photographs"]

SIZE = (480, 640)
SCENE = "ACEScg"


@dataclass(frozen=True)
class Case:
    """Plate and clean plate in scene light, H x W x 3, and the truth, H x W x 1."""

    plate: Picture
    clean: Picture
    alpha: Picture


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What the two takes differ by, besides the figure."""

    grain: float = 0.0
    exposure: float = 0.0
    shake: float = 0.0
    shadow: float = 0.0


TROUBLES = {
    "none": Trouble(),
    "grain": Trouble(grain=1.0),
    "grain, exposure": Trouble(grain=1.0, exposure=1.0),
    "grain, shake": Trouble(grain=1.0, shake=1.0),
    "grain, shadow": Trouble(grain=1.0, shadow=1.0),
    "all": Trouble(grain=1.0, exposure=1.0, shake=1.0, shadow=1.0),
    "all, heavy grain": Trouble(grain=3.0, exposure=1.0, shake=1.0, shadow=1.0),
}


def cases(trouble: Trouble, sets: Sequence[Picture], figures: Sequence[tuple[Picture, Picture]]) -> Iterator[Case]:
    """Every figure (colour and alpha) before every set."""
    for seed, (set_, (colour, alpha)) in enumerate((set_, figure) for set_ in sets for figure in figures):
        yield _case(trouble, set_, colour, alpha, np.random.default_rng(seed))


def _case(trouble: Trouble, set_: Picture, colour: Picture, alpha: Picture, random: np.random.Generator) -> Case:
    lit = set_ * (1 - 0.5 * trouble.shadow * _shadow(alpha))
    plate = alpha * colour + (1 - alpha) * lit
    angle, (dx, dy) = np.radians(0.15 * random.uniform(-1, 1)), random.uniform(-2, 2, 2)
    turn = np.float32([[np.cos(angle), -np.sin(angle), dx], [np.sin(angle), np.cos(angle), dy]])
    clean = set_
    if trouble.shake:
        clean = cv2.warpAffine(set_, turn, SIZE[::-1], flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    y, x = np.mgrid[-1 : 1 : SIZE[0] * 1j, -1 : 1 : SIZE[1] * 1j]
    stops = random.uniform(-0.4, 0.4, 3) * [1, 0.3, 1] + random.uniform(-0.4, 0.4) + 0.15 * (x + y**2)[..., None]
    clean = clean * np.exp2(trouble.exposure * stops)
    return Case(_grainy(plate, trouble.grain, random), _grainy(clean, trouble.grain, random), alpha)


def _grainy(light: Picture, amount: float, random: np.random.Generator) -> Picture:
    grain = cv2.GaussianBlur(random.normal(size=light.shape), (0, 0), 0.6) * 2
    return (light + amount * grain * np.sqrt(2e-4 * np.maximum(light, 0) + 2e-6)).astype(np.float32)


def _shadow(alpha: Picture) -> Picture:
    fallen = cv2.warpAffine(alpha, np.float32([[1, 0.35, 0], [0, 0.6, 0.38 * SIZE[0]]]), SIZE[::-1])
    return cv2.GaussianBlur(fallen, (0, 0), 6)[..., None]


def scene_light(picture: Picture) -> Picture:
    """A photograph (sRGB 0..1) of the benchmark's size as scene light."""
    fitting = cv2.resize(picture, SIZE[::-1], interpolation=cv2.INTER_AREA)
    return convert(fitting, default_space("picture"), SCENE)


def photographs() -> dict[str, Picture]:
    """What scikit-image brings: public domain or BSD."""
    names = ("astronaut", "chelsea", "coffee", "rocket")
    return {name: scene_light(np.float32(getattr(skimage.data, name)()) / 255) for name in names}


def drawn(seed: int) -> Picture:
    """The alpha of a figure: head and body, hair as wide as pixels, an arm that leaves a gap to the body."""
    random, scale = np.random.default_rng(seed), 4
    alpha = np.zeros((SIZE[0] * scale, SIZE[1] * scale), np.float32)

    def at(x: float, y: float) -> tuple[int, int]:
        return int(x * alpha.shape[1]), int(y * alpha.shape[0])

    middle = random.uniform(0.35, 0.6)
    cv2.ellipse(alpha, at(middle, 0.85), at(0.13, 0.42), 0, 0, 360, 1.0, -1)
    cv2.ellipse(alpha, at(middle, 0.33), at(0.07, 0.13), 0, 0, 360, 1.0, -1)
    arm = np.array([at(middle - 0.1, 0.6), at(middle - 0.24, 0.72), at(middle - 0.09, 0.92)])
    cv2.polylines(alpha, [arm], False, 1.0, 26 * scale)
    for _ in range(110):
        turn = random.uniform(-3.3, 0.2)
        root = np.array([middle + 0.065 * np.cos(turn), 0.33 + 0.12 * np.sin(turn)])
        curl = np.cumsum(random.normal([np.cos(turn), np.sin(turn) * 1.2], 0.5, (12, 2)) * 0.008, axis=0)
        points = np.array([at(*each) for each in root + curl])
        cv2.polylines(alpha, [points], False, 1.0, int(random.integers(2, 7)), cv2.LINE_AA)
    small = cv2.resize(alpha, SIZE[::-1], interpolation=cv2.INTER_AREA)
    return cv2.GaussianBlur(small, (0, 0), random.uniform(0.3, 1.2)).clip(0, 1)[..., None]


def apart(case: Case) -> Picture:
    """The plain difference: the largest of the channels, in sRGB."""
    plate, clean = (_shown(each) for each in (case.plate, case.clean))
    return np.abs(plate - clean).max(axis=-1, keepdims=True)


def best_limit(found: Sequence[Case]) -> float:
    """For the plain difference, judged by MAE over all cases."""
    limits = np.linspace(0.02, 0.4, 20)
    errors = np.zeros(len(limits))
    for case in found:
        plain = apart(case)
        errors += [np.abs((plain > limit) - case.alpha).mean() for limit in limits]
    return float(limits[int(np.argmin(errors))])


def mixture(case: Case) -> Picture:
    """OpenCV's MOG2."""
    model = cv2.createBackgroundSubtractorMOG2(history=9, detectShadows=True)
    random = np.random.default_rng(0)
    for _ in range(8):
        model.apply(_bytes(_grainy(case.clean, 1.0, random)), learningRate=0.2)
    return np.float32(model.apply(_bytes(case.plate), learningRate=0) == 255)[..., None]


def grabbed(case: Case, limit: float) -> Picture:
    """OpenCV's GrabCut, begun with the plain difference."""
    sure = cv2.morphologyEx(np.uint8(apart(case)[..., 0] > limit), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    marks = np.where(sure > 0, cv2.GC_PR_FGD, cv2.GC_PR_BGD).astype(np.uint8)
    cv2.setRNGSeed(0)
    if sure.any() and not sure.all():
        cv2.grabCut(_bytes(case.plate), marks, None, np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    return np.float32((marks == cv2.GC_FGD) | (marks == cv2.GC_PR_FGD))[..., None]


def _shown(light: Picture) -> Picture:
    return convert(np.maximum(light, 0), SCENE, default_space("picture")).clip(0, 1)


def _bytes(light: Picture) -> Picture:
    return np.ascontiguousarray((_shown(light) * 255).round().astype(np.uint8))


def figures_of(matte: Picture, alpha: Picture) -> tuple[float, float, float, float]:
    """MAE and that of the edge in percent, gradient error, IoU."""
    error, soft = np.abs(matte - alpha), (alpha > 0.01) & (alpha < 0.99)
    slopes = [_slope(each[..., 0]) for each in (matte, alpha)]
    both, either = (matte > 0.5) & (alpha > 0.5), (matte > 0.5) | (alpha > 0.5)
    gradient = float(((slopes[0] - slopes[1]) ** 2).sum())
    return 100 * error.mean(), 100 * error[soft].mean(), gradient, both.sum() / max(either.sum(), 1)


def _slope(matte: Picture) -> Picture:
    smooth = cv2.GaussianBlur(matte, (0, 0), 1.4)
    return np.hypot(*(cv2.Sobel(smooth, -1, *way, scale=1 / 8) for way in ((1, 0), (0, 1))))


def measure(_: argparse.Namespace) -> Table:
    """A row for each trouble."""
    sets, figures = _material()
    found = {name: list(cases(trouble, sets, figures)) for name, trouble in TROUBLES.items()}
    limit = best_limit([case for each in found.values() for case in each])
    methods = {
        "Replate": lambda case: difference(case.plate, case.clean).matte,
        "limit": lambda case: np.float32(apart(case) > limit),
        "MOG2": mixture,
        "GrabCut": lambda case: grabbed(case, limit),
    }
    headings = (
        "trouble",
        "SAD",
        "MAE",
        "edge",
        "gradient",
        "IoU",
        *(f"{name}: MAE, IoU" for name in list(methods)[1:]),
        "holds",
    )
    return Table(headings, [_row(name, each, methods) for name, each in found.items()])


def _row(name: str, found: Sequence[Case], methods: dict[str, Callable[[Case], Picture]]) -> list[str]:
    means = [np.mean([figures_of(make(case), case.alpha) for case in found], axis=0) for make in methods.values()]
    (mae, edge, gradient, iou), *others = means
    good = all(mae < other[0] and iou > other[3] for other in others)
    sad = mae / 100 * SIZE[0] * SIZE[1] / 1000
    ours = [f"{sad:.1f}", f"{mae:.2f}", f"{edge:.1f}", f"{gradient:.0f}", f"{iou:.3f}"]
    return [name, *ours, *(f"{other[0]:.1f}, {other[3]:.2f}" for other in others), holds(good)]


def _material() -> tuple[list[Picture], list[tuple[Picture, Picture]]]:
    """Sets, and figures with their alpha."""
    photos = photographs()
    sets = [photos[name] for name in ("coffee", "rocket")]
    return sets, [(photos[name], drawn(seed)) for seed, name in enumerate(("astronaut", "chelsea"))]


if __name__ == "__main__":
    show(measure)
