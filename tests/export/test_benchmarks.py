"""The benchmarks still run; their figures are made by hand, on an idle machine."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from replate.frame import Frame
from replate.media import open_sink
from replate_export import Exported

Import = Callable[[str], ModuleType]


@pytest.fixture
def benchmark(monkeypatch: pytest.MonkeyPatch) -> Import:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    return importlib.import_module


@pytest.fixture
def options(exported: tuple[Exported, ...]) -> argparse.Namespace:
    return argparse.Namespace(looks=[str(exported[0].path)], plates=[], against=exported[0].path, threads=1)


def table(module: ModuleType, options: argparse.Namespace) -> list[str]:
    lines = str(module.measure(options)).splitlines()
    assert len({line.count(" | ") for line in lines[2:]} | {lines[0].count(" | ")}) == 1
    return lines


@pytest.mark.parametrize("name", ["stability", "exposure", "stereo", "speed"])
def test_makes_a_table(benchmark: Import, options: argparse.Namespace, name: str) -> None:
    assert table(benchmark(name), options)[0].endswith("| holds |")


def test_every_section_explains_itself(benchmark: Import) -> None:
    for section in benchmark("run").SECTIONS:
        title, _, text = section.__doc__.partition("\n\n")
        assert "\n" not in title and "hold" in text and callable(section.measure)


def test_scene_has_light_above_one_and_moves(benchmark: Import) -> None:
    first, second = benchmark("common").scene(2, size=(270, 480))
    assert first.shape == (270, 480, 3) and first.max() > 1 and first.min() >= 0
    assert not np.array_equal(first, second)


def test_judges_removal_on_some_frames_of_some_cases(benchmark: Import, shared: Path, tmp_path: Path) -> None:
    """With fills alone: what the node does with the cases is measured by hand."""
    words = ["--davis", str(shared / "data" / "davis"), "--cases", "dog_still", "--frames", "1003-1004"]
    words += ["--ways", "telea", "pyramid", "--out", str(tmp_path)]
    means, cases = str(benchmark("removal").measure(benchmark("common").parser().parse_args(words))).split("\n\n")
    assert [line.split(" | ")[:2] for line in means.splitlines()[2:]] == [
        [f"| {kind}", way] for kind in ("still", "all") for way in ("telea", "pyramid")
    ]
    assert cases.splitlines()[2].startswith("| dog_still | ")
    assert (tmp_path / "dog_still.png").is_file()


def test_judge_of_grain_knows_a_law_from_a_smooth_fill(benchmark: Import, tmp_path: Path) -> None:
    grain, removing = benchmark("grain"), benchmark("removing")
    case = grain.Case(grain.smooth(), grain.LAWS["film"], False)
    shot = grain.written(tmp_path / "film", case)
    with open_sink(shot.pattern("law")) as sink:
        for number in shot.numbers:
            grained = case.law(case.truth, np.random.default_rng(77 * number))
            sink.write(Frame.of(grained, "RGB", number=number, space=grain.SPACE, formats=("float",) * 3))
    removing.fill(shot, "pyramid", benchmark("common").parser().parse_args([]))
    assert grain.figures(shot, "law", case)[-1] == "yes"
    assert grain.figures(shot, "pyramid", case)[-1] == "**no**"
