"""Colour in whole renders: the job's configuration and display, what is said of them, what is made again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nets import identity, tiny_style
from plates import read, write, write_shot
from replate.color import default_space
from replate.errors import InputError, UsageError
from replate.frame import Frame
from replate.job import Job
from replate.media import open_sink, open_source
from replate.news.progress import Watcher
from replate.plan import prepare
from replate.render import Report, render
from studio import write_config

VIDEO = "Gamma 2.4 Encoded Rec.709"


class Listener(Watcher):
    """Remembers what was said."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def plate(tmp_path: Path) -> str:
    """A grey EXR of two frames without a word about colour."""
    for frame in (1, 2):
        write(tmp_path / f"plate.{frame:04d}.exr", np.full((24, 32, 3), 0.18, np.float32), channels="RGB")
    return str(tmp_path / "plate.%04d.exr")


def made(
    plate: str, output: Path, *, params: dict[str, Any] | None = None, look: Path | None = None, **options: Any
) -> tuple[Report, list[str]]:
    look = look or identity(output.parent / "same.onnx")
    job = Job(
        node="style",
        inputs={"plate": plate},
        output=str(output),
        generator=str(look),
        params=params or {},
        options=options,
    )
    listener = Listener()
    report = render(job, watcher=listener)
    assert not report.failed, report.failed
    return report, listener.notes


def test_what_is_assumed_is_said(tmp_path: Path, plate: str) -> None:
    config = write_config(tmp_path / "studio")
    _, notes = made(plate, tmp_path / "o.%04d.exr")
    assert notes[0].endswith("ACEScg (assumed for scene light)")
    _, notes = made(plate, tmp_path / "o.mov", ocio=config, display="Monitor/Dark")
    assert notes[0].endswith("studio light (assumed for scene light)")
    assert notes[1] == f"output: {tmp_path}/o.mov, Monitor (shown by Dark on Monitor)"
    assert notes[2] == f"colour configuration: {config}"
    _, notes = made(plate, tmp_path / "o.%04d.tif", ocio=config, color_space="paper")
    assert notes[0].endswith("paper (as asked)")
    assert not any(note.startswith("output") for note in notes), "the output is in the plate's own space"


def test_two_jobs_of_one_process_have_their_own_configurations(tmp_path: Path, plate: str) -> None:
    """The LUTs have one name and differ; the view of the first job is not that of the second."""
    for name, gain in (("a", 2.0), ("b", 4.0)):
        config = write_config(tmp_path / name, gain=gain)
        made(plate, tmp_path / f"{name}.%04d.exr", ocio=config, color_space="film")
        made(plate, tmp_path / f"{name}.%04d.png", ocio=config, color_space="film", display="Monitor/Plain")
        grey = read(tmp_path / f"{name}.0001.png")[0].mean()
        assert grey == pytest.approx((0.18 * gain) ** (1 / 2.4), abs=6e-3)
        np.testing.assert_allclose(read(tmp_path / f"{name}.0001.exr")[0], 0.18, rtol=1e-3)
    assert default_space("scene") == "ACEScg"


def test_frames_of_another_configuration_are_made_again(tmp_path: Path, plate: str) -> None:
    """A LUT that was edited is another configuration, one that lies elsewhere is not; a display shows, too."""
    output, config = tmp_path / "o.%04d.png", write_config(tmp_path / "studio")
    options = {"ocio": config, "color_space": "film"}
    assert len(made(plate, output, **options)[0].done) == 2
    assert len(made(plate, output, **options)[0].skipped) == 2
    options["ocio"] = write_config(tmp_path / "moved")
    assert len(made(plate, output, **options)[0].skipped) == 2
    write_config(tmp_path / "moved", gain=3.0)
    assert len(made(plate, output, **options)[0].done) == 2
    options["display"] = "Monitor/Dark"
    assert len(made(plate, output, **options)[0].done) == 2
    assert len(made(plate, output, **options)[0].skipped) == 2


