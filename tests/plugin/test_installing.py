"""`install.py hosts`: what is put into a host's folder comes out of it again, and what was the user's stays."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from replate_plugin.installing.blocks import block, with_block, without
from replate_plugin.installing.changes import installation, removal
from replate_plugin.installing.contents import Contents
from replate_plugin.installing.hosts import Place, places, too_old
from replate_plugin.installing.receipt import NAME, digest
from replate_plugin.installing.system import System
from services import ROOT, program

OURS = Contents(
    {"replate/a.py": b"one", "replate/deep/b.py": b"two", "Scripts/Utility/R/c.py": b"three"},
    {"init.py": block("import nuke")},
)
Snapshot = dict[str, bytes | None]


def snapshot(folder: Path) -> Snapshot:
    """Every path under a folder with its content; folders have none."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def nuke(folder: Path) -> Place:
    return Place("nuke", "Nuke", folder)


def left(place: Place, wanted: Contents | None = None) -> list[str]:
    """Carry out what is wanted, or the removal; the names of files that were left alone."""
    work = installation(place, wanted) if wanted else removal(place)
    work.do()
    return [step.path.name for step in work.steps if step.left]


@given(content=st.binary() | st.text(alphabet=" #>\n\r\t\\\"'abR", max_size=30).map(str.encode))
@example(content=b"")
@example(content=b"import nuke\r\n")
@example(content=b"print('no end of line')")
@example(content=b"# coding: latin-1\n# \xe9\n\n\n")
def test_a_block_comes_out_as_it_went_in(content: bytes) -> None:
    assume(b">>> Replate" not in content)
    first, second = block("one"), block("two")
    installed = with_block(content, first)
    assert installed is not None and installed.startswith(content)
    assert with_block(installed, first) == installed
    updated = with_block(installed, second, [first])
    assert updated == content + second.encode()
    assert without(updated, [second]) == content


@settings(max_examples=30)
@given(content=st.binary(max_size=40))
def test_what_is_in_an_init_survives_installing_and_removing(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assume(b">>> Replate" not in content)
    folder = tmp_path_factory.mktemp("home")
    (folder / "init.py").write_bytes(content)
    (folder / "mine.py").write_text("mine")
    before = snapshot(folder)
    assert not left(nuke(folder), OURS)
    assert (folder / "init.py").read_bytes().startswith(content)
    assert not left(nuke(folder))
    assert snapshot(folder) == before


def test_a_home_without_anything_is_that_again(tmp_path: Path) -> None:
    place = nuke(tmp_path / "home" / ".nuke")
    left(place, OURS)
    cache = place.ours / "__pycache__"
    cache.mkdir()
    (cache / "a.cpython-311.pyc").write_bytes(b"")
    left(place)
    assert not list(tmp_path.iterdir())


def test_a_second_time_changes_nothing(tmp_path: Path) -> None:
    left(nuke(tmp_path), OURS)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file() and path.name != NAME}
    again = installation(nuke(tmp_path), OURS)
    again.do()
    assert not again.steps
    assert before == {path: path.stat().st_mtime_ns for path in before}


def test_an_update_replaces_what_is_ours_and_deletes_what_is_no_more(tmp_path: Path) -> None:
    left(nuke(tmp_path), OURS)
    newer = Contents({"replate/a.py": b"new", "replate/d.py": b"four"}, {"init.py": block("import other")})
    assert not left(nuke(tmp_path), newer)
    assert snapshot(tmp_path / "replate").keys() == {"a.py", "d.py", "deep", NAME}
    assert (tmp_path / "init.py").read_text() == newer.blocks["init.py"]
    left(nuke(tmp_path))
    assert not list(tmp_path.iterdir())


def test_a_changed_file_is_left_and_said(tmp_path: Path) -> None:
    left(nuke(tmp_path), OURS)
    (tmp_path / "replate" / "a.py").write_text("mine now")
    assert left(nuke(tmp_path), OURS) == ["a.py"]
    assert left(nuke(tmp_path)) == ["a.py"]
    assert snapshot(tmp_path) == {"replate": None, "replate/a.py": b"mine now"}


