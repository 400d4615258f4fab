"""How much memory there is, how much a network takes, and what must cost none."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from nets import tiny_style
from replate.card import Card
from replate.catalogue import find
from replate.color import transform
from replate.color.curves import NOTHING
from replate.errors import InputError, MemoryLimitError, as_sentence, was_memory
from replate.frame import Frame
from replate.memory import at_hand, need, share
from replate.network.footprint import bytes_per_pixel
from replate.network.graph import Parts, stages
from replate.network.loading import load
from replate.network.onnxfile import read_card
from replate.picture.compositing import Light

GIB = 2**30


def groups(root: Path, mine: str, limits: dict[str, str]) -> Path:
    """A machine's files about control groups: the line about this process, and limits by the path of their file."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text(mine)
    for path, limit in limits.items():
        file = root / "sys/fs/cgroup" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(limit)
    return root


def test_the_narrowest_of_nested_groups_counts(tmp_path: Path) -> None:
    limits = {"farm/memory.max": f"{GIB}\n", "farm/job/memory.max": "max\n", "farm/job/task/memory.max": f"{2 * GIB}\n"}
    assert at_hand(groups(tmp_path, "0::/farm/job/task\n", limits)) == GIB


def test_a_container_sees_its_limit_at_the_top(tmp_path: Path) -> None:
    assert at_hand(groups(tmp_path, "0::/\n", {"memory.max": str(GIB)})) == GIB


def test_groups_of_the_old_kind(tmp_path: Path) -> None:
    mine = "5:cpu,cpuacct:/docker/4f\n4:memory:/docker/4f\n0::/docker/4f\n"
    limits = {"memory/memory.limit_in_bytes": str(GIB), "memory/docker/4f/memory.limit_in_bytes": str(2**63 - 4096)}
    assert at_hand(groups(tmp_path, mine, limits)) == GIB


def test_without_groups_it_is_the_machines(tmp_path: Path) -> None:
    machine = at_hand(tmp_path)
    assert machine > GIB // 4
    assert at_hand(groups(tmp_path, "0::/farm\n", {"farm/memory.max": "max\n"})) == machine


def test_a_limit_of_the_process_counts_and_shares_follow_it() -> None:
    script = (
        "import resource; from replate.memory import at_hand, share\n"
        f"resource.setrlimit(resource.RLIMIT_AS, ({GIB}, {GIB}))\n"
        f"print(at_hand(), share({GIB}), share(1000))"
    )
    answer = subprocess.check_output([sys.executable, "-c", script], text=True)
    assert answer.split() == [str(GIB), str(GIB // 4), "1000"]
    assert share(GIB) <= GIB


def test_memory_by_any_name() -> None:
    hidden = RuntimeError("reading failed")
    hidden.__cause__ = MemoryError()
    for error in (MemoryError(), hidden, RuntimeError("CUDA_ERROR_OUT_OF_MEMORY"), ValueError("std::bad_alloc")):
        assert was_memory(error)
    assert not was_memory(InputError("the file is damaged"))


def test_a_file_that_memory_was_too_short_for_is_not_told_to_be_broken() -> None:
    """Whoever reads files turns what a library throws into a sentence about the file."""
    for cause in (MemoryError(), OSError(12, "Cannot allocate memory"), ValueError("Arena alloc failed")):
        try:
            try:
                raise cause
            except Exception:
                raise InputError("a.onnx is not readable; copy it again") from None
        except InputError as error:
            told = as_sentence(error)
        assert isinstance(told, MemoryLimitError) and "copy" not in str(told)
    named = InputError("the file /shots/out of memory/a.exr is damaged")
    assert as_sentence(named) is named


def test_what_is_not_there_is_missed_in_python() -> None:
    need(1000)
    with pytest.raises(MemoryError):
        need(2**62)


def network(path: Path) -> tuple[onnx.ModelProto, Card]:
    card = read_card(path)
    assert card is not None
    return load(path), card


def expected_of(path: Path, parts: Parts) -> int:
    return max(map(bytes_per_pixel, stages(*network(path), parts)))


_PEAK = """
import re, sys
import numpy as np
from replate.generator import Generator
from replate.color import transform
generator, rgb = Generator.load(sys.argv[1], device="cpu", threads=1), np.full((1024, 1024, 3), 0.2, np.float32)
def peak(picture):
    generator.apply(picture, transform=transform("ACEScg"), tile="off", confidence=sys.argv[2] == "True")
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1]) * 1024
before = peak(rgb[:128, :128])
print((peak(rgb) - before) / rgb[..., 0].size)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's figures are Linux's")
@pytest.mark.parametrize("look", ["painted", "silver"])
@pytest.mark.parametrize("confidence", [False, True])
def test_what_a_shipped_look_takes_is_known_beforehand(look: str, confidence: bool) -> None:
    """Measured in a process of its own. Too low a figure is dangerous, one that is three times too high wasteful."""
    measured = float(subprocess.check_output([sys.executable, "-c", _PEAK, look, str(confidence)]))
    path = find(look)
    parts = Parts(colour=transform("ACEScg").fused or NOTHING, floor=True, confidence=confidence)
    expected = expected_of(path, parts)
    assert measured <= expected <= 3 * measured


def test_a_wider_network_takes_more(tmp_path: Path) -> None:
    """At half the resolution 248 channels more are 248 bytes a pixel more in each tensor; one or two live at a time."""
    made = {width: tiny_style(tmp_path / f"{width}.onnx", multiple=2, width=width) for width in (8, 256)}
    narrow, wide = (expected_of(path, Parts()) for path in made.values())
    assert 248 <= wide - narrow <= 3 * 248


def test_a_network_that_does_not_tell_its_sizes_is_taken_for_a_large_one() -> None:
    model = stages(*network(find("silver")), Parts())[0]
    model.graph.input[0].name = "another picture"
    assert bytes_per_pixel(model) == 512


@pytest.mark.parametrize("names", ["RGBA", "ABGR", "ZRGB", "YA"])
@pytest.mark.parametrize("planar", [False, True])
def test_colour_is_seen_in_the_plate_without_a_copy(names: str, planar: bool) -> None:
    pixels = np.random.default_rng(0).random((5, 7, len(names)), np.float32)
    pixels = np.moveaxis(np.ascontiguousarray(np.moveaxis(pixels, -1, 0)), 0, -1) if planar else pixels
    frame = Frame.of(pixels, tuple(names))
    light = Light.of(frame)
    assert np.shares_memory(light.rgb, pixels)
    assert (light.rgb == pixels[..., [names.index(each) for each in ("YYY" if "Y" in names else "RGB")]]).all()
    result = light.put_back(frame, light.rgb * 2)
    assert result.pixels.strides == pixels.strides, "planes stay planes, which the writer needs not copy"


FREED = """
import resource, sys
import numpy as np
from replate.memory import keep_freed

def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        pictures = [np.ones((540, 1920, 4), np.float32) for _ in range(3)]
        del pictures
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

if sys.argv[1] == "keep":
    keep_freed(2**28)
faults()
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told")
def test_what_is_freed_can_be_kept() -> None:
    """Pictures come and go, and no page is new to them."""
    kept, returned = (
        int(subprocess.run([sys.executable, "-c", FREED, word], capture_output=True, check=True).stdout)
        for word in ("keep", "return")
    )
    assert kept < 1000 < returned
