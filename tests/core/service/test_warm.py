"""What stays warm is what would be loaded now: files that changed are seen, and no more is kept than is allowed."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nets import tiny_style
from plates import write_shot
from replate.color import using
from replate.job import Job
from replate.keeping import stamps
from replate.media.movie_source import MovieSource
from replate.network.onnxfile import read_card, write_card
from replate.preview import preview
from replate.render import render
from replate.service import opened as opened_module
from replate.service.warm import Bench
from replate.workshop import Workshop


@pytest.fixture
def job(tmp_path: Path) -> Job:
    look = tiny_style(tmp_path / "tiny.onnx", change=0.3)
    shot = write_shot(tmp_path / "in", range(1, 4))
    age(tmp_path / "in")
    return Job(node="style", inputs={"plate": shot}, output=str(tmp_path / "o" / "o.%04d.exr"), generator=str(look))


@pytest.fixture(autouse=True)
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a test are young, whatever their dates say; two seconds would be long."""
    monkeypatch.setattr(stamps, "_SETTLED", -(10**12))


def age(folder: Path) -> None:
    """Dates of yesterday."""
    for path in (*folder.iterdir(), folder):
        os.utime(path, (time.time() - 86400,) * 2)


def loaded(bench: Bench, job: Job, **how: Any) -> Any:
    with using():
        return bench.generators.generator(job.generator, **{"device": "cpu", "threads": None, **how})


def test_a_generator_is_loaded_once_for_each_device_and_number_of_threads(job: Job) -> None:
    bench = Bench()
    first = loaded(bench, job)
    assert loaded(bench, job) is first
    assert loaded(bench, job, threads=2) is not first
    assert loaded(bench, job, device="auto") is not first
    assert loaded(bench, job) is first
    assert bench.generators.count == 3


def test_another_network_card_or_sidecar_is_another_generator(job: Job) -> None:
    bench, path = Bench(), Path(job.generator)
    first = loaded(bench, job)
    card = read_card(path)
    assert card is not None
    write_card(path, replace(card, title="Other"))
    second = loaded(bench, job)
    assert (second is first, second.card.title) == (False, "Other")
    path.with_suffix(".card.json").write_text("{}")
    assert loaded(bench, job) is not second
    other = tiny_style(path.with_name("other.onnx"), change=0.5)
    before = preview(job, 1, workshop=bench.previews)
    state = path.stat()
    shutil.copyfile(other, path)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))
    after = preview(job, 1, workshop=bench.previews)
    assert not np.array_equal(before.pixels, after.pixels)
    assert np.array_equal(after.pixels, preview(job, 1).pixels)


def test_a_generator_for_which_memory_ran_out_is_loaded_anew(job: Job) -> None:
    bench = Bench()
    first = loaded(bench, job)
    first.spare_memory()
    assert loaded(bench, job) is not first


def test_a_few_generators_are_kept(job: Job, tmp_path: Path) -> None:
    bench = Bench()
    for number in range(8):
        loaded(bench, replace(job, generator=str(tiny_style(tmp_path / f"{number}.onnx"))))
    assert bench.generators.count == 4


def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Paths that are opened from now on."""
    paths: list[str] = []
    real = opened_module.open_source

    def open_source(path: str, **how: Any) -> Any:
        paths.append(path)
        return real(path, **how)

    monkeypatch.setattr(opened_module, "open_source", open_source)
    return paths


def _rewrite(plate: str) -> None:
    write_shot(Path(plate).parent, [1], size=(32, 40))
    for frame in (2, 3):
        Path(plate % frame).unlink()


def _add(plate: str) -> None:
    shutil.copyfile(plate % 1, plate % 4)


def _nothing(plate: str) -> None: ...


@pytest.mark.parametrize(("change", "times"), [(_nothing, 1), (_rewrite, 2), (_add, 2)])
def test_a_source_stays_open_until_its_files_change(
    job: Job, monkeypatch: pytest.MonkeyPatch, change: Callable[[str], None], times: int
) -> None:
    bench, paths = Bench(), opened(monkeypatch)
    preview(job, 1, workshop=bench.previews)
    change(job.inputs["plate"])
    assert np.array_equal(preview(job, 1, workshop=bench.previews).pixels, preview(job, 1).pixels)
    assert len(paths) == times
    if change is _add:
        preview(job, 4, workshop=bench.previews)


def test_a_file_that_changed_just_now_is_opened_again(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its date may not tell the next change from this one."""
    monkeypatch.setattr(stamps, "_SETTLED", 2 * 10**9)
    bench, paths = Bench(), opened(monkeypatch)
    write_shot(Path(job.inputs["plate"]).parent, [1])
    for _ in range(3):
        preview(job, 1, workshop=bench.previews)
    assert len(paths) == 3


def test_other_colours_open_a_source_anew(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, paths = Bench(), opened(monkeypatch)
    for options in ({}, {"ocio": "ocio://studio-config-latest"}, {"color_space": "ACEScg"}, {"missing": "hold"}, {}):
        preview(replace(job, options=options), 1, workshop=bench.previews)
    assert len(paths) == 4


def test_a_movie_that_was_replaced_is_read_anew_and_closed(
    job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench, movie, closed, close = Bench(), str(tmp_path / "film.mov"), list[object](), MovieSource.close
    monkeypatch.setattr(MovieSource, "close", lambda self: (closed.append(self), close(self))[1])
    of_movie = replace(job, inputs={"plate": movie})
    render(replace(job, output=movie))
    first = preview(of_movie, 2, workshop=bench.previews)
    assert not closed
    render(replace(job, output=movie, params={"mix": 0.2}, options={"overwrite": True}))
    second = preview(of_movie, 2, workshop=bench.previews)
    assert len(closed) == 1
    assert not np.array_equal(first.pixels, second.pixels)
    assert np.array_equal(second.pixels, preview(of_movie, 2, workshop=Workshop()).pixels)


def test_a_preview_that_fails_or_is_cancelled_costs_no_source(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    bench, paths = Bench(), opened(monkeypatch)
    for frame in (1, 99, 2):
        try:
            preview(job, frame, workshop=bench.previews)
        except Exception:
            assert frame == 99
    assert len(paths) == 1


def test_a_few_sources_are_kept_and_the_others_closed(job: Job, tmp_path: Path) -> None:
    bench = Bench()
    for number in range(12):
        plate = write_shot(tmp_path / f"in{number}", [1])
        preview(replace(job, inputs={"plate": plate}), 1, workshop=bench.previews)
    assert len(bench.previews._open) == 8