def test_a_file_that_was_put_right_again_is_ours_again(tmp_path: Path) -> None:
    left(nuke(tmp_path), OURS)
    for name in OURS.files:
        (tmp_path / name).write_text("mine now")
    assert len(left(nuke(tmp_path), OURS)) == 3
    for name, data in OURS.files.items():
        (tmp_path / name).write_bytes(data)
    assert not left(nuke(tmp_path))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "receipt",
    ["[]", "{", '{"files": []}', '{"files": {"a.py": [1]}}', '{"files": {"../mine.py": ["DIGEST"]}, "blocks": {}}'],
)
def test_a_receipt_that_makes_no_sense_does_no_harm(tmp_path: Path, receipt: str) -> None:
    folder = make(tmp_path / "home" / "replate")
    (tmp_path / "mine.py").write_bytes(b"mine")
    (folder / NAME).write_text(receipt.replace("DIGEST", digest(b"mine")))
    assert not left(nuke(folder.parent))
    assert (tmp_path / "mine.py").exists()
    assert not left(nuke(folder.parent), OURS)


def test_changed_lines_in_an_init_are_left_and_said(tmp_path: Path) -> None:
    left(nuke(tmp_path), OURS)
    init = tmp_path / "init.py"
    init.write_text(init.read_text().replace("import nuke", "import nuke  # mine"))
    before = init.read_bytes()
    assert left(nuke(tmp_path), OURS) == ["init.py"]
    assert left(nuke(tmp_path)) == ["init.py"]
    assert init.read_bytes() == before


def test_lines_that_the_user_added_afterwards_stay(tmp_path: Path) -> None:
    left(nuke(tmp_path), OURS)
    with (tmp_path / "init.py").open("ab") as file:
        file.write(b"mine = 1\n")
    left(nuke(tmp_path))
    assert snapshot(tmp_path) == {"init.py": b"mine = 1\n"}


def test_a_file_of_that_name_that_was_there_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "replate").mkdir()
    (tmp_path / "replate" / "a.py").write_text("somebody else's")
    before = snapshot(tmp_path)
    assert left(nuke(tmp_path), OURS) == ["a.py"]
    left(nuke(tmp_path))
    assert snapshot(tmp_path) == before


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    dotfiles, home = tmp_path / "dotfiles", tmp_path / "home"
    dotfiles.mkdir()
    home.mkdir()
    (dotfiles / "init.py").write_text("mine = 1\n")
    (home / "init.py").symlink_to(dotfiles / "init.py")
    left(nuke(home), OURS)
    assert b"import nuke" in (dotfiles / "init.py").read_bytes()
    left(nuke(home))
    assert (home / "init.py").is_symlink()
    assert (dotfiles / "init.py").read_text() == "mine = 1\n"


@pytest.mark.parametrize("steps", range(4))
def test_an_update_that_breaks_off_can_be_removed(tmp_path: Path, steps: int) -> None:
    left(nuke(tmp_path), OURS)
    newer = Contents({name: data + b"!" for name, data in OURS.files.items()}, {"init.py": block("import other")})
    work = installation(nuke(tmp_path), newer)

    def full() -> None:
        raise OSError("the disk is full")

    broken = type("Broken", (), {"path": tmp_path / "x", "data": b"", "left": "", "do": lambda self: full()})()
    work.steps.insert(steps, broken)
    with pytest.raises(OSError, match="full"):
        work.do()
    assert not left(nuke(tmp_path))
    assert not list(tmp_path.iterdir())


