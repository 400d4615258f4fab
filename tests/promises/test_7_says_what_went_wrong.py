"""Promise 7: what failed, on which frame and file, what to do, in one sentence, with its own exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from nets import tiny_style
from plates import plate, read, write, write_mask, write_shot


@pytest.fixture
def here(tmp_path: Path) -> Path:
    tiny_style(tmp_path / "tiny.onnx")
    write_shot(tmp_path / "in", range(1001, 1007))
    return tmp_path


def replate(here: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in `here`."""
    return subprocess.run([sys.executable, "-m", "replate", *words], capture_output=True, text=True, cwd=here)


def style(here: Path, *words: str, plate: str = "in/plate.%04d.exr", out: str = "out/o.%04d.exr") -> tuple[int, str]:
    """Exit code and sentence of `replate render style`."""
    generator = () if "--generator" in words else ("--generator", "tiny.onnx")
    done = replate(here, "render", "style", plate, out, *generator, *words)
    assert "Traceback" not in done.stderr + done.stdout, done.stderr
    return done.returncode, done.stderr.strip()


def one_sentence(text: str, *needles: str) -> None:
    assert text.count("\n") == 0 and text.startswith("replate: "), text
    for needle in needles:
        assert needle in text, text


def test_missing_frame(here: Path) -> None:
    (here / "in/plate.1003.exr").unlink()
    code, said = style(here)
    assert code == 3
    one_sentence(said, "1003", "--missing")
    assert not (here / "out/o.1001.exr").exists()
    assert style(here, "--missing", "hold", out="hold/o.%04d.exr")[0] == 0
    assert np.array_equal(read(here / "hold/o.1003.exr")[0], read(here / "hold/o.1002.exr")[0])
    assert style(here, "--missing", "skip", out="skip/o.%04d.exr")[0] == 0
    assert not (here / "skip/o.1003.exr").exists()
    assert (here / "skip/o.1004.exr").exists()
    assert style(here, "--missing", "black", out="black/o.%04d.exr")[0] == 0
    assert (here / "black/o.1003.exr").exists()


@pytest.mark.parametrize("frames", ["", "1..5", "a-b", "5-", "1-10x0"])
def test_bad_range(here: Path, frames: str) -> None:
    code, said = style(here, "--frames", frames or " ")
    assert code == 2
    one_sentence(said)


def test_range_outside_the_shot(here: Path) -> None:
    code, said = style(here, "--frames", "990-1002")
    assert code == 2
    one_sentence(said, "1001-1006")


def test_ambiguous_pattern(here: Path) -> None:
    code, said = style(here, plate="in/plate.exr")
    assert code in (2, 3)
    one_sentence(said, "plate.")
    code, said = style(here, plate="in")
    assert code in (2, 3)
    one_sentence(said)


def test_no_such_shot(here: Path) -> None:
    code, said = style(here, plate="in/nothing.%04d.exr")
    assert code == 3
    one_sentence(said, "nothing.%04d.exr")


def test_mask_of_another_size(here: Path) -> None:
    mask = write_mask(here / "mask.exr", np.ones((20, 20)))
    code, said = style(here, "--mask", mask)
    assert code in (1, 3)
    assert "20x20" in said and "64x48" in said


