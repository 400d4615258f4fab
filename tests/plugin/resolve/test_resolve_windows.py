"""What an artist sees and sets in Resolve, and what happens without windows."""

from __future__ import annotations

import json

import pytest

from plates import write_shot
from replate_plugin.resolve.menu import run
from resolving.editing import START, Edit, close, movie, render_it
from resolving.windows import Desktop, Seen


def test_cancel_ends_the_render_and_leaves_the_timeline(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 20)
    desktop = Desktop(render_it, close)
    desktop.meanwhile = lambda window: window.click("Cancel")
    went_well, told = edit.work(desktop=desktop)
    assert not went_well
    assert "cancelled" in told
    assert len(edit.timeline.tracks) == 1


def test_what_was_cancelled_goes_on_where_it_was_and_is_no_version_of_its_own(edit: Edit) -> None:
    plate = write_shot(edit.folder / "in", range(1, 25), size=(180, 240))
    edit.timeline.put(1, edit.clip(plate, first=1, last=24), START, 24)
    first = edit.folder / "in" / "replate" / "plate_style_v001"
    desktop = Desktop(render_it, close)
    desktop.meanwhile = lambda window: window.click("Cancel") if list(first.glob("*.exr")) else None
    assert not edit.work(desktop=desktop)[0]
    done = {path: path.stat().st_mtime_ns for path in first.glob("*.exr")}
    assert 0 < len(done) < 24, "neither at once nor too late"
    went_well, told = edit.work()
    assert went_well, told
    assert len(list(first.glob("*.exr"))) == 24
    assert done == {path: path.stat().st_mtime_ns for path in done}, "what was done stays"
    assert [path.name for path in first.parent.iterdir()] == ["plate_style_v001"]


def test_what_is_asked_is_what_is_rendered(edit: Edit) -> None:
    plate = movie(edit.folder)
    edit.timeline.put(1, edit.clip(plate), START, 2)

    def artist(window: Seen) -> None:
        assert window.field("Mix").kind == "DoubleSpinBox" and window.field("Mix").Maximum == 1.0
        window.field("Mix").Value = 0.25
        window.field("Mask").Text = "plate:A"
        window.click(next(name for name in window.On if name.endswith("Find")))
        window.click("Render")

    given_up: list[str] = []
    desktop = Desktop(artist, lambda window: (given_up.append(window.text), close(window))[1])
    edit.work(desktop=desktop)
    kept = json.loads((edit.folder / "presets" / "resolve-style.json").read_text())
    assert kept["knobs"] == {"mix": 0.25}
    assert kept["inputs"] == {"mask": "plate:A"}
    assert "no channel 'A'" in given_up[0], "this movie has no alpha, and it is said"


def test_another_generator_brings_a_form_of_its_own_that_keeps_what_was_set(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 1)

    def choose(window: Seen) -> None:
        window.field("Strength").Value = 0.5
        window.choose("Generator", "colorize")

    def cancel(window: Seen) -> None:
        assert window.field("Generator").CurrentText == "colorize"
        assert window.field("Strength").Value == 0.5
        window.click("Cancel")

    edit.preset["generator"] = "silver"
    desktop = Desktop(choose, cancel)
    assert not edit.start(bmd=desktop)
    assert len(desktop.windows) == 2 and not any(window.is_open for window in desktop.windows)


def test_the_free_edition_works_from_a_file_and_is_asked_for_no_window(
    edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    class Advertisement:
        @property
        def UIManager(self) -> None:
            raise AssertionError("asking for it opens a window that blocks")

    edit.world.product = "DaVinci Resolve"
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 2)
    assert edit.start(fusion=Advertisement(), bmd=object())
    said = capsys.readouterr().out
    assert "resolve-style.json" in said and "100%" in said


def test_outside_of_resolve_it_says_where_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    assert not run("style", {})
    assert "Workspace > Scripts" in capsys.readouterr().out