def make(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def linux(root: Path) -> System:
    make(root / "usr/local/Nuke16.0v4")
    make(root / "opt/Nuke12.2v3")
    make(root / "opt/blender-5.0.1-linux-x64/5.0")
    make(root / "home/ann/.config/blender/4.2")
    make(root / "home/ann/.config/blender/5.1")
    make(root / "opt/resolve/bin/resolve")
    return System("linux", root / "home/ann", {}, root)


def mac(root: Path) -> System:
    make(root / "Users/ann/Library/Application Support")
    make(root / "Applications/Nuke15.1v3")
    make(root / "Applications/Blender.app/Contents/Resources/5.0")
    make(root / "Applications/DaVinci Resolve/DaVinci Resolve.app")
    return System("mac", root / "Users/ann", {}, root)


def windows(root: Path) -> System:
    programs, roaming = root / "Program Files", root / "Users/ann/AppData/Roaming"
    make(roaming)
    make(programs / "Nuke17.0v1")
    make(programs / "Blender Foundation/Blender 5.0/5.0")
    make(programs / "Blackmagic Design/DaVinci Resolve/Resolve.exe")
    return System("windows", root / "Users/ann", {"PROGRAMFILES": str(programs), "APPDATA": str(roaming)}, root)


EXPECTED = {
    linux: {
        "Nuke 16.0v4": "home/ann/.nuke",
        "Blender 5.0": "home/ann/.config/blender/5.0/extensions/user_default",
        "Blender 5.1": "home/ann/.config/blender/5.1/extensions/user_default",
        "DaVinci Resolve": "home/ann/.local/share/DaVinciResolve/Fusion",
    },
    mac: {
        "Nuke 15.1v3": "Users/ann/.nuke",
        "Blender 5.0": "Users/ann/Library/Application Support/Blender/5.0/extensions/user_default",
        "DaVinci Resolve": "Users/ann/Library/Application Support/Blackmagic Design/DaVinci Resolve/Fusion",
    },
    windows: {
        "Nuke 17.0v1": "Users/ann/.nuke",
        "Blender 5.0": "Users/ann/AppData/Roaming/Blender Foundation/Blender/5.0/extensions/user_default",
        "DaVinci Resolve": "Users/ann/AppData/Roaming/Blackmagic Design/DaVinci Resolve/Support/Fusion",
    },
}


@pytest.mark.parametrize("layout", EXPECTED, ids=lambda layout: layout.__name__)
def test_hosts_are_found_where_they_usually_are(tmp_path: Path, layout: Callable[[Path], System]) -> None:
    found = places(layout(tmp_path))
    assert {place.title: str(place.folder.relative_to(tmp_path)) for place in found} == EXPECTED[layout]


@pytest.mark.parametrize("layout", EXPECTED, ids=lambda layout: layout.__name__)
def test_installing_and_removing_leaves_a_machine_as_it_was(tmp_path: Path, layout: Callable[[Path], System]) -> None:
    found = places(layout(tmp_path))
    before = snapshot(tmp_path)
    for place in found:
        left(place, OURS)
    assert all(place.is_used for place in found)
    for place in found:
        left(place)
    assert snapshot(tmp_path) == before


def test_what_is_too_old_is_said(tmp_path: Path) -> None:
    told = [" ".join(line.split()) for line in too_old(linux(tmp_path))]
    assert told == ["Nuke 12.2v3 too old: Replate needs 15", "Blender 4.2 too old: Replate needs 5.0"]


def test_no_host_is_found_on_a_machine_without_any(tmp_path: Path) -> None:
    assert not places(System("linux", tmp_path / "home", {}, tmp_path))


def test_blender_keeps_its_files_where_its_environment_says(tmp_path: Path) -> None:
    system = System("linux", tmp_path, {"BLENDER_USER_RESOURCES": str(tmp_path / "r")}, tmp_path)
    assert [place.folder for place in places(system)] == [tmp_path / "r/extensions/user_default"]


def test_a_folder_of_nuke_path_that_has_replate_is_the_one_that_counts(tmp_path: Path) -> None:
    studio = tmp_path / "studio"
    left(nuke(studio), OURS)
    make(tmp_path / "home/.nuke")
    system = System("linux", tmp_path / "home", {"NUKE_PATH": f"/elsewhere:{studio}"}, tmp_path)
    assert [place.folder for place in places(system)] == [studio]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with Resolve in it."""
    make(tmp_path / "home" / RESOLVE)
    return tmp_path / "home"


RESOLVE = ".local/share/DaVinciResolve/Fusion"
SCRIPTS = f"{RESOLVE}/Scripts/Utility/Replate"


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`install.py hosts` as it is called, with the packages of this checkout."""
    python = program(home.parent)
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "REPLATE_PYTHON": python}
    environment["PYTHONPATH"] = str(ROOT / "plugin")
    command = [sys.executable, "-m", "replate_plugin.installing", *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def test_resolve_gets_a_script_for_every_node_that_finds_its_package(home: Path) -> None:
    done = run(home, "--install", "resolve")
    assert done.returncode == 0, done.stderr
    assert "Workspace > Scripts > Replate" in done.stdout
    assert sorted(path.name for path in (home / SCRIPTS).iterdir()) == ["Effect.py", "Removal.py", "Style.py"]
    scripts = {path.relative_to(home / RESOLVE).parts[0] for path in (home / RESOLVE).rglob("*.py")}
    assert scripts == {"Scripts", "Replate"}, "Resolve lists all that is under Scripts"
    command = [sys.executable, str(home / SCRIPTS / "Style.py")]
    started = subprocess.run(command, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True)
    assert "Workspace > Scripts inside DaVinci Resolve" in started.stdout, started.stderr
    assert run(home).stdout.startswith("DaVinci Resolve          installed ")
    assert run(home, "--remove").returncode == 0
    assert not any(path.is_file() for path in home.rglob("*") if path.name != "python")


NUKE = """
import runpy, sys
from pathlib import Path
from unittest.mock import MagicMock
sys.modules["nukescripts"] = MagicMock()
sys.path = [sys.argv[2], *(path for path in sys.path if not (Path(path) / "replate_plugin").is_dir())]
import fakenuke as nuke
sys.modules["nuke"] = nuke
said, paths = [], []
nuke.tprint, nuke.pluginAddPath = said.append, paths.append
home = Path(sys.argv[1]) / ".nuke"
runpy.run_path(str(home / "init.py"))
for name in ("init.py", "menu.py"):
    runpy.run_path(str(home / paths[0] / name))
import replate_plugin.panel
print([Path(replate_plugin.panel.__file__).parents[1] == home / "replate" / "replate_plugin", said])
"""


def test_nuke_starts_with_it_and_the_users_own_init_is_run_as_before(home: Path) -> None:
    make(home / ".nuke")
    (home / ".nuke" / "init.py").write_text("print('mine')")
    assert run(home, "--install", "nuke").returncode == 0
    command = [sys.executable, "-c", NUKE, str(home), str(ROOT / "tests" / "plugin" / "in_nuke")]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT / "tests")}
    started = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert started.stdout.splitlines() == ["mine", "[True, []]"], started.stderr
    assert run(home, "--remove", "nuke").returncode == 0
    assert snapshot(home / ".nuke") == {"init.py": b"print('mine')"}


