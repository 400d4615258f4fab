"""What an artist sees and sets in Resolve, and what happens without windows."""

from __future__ import annotations

import json
import sys

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


def test_a_mask_is_not_taken_over_to_another_clip(edit: Edit) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 2)
    given = {"mask": "/roto.%04d.exr", "hints": "plate:hints"}
    shown: list[str] = []

    def look(window: Seen) -> None:
        shown.append(window.field("Mask").Text + "|" + window.field("Hints").Text)
        window.click("Cancel")

    for clip in (str(edit.folder / "shot.mp4"), "/another.mov"):
        edit.preset |= {"inputs": given, "clip": clip}
        assert not edit.start(bmd=Desktop(look))
    assert shown == ["/roto.%04d.exr|plate:hints", "|plate:hints"]


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
    kept = json.loads((edit.folder / "presets" / "resolve-style.json").read_text())
    assert kept == edit.preset, "the file is the artist's own"
    said = capsys.readouterr().out
    assert "resolve-style.json" in said and "100%" in said


def test_outside_of_resolve_it_says_where_it_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    assert not run("style", {})
    assert "Workspace > Scripts" in capsys.readouterr().out


def panel(edit: Edit, monkeypatch: pytest.MonkeyPatch, does: str) -> None:
    """In place of Replate's Python, one that does this with the job that the panel is opened with."""
    script = edit.folder / "python"
    lines = [
        "import json, sys",
        "path = sys.argv[sys.argv.index('panel') + 1]",
        "assert sys.argv[-1] == '--back'",
        does,
    ]
    script.write_text("#!" + sys.executable + "\n" + "\n".join(lines) + "\n")
    script.chmod(0o755)
    monkeypatch.setenv("REPLATE_PYTHON", str(script))


def press_panel(window: Seen) -> None:
    window.click("Panel")


def test_a_look_tuned_in_the_panel_comes_back_to_the_window(edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    plate = movie(edit.folder)
    edit.timeline.put(1, edit.clip(plate), START, 2, left=3)
    edit.preset["knobs"] = {"mix": 0.5}
    tune = (
        "job = json.load(open(path)); assert job['params'] == {'mix': 0.5} and job['frames'] == '4-5'\n"
        "job['params'] = {'mix': 0.25, 'strength': {'keys': [[4, 0], [5, 1]]}}; job['inputs']['mask'] = 'plate:G'\n"
        "json.dump(job, open(path, 'w'))"
    )
    panel(edit, monkeypatch, tune)

    def artist(window: Seen) -> None:
        assert window.field("Mix").Value == 0.25 and window.field("Mask").Text == "plate:G"
        window.click("Render")

    went_well, told = edit.work(desktop=Desktop(press_panel, artist, close))
    assert went_well, told
    kept = json.loads((edit.folder / "presets" / "resolve-style.json").read_text())
    assert kept["knobs"] == {"mix": 0.25, "strength": {"keys": [[4, 0], [5, 1]]}}


def test_a_panel_that_cannot_be_opened_is_a_sentence_and_the_form_comes_again(
    edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 2)
    panel(edit, monkeypatch, "sys.exit('replate: the panel needs Qt')")
    told: list[str] = []
    desktop = Desktop(press_panel, lambda window: (told.append(window.text), close(window))[1], render_it, close)
    assert edit.work(desktop=desktop)[0]
    assert told == ["Replate's panel cannot be used: the panel needs Qt"]


def test_nobody_has_to_wait_for_the_panel(edit: Edit, monkeypatch: pytest.MonkeyPatch) -> None:
    edit.timeline.put(1, edit.clip(movie(edit.folder)), START, 2)
    panel(edit, monkeypatch, "import time; time.sleep(60)")
    desktop = Desktop(press_panel, render_it, close)
    desktop.meanwhile = lambda window: window.click("Cancel") if "panel" in window.text else None
    assert edit.work(desktop=desktop)[0]
