"""Views in files of their own: which there are, and the path of each."""

from __future__ import annotations

from pathlib import Path

import pytest

from replate.errors import InputError
from replate.media.views import has_view, views_of, with_view


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


@pytest.mark.parametrize(
    ("pattern", "names", "views"),
    [
        ("shot.%V.%04d.exr", ["shot.right.0001.exr", "shot.left.0001.exr", "shot.left.0002.exr"], ("left", "right")),
        ("shot.%V.%04d.exr 1-10", ["shot.left.0001.exr"], ("left",)),
        ("%V/shot.1-10####.exr", ["right/shot.0001.exr"], ("right",)),
        ("%V/shot.####.exr", ["right/shot.0001.exr", "left/shot.0001.exr", "roto/other.0001.exr"], ("left", "right")),
        ("%V/shot.%V.$F4.exr", ["left/shot.left.0001.exr", "left/shot.right.0001.exr"], ("left",)),
        ("%v/shot.%V.#.exr", ["l/shot.left.1.exr", "r/shot.right.-5.exr", "r/shot.left.1.exr"], ("left", "right")),
        ("shot_%v.%04d.exr", ["shot_r.0001.exr", "shot_l.0001.exr", "shot_m.0001.exr"], ("left", "m", "right")),
        ("shot.%V.mov", ["shot.Left.mov", "shot.right.mov", "shot.1001.mov"], ("Left", "right")),
        ("a [1]*/%V/é shot.%04d.exr", ["a [1]*/left eye/x", "a [1]*/left-eye/é shot.0001.exr"], ("left-eye",)),
        ("take#2/%V/a%d.exr", ["take#2/left/a1.exr", "take22/right/a1.exr"], ("left",)),
        ("main_%V.%04d.exr", ["main_cam_a.0001.exr", ".main_x.0001.exr", "main_.0001.exr"], ("cam_a",)),
    ],
)
def test_the_views_on_disk(tmp_path: Path, pattern: str, names: list[str], views: tuple[str, ...]) -> None:
    touch(tmp_path, *names)
    assert views_of(str(tmp_path / pattern)) == views


def test_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "left/a.0001.exr")
    monkeypatch.chdir(tmp_path)
    assert views_of("./%V//a.%04d.exr") == ("left",)


def test_a_path_without_views_has_none() -> None:
    assert views_of("shot.%04d.exr") == ()
    assert not has_view("shot.%04d.exr")
    assert with_view("shot.%04d.exr", "left") == "shot.%04d.exr"


def test_the_path_of_one_view() -> None:
    assert has_view("%v/shot.####.exr")
    assert with_view(r"D:\%V\shot_%v.%V.%04d.exr", "left") == r"D:\left\shot_l.left.%04d.exr"


@pytest.mark.parametrize("pattern", ["%V/shot.%04d.exr", "none/%V.exr", "shot.%V.%04d.exr"])
def test_no_view_is_missing_input(tmp_path: Path, pattern: str) -> None:
    touch(tmp_path, "shot.0001.exr", "left/other.0001.exr", "shot.left.exr")
    with pytest.raises(InputError, match="no view has a file"):
        views_of(str(tmp_path / pattern))