def test_the_copy_knows_the_installation_it_came_from(home: Path) -> None:
    assert run(home, "--install").returncode == 0
    package = home / RESOLVE / "Replate"
    code = "from replate_plugin import starting; print(starting.python()); print(starting.answer('--version'))"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(package)}, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[0] == program(home.parent), done.stderr
    assert not (package / "replate_plugin" / "installing").exists()


def test_a_dry_run_says_all_and_does_nothing(home: Path) -> None:
    before = snapshot(home)
    done = run(home, "--install", "--dry-run")
    assert done.returncode == 0, done.stderr
    assert f"would write {home / SCRIPTS / 'Style.py'}" in done.stdout
    assert snapshot(home) == before


def test_a_folder_that_cannot_be_written_is_a_sentence(home: Path) -> None:
    (home / RESOLVE / "Replate").write_text("a file where the folder should be")
    done = run(home, "--install")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert str(home / RESOLVE / "Replate") in done.stderr


def test_a_host_that_is_not_there_is_a_sentence(home: Path) -> None:
    done = run(home, "--install", "nuke")
    assert done.returncode == 1
    assert "nuke was not found here" in done.stderr and "--into" in done.stderr


def test_a_folder_of_the_studio_can_be_named(home: Path) -> None:
    studio = home.parent / "studio"
    assert run(home, "--install", "resolve", "--into", str(studio)).returncode == 0
    assert (studio / "Scripts/Utility/Replate/Style.py").is_file()
    assert run(home, "--into", str(studio)).returncode == 2, "the host must be named"
    assert run(home, "--remove", "resolve", "--into", str(studio)).returncode == 0
    assert not studio.exists()