@pytest.mark.parametrize(
    ("options", "kind", "said"),
    [
        ({"ocio": "/nowhere/config.ocio"}, InputError, "there is no such file; correct --ocio"),
        ({"ocio": "ocio://studio"}, InputError, "it is not built in; did you mean"),
        ({"display": "sRGB - Display/Filmic"}, UsageError, "unknown display and view"),
        ({"color_space": "ACESc"}, UsageError, "unknown colour space 'ACESc'"),
    ],
)
def test_a_wrong_choice_is_said_before_anything_is_made(
    tmp_path: Path, plate: str, options: dict[str, str], kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        made(plate, tmp_path / "new" / "o.%04d.exr", look=identity(tmp_path / "same.onnx"), **options)
    assert not (tmp_path / "new").exists()


def test_a_missing_lut_is_missed_before_the_first_frame(tmp_path: Path, plate: str) -> None:
    config = write_config(tmp_path)
    (tmp_path / "luts" / "demo.spi1d").unlink()
    with pytest.raises(InputError, match=r"config\.ocio cannot convert film"):
        made(plate, tmp_path / "o.%04d.exr", ocio=config, color_space="film")
    assert not list(tmp_path.glob("o.*"))


def test_a_configuration_goes_with_the_job_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_config(tmp_path)
    monkeypatch.chdir(tmp_path)
    job = Job(node="style", inputs={"plate": "a.exr"}, output="o.exr", options={"ocio": "config.ocio"})
    job.save(tmp_path / "job.json")
    monkeypatch.chdir("/")
    assert Job.load(tmp_path / "job.json").option("ocio") == str(tmp_path / "config.ocio")
    built_in = Job(node="style", inputs={}, output="", options={"ocio": "ocio://default"})
    assert built_in.anchored(tmp_path).option("ocio") == "ocio://default"


@pytest.mark.parametrize("bits", [8, 16])
def test_light_in_a_tiff_of_integers_is_shown_by_a_view(tmp_path: Path, bits: int) -> None:
    plate = write(tmp_path / "lamp.exr", np.full((8, 8, 3), 4, np.float32), channels="RGB")
    _, notes = made(str(plate), tmp_path / "o.tif", bits=bits)
    assert any("shown by" in note for note in notes)
    made(str(plate), tmp_path / "o.png")
    np.testing.assert_allclose(first_pixel(tmp_path / "o.tif"), first_pixel(tmp_path / "o.png"), atol=1 / 255)


@pytest.mark.parametrize("kind", ["half", "float"])
def test_light_in_a_tiff_stays_light_in_32_bits(tmp_path: Path, kind: str) -> None:
    plate = write(tmp_path / "lamp.exr", np.full((8, 8, 3), 4, np.float32), channels="RGB", formats=(kind,) * 3)
    _, notes = made(str(plate), tmp_path / "o.tif", params={"mix": 0.0})
    assert not any("shown by" in note for note in notes)
    pixels, spec = read(tmp_path / "o.tif")
    assert str(spec.format) == "float" and (pixels == 4).all()


def test_a_soft_edge_is_shown_as_the_solid_thing_is(tmp_path: Path) -> None:
    """Colour is divided by alpha before a view or a curve; a file without alpha holds the picture over black."""
    solid = np.full((4, 4, 4), 1, np.float32)
    solid[..., :3] = [0.4, 0.2, 0.1]
    soft, glow = solid * np.float32(0.5), solid * [1, 1, 1, 0]
    shown = {}
    for name, pixels in {
        "solid": solid,
        "soft": soft,
        "glow": glow.astype(np.float32),
        "half": solid[..., :3] / 2,
    }.items():
        for suffix in ("tif", "png", "jpg"):
            with open_sink(str(tmp_path / f"{name}.{suffix}")) as sink:
                sink.write(Frame.of(pixels, "RGBA", number=1, space="ACEScg", formats=("half",) * pixels.shape[2]))
            shown[name, suffix] = first_pixel(tmp_path / f"{name}.{suffix}")
    np.testing.assert_allclose(shown["soft", "tif"], shown["solid", "tif"] / 2, atol=1e-4)
    np.testing.assert_allclose(shown["soft", "png"][:3], shown["solid", "png"][:3], atol=1e-4)
    np.testing.assert_allclose(shown["glow", "tif"][:3], shown["solid", "tif"][:3], atol=1e-4)
    np.testing.assert_allclose(shown["soft", "jpg"], shown["half", "jpg"], atol=0.01)


def first_pixel(path: Path) -> np.ndarray:
    with open_source(str(path)) as source:
        return source.read(source.frames[0]).pixels[0, 0]


def movie(path: Path) -> np.ndarray:
    """Greys and muted colours as a lossless movie of two frames; returns the first."""
    ramp = np.linspace(0.02, 1, 64, dtype=np.float32)[None, :, None]
    picture = np.concatenate([ramp * colour for colour in ([1, 1, 1], [0.9, 0.7, 0.6], [0.5, 0.6, 0.8])])
    pixels = picture.repeat(16, axis=0).astype(np.float32)
    with open_sink(str(path)) as sink:
        for number in (1, 2):
            sink.write(Frame.of(pixels, "RGB", number=number, space=VIDEO))
    return first(path)


def first(path: Path | str) -> np.ndarray:
    with open_source(str(path)) as source:
        return source.read(1).pixels[..., :3]


def test_a_movie_graded_for_a_screen_comes_back_as_it_was(tmp_path: Path) -> None:
    """No view lies between a movie and a movie."""
    before = movie(tmp_path / "a.mkv")
    look = tiny_style(tmp_path / "tiny.onnx", change=0.3)
    for name, settings in (("mix", {"mix": 0.0}), ("same", {}), ("strength", {"strength": 0.0})):
        path = tmp_path / f"{name}.mkv"
        made(str(tmp_path / "a.mkv"), path, params=settings, look=look if settings else None)
        assert np.abs(first(path) - before).max() < 1e-6


def test_a_movie_over_exr_comes_back_by_the_view_that_maps_no_tones(tmp_path: Path) -> None:
    """By the film view it comes back darker, as the documentation says."""
    before = movie(tmp_path / "a.mkv")
    made(str(tmp_path / "a.mkv"), tmp_path / "light.%04d.exr")
    plain = "Rec.1886 Rec.709 - Display/Un-tone-mapped"
    made(str(tmp_path / "light.%04d.exr"), tmp_path / "back.mkv", display=plain)
    assert np.abs(first(tmp_path / "back.mkv") - before).max() < 4e-3
    made(str(tmp_path / "light.%04d.exr"), tmp_path / "film.mkv")
    assert first(tmp_path / "film.mkv").mean() < 0.8 * before.mean()


def test_the_space_of_other_pictures_is_said_apart_and_shows(tmp_path: Path) -> None:
    plate, behind = (write_shot(tmp_path / name, [1]) for name in ("a", "b"))
    job = Job(
        node="removal",
        inputs={"plate": plate, "background": behind, "mask": "plate:A"},
        output=str(tmp_path / "o.%04d.exr"),
        params={"replace": "hole"},
        options={"color_space": "ACES2065-1"},
    )
    prints = set()
    for space, found in (("", "ACEScg"), ("lin_rec709", "Linear Rec.709 (sRGB)")):
        with prepare(replace(job, options={**job.options, "inputs_color_space": space})) as plan:
            assert [plan.sources[name].space for name in ("plate", "background")] == ["ACES2065-1", found]
            prints.add(plan.fingerprint(1))
    assert len(prints) == 2
