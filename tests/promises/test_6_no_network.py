"""Promise 6: everything works where there is no network, and nothing looks for one."""

from __future__ import annotations

import mmap
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from nets import foreign
from plates import write_shot

ROOT = Path(__file__).parents[2]
Alone = Callable[..., str]

# Whether a new network namespace, in which there is nothing but a loopback that is down, can be had without rights.
NAMESPACE = ["unshare", "--map-root-user", "--net"]


@pytest.fixture(scope="module")
def alone() -> Alone:
    """Runs a program where there is no network; what it says."""
    if not shutil.which("unshare") or subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode:
        pytest.skip("this system gives no network namespace without rights")

    def alone(*words: str | Path) -> str:
        done = subprocess.run([*NAMESPACE, *map(str, words)], capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return alone


def test_there_is_no_network_in_there(alone: Alone) -> None:
    code = "import socket; print(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect_ex(('192.0.2.1', 9)))"
    assert alone(sys.executable, "-S", "-c", code).strip() != "0"


def test_a_connection_is_noted_here_and_in_processes(connections: Path) -> None:
    before = connections.read_text()
    code = "import socket\ntry: socket.create_connection(('192.0.2.1', 9))\nexcept OSError: pass"
    with pytest.raises(ConnectionRefusedError, match="no network"):
        socket.create_connection(("192.0.2.2", 9), timeout=1)
    subprocess.run([sys.executable, "-c", code], check=True)
    noted = connections.read_text()[len(before) :]
    connections.write_text(before)  # else this test would fail for it
    assert "192.0.2.1" in noted and "192.0.2.2" in noted


def test_main_commands(alone: Alone, tmp_path: Path, generator: str, shot: str) -> None:
    """The command line, each command in a process of its own that has no network."""
    unknown = foreign(tmp_path / "foreign.onnx")
    render = ["render", "style", shot]
    for words in (
        ["nodes"],
        ["generators", "list"],
        ["generators", "verify", "light"],
        ["inspect", unknown, "--write-sidecar"],
        [*render, tmp_path / "one.%04d.exr", "--generator", generator, "--save-job", tmp_path / "job.json"],
        [*render, tmp_path / "two.mp4", "--generator", unknown, "--frames", "1001-1002"],
        ["farm", tmp_path / "job.json"],
    ):
        alone(sys.executable, "-m", "replate", *words)
    assert len(list(tmp_path.glob("one.*.exr"))) == 10


def test_the_service_and_its_client(alone: Alone, tmp_path: Path, generator: str) -> None:
    plate = write_shot(tmp_path / "in", range(1, 3))
    code = (
        "import sys\nfrom pathlib import Path\nfrom services import served, array\n"
        "with served(Path(sys.argv[1])) as service:\n"
        "    job = {'replate': 1, 'node': 'style', 'inputs': {'plate': sys.argv[2]}, 'output': 'o.exr',\n"
        "           'generator': sys.argv[3]}\n"
        "    print(array(service.preview(job, 1)).shape)\n"
    )
    path = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "plugin"), str(ROOT / "core")])
    words = [sys.executable, "-c", code, tmp_path / "service", plate, generator]
    assert alone("env", f"PYTHONPATH={path}", *words).startswith("(")


def test_a_training(alone: Alone, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    write_shot(tmp_path / "in", range(2), size=(96, 128))
    words = ["train", "tiny", "--content", tmp_path / "in", "--out", tmp_path / "out", "--steps", "2"]
    script = ROOT / "tests" / "training" / "small.py"
    path = os.pathsep.join(str(ROOT / name) for name in ("core", "training"))
    alone("env", "SAVE=9", f"PYTHONPATH={path}", sys.executable, script, *words)
    assert (tmp_path / "out" / "final.ckpt").is_file()


SIGNS = (b"_TELEMETRY", b"TELEMETRY_", b"telemetry_events", b"DO_NOT_TRACK")
WORD = re.compile(rb"[A-Za-z_]+")
KNOWN = {
    # replate/__init__.py, and network/device.py for Windows
    "onnxruntime": {"enable_telemetry_events", "disable_telemetry_events", "ORT_DISABLE_TELEMETRY"},
}


def _rendering() -> dict[str, Distribution]:
    """What is installed of all that the core needs, and of what that needs in turn, by name."""
    found: dict[str, Distribution] = {}
    todo = ["replate", "onnxruntime"]
    while todo:
        name = canonicalize_name(todo.pop())
        if name not in found:
            with suppress(PackageNotFoundError):
                found[name] = distribution(name)
                needs = [Requirement(each) for each in found[name].requires or ()]
                todo += [each.name for each in needs if each.marker is None or each.marker.evaluate({"extra": ""})]
    return found


def _switches(package: Distribution) -> set[str]:
    """Words in a package's Python and libraries that name a switch for telemetry."""
    found = set()
    for file in package.files or ():
        path = Path(str(package.locate_file(file)))
        if {".py", ".so"} & set(file.suffixes) and file.suffix != ".pyc" and path.is_file() and path.stat().st_size:
            with path.open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as data:
                found |= {word for sign in SIGNS for word in _around(data, sign)}
    return found


def _around(data: mmap.mmap, sign: bytes) -> Iterator[str]:
    """The whole words that a sign stands in."""
    place = -1
    while (place := data.find(sign, place + 1)) >= 0:
        text = data[max(0, place - 40) : place + 40]
        yield next(word[0].decode() for word in WORD.finditer(text) if sign in word[0])


def test_what_renders_has_no_telemetry_that_is_not_turned_off() -> None:
    """A new version that has a switch for it is looked at by a person first. Of what training needs, none has one."""
    found = {name: _switches(package) for name, package in _rendering().items()}
    assert {name: switches for name, switches in found.items() if switches} == KNOWN


@pytest.mark.parametrize("module", ["replate.network.device", "replate_export.parity"])
def test_onnx_runtime_keeps_nothing_to_send(tmp_path: Path, module: str) -> None:
    """It would note an identity of the machine, and every session, in the user's cache, and send them."""
    code = f"import {module}\nfrom replate.network.device import probe\nprint(probe('cpu'))"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}
    environment = {**clean, "HOME": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "cpu", done.stderr
    assert not list(tmp_path.glob("**/*onnxruntime*"))


def test_onnx_runtime_is_told_to_send_nothing_on_windows() -> None:
    """There the system sends; what is started before is not to be had otherwise."""
    assert "ort.disable_telemetry_events()" in (ROOT / "core" / "replate" / "network" / "device.py").read_text()