def test_truncated_picture_in_the_middle(here: Path) -> None:
    victim = here / "in/plate.1003.exr"
    victim.write_bytes(victim.read_bytes()[: victim.stat().st_size // 2])
    done = replate(here, "render", "style", "in/plate.%04d.exr", "out/o.%04d.exr", "--generator", "tiny.onnx")
    assert done.returncode == 1
    assert "plate.1003.exr" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(p.name for p in (here / "out").glob("o.*")) == [f"o.{n}.exr" for n in (1001, 1002, 1004, 1005, 1006)]


def test_output_equal_to_input(here: Path) -> None:
    code, said = style(here, "--overwrite", out="in/plate.%04d.exr")
    assert code == 2
    one_sentence(said)
    (here / "link").symlink_to(here / "in")
    code, said = style(here, "--overwrite", out="link/plate.%04d.exr")
    assert code == 2


def test_somebody_elses_file(here: Path) -> None:
    write(here / "theirs.1001.exr", plate(8, 8))
    before = (here / "theirs.1001.exr").read_bytes()
    code, said = style(here, "--frames", "1001", out="theirs.%04d.exr")
    assert code == 2
    one_sentence(said, "theirs.1001.exr", "--overwrite")
    assert (here / "theirs.1001.exr").read_bytes() == before


def test_output_cannot_be_written(here: Path) -> None:
    (here / "file").write_text("no folder")
    code, said = style(here, out="file/o.%04d.exr")
    assert code == 1
    one_sentence(said, "file")
    if Path("/proc/version").exists():  # read-only for everybody, root as well
        code, said = style(here, out="/proc/o.%04d.exr")
        assert code == 1
        one_sentence(said, "/proc")


def test_parameters(here: Path) -> None:
    code, said = style(here, "--set", "mixx=0.5")
    assert code == 2
    one_sentence(said, "'mixx'", "'mix'")
    code, said = style(here, "--set", "mix=2")
    assert code == 2
    one_sentence(said, "mix", "from 0 to 1")
    code, said = style(here, "--set", "mix=0@1001,x@1050")
    assert code == 2
    one_sentence(said, "x@1050")
    code, said = style(here, "--tile", "7")
    assert code == 2
    one_sentence(said, "tile")


def test_unknown_names(here: Path) -> None:
    code, said = style(here, "--generator", "paintd")
    assert code == 2
    one_sentence(said, "paintd")
    done = replate(here, "render", "stile", "in/plate.%04d.exr", "o.%04d.exr")
    assert done.returncode == 2
    one_sentence(done.stderr.strip(), "'stile'", "'style'")
    code, said = style(here, "--color-space", "ACEScgg")
    assert code == 2
    one_sentence(said, "ACEScgg")


def test_broken_generators(here: Path) -> None:
    (here / "broken.onnx").write_bytes(b"\x08\x07" + b"not a network" * 20)
    code, said = style(here, "--generator", "broken.onnx")
    assert code == 3
    one_sentence(said, "broken.onnx")
    model = onnx.load(here / "tiny.onnx")
    entry = next(each for each in model.metadata_props if each.key == "replate.card")
    entry.value = entry.value.replace('"multiple": 8', '"multiple": "eight"')
    onnx.save(model, here / "card.onnx")
    code, said = style(here, "--generator", "card.onnx")
    assert code == 3
    one_sentence(said, "card.onnx", "multiple")


def test_no_gpu_though_asked(here: Path) -> None:
    if "CUDAExecutionProvider" in pytest.importorskip("onnxruntime").get_available_providers():
        pytest.skip("this machine may have a GPU")
    code, said = style(here, "--device", "cuda")
    assert code == 2
    one_sentence(said, "cuda")
    assert not (here / "out").exists() or not list((here / "out").glob("o.*"))


def test_zero_size_and_empty_pictures(here: Path) -> None:
    (here / "in/plate.1002.exr").write_bytes(b"")
    done = replate(here, "render", "style", "in/plate.%04d.exr", "out/o.%04d.exr", "--generator", "tiny.onnx")
    assert done.returncode == 1
    assert "plate.1002.exr" in done.stdout + done.stderr
    assert (here / "out/o.1003.exr").exists()


def test_nan_plate(here: Path) -> None:
    write(here / "nan.exr", np.full((16, 16, 4), np.nan, np.float32))
    code, _ = style(here, plate="nan.exr", out="nan_out.exr")
    assert code == 0
    assert np.isnan(read(here / "nan_out.exr")[0]).all()


def test_bad_job_files(here: Path) -> None:
    for text in ("{", "[]", '{"replate": 99}', '{"replate": 1, "node": "style"}', '{"replate": 1, "extra": 1}'):
        (here / "job.json").write_text(text)
        done = replate(here, "render", "--job", "job.json")
        assert done.returncode == 2
        one_sentence(done.stderr.strip(), "job.json")
    done = replate(here, "render", "--job", "none.json")
    assert done.returncode == 3
    one_sentence(done.stderr.strip(), "none.json")


def test_a_plate_without_colour(here: Path) -> None:
    write(here / "depth.exr", np.ones((8, 8, 1), np.float32), channels=("Z",))
    code, said = style(here, plate="depth.exr", out="depth_out.exr")
    assert code == 3
    one_sentence(said, "depth.exr", "only Z", "R, G and B")


def test_several_frames_for_one_file(here: Path) -> None:
    code, said = style(here, out="out/single.exr")
    assert code == 2
    one_sentence(said, "single.exr", "6 frames", "single.%04d.exr")
    assert not (here / "out/single.exr").exists()


def test_a_job_file_that_cannot_be_written(here: Path) -> None:
    code, said = style(here, "--save-job", "nowhere/job.json")
    assert code == 1
    one_sentence(said, "nowhere/job.json")
