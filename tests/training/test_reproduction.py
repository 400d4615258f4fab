"""A shipped look is made again from its card, with packages from a stand-in for Debian's client."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from replate.card import Card, Dataset, Training
from replate.catalogue import SHIPPED
from replate.errors import InputError, UsageError
from replate.network.onnxfile import read_card, write_card
from replate_training import checkpoint, sources
from replate_training.cli import train
from replate_training.material.flames import SIMULATED
from replate_training.reproduction.clients import unpack
from replate_training.reproduction.fetch import fetch
from replate_training.simulation.scenes import SCENES

from .conftest import scene

APT_GET = """#!/bin/sh
echo "$2" >> {log}
cp {archive} "$2_1.0_all.deb" || exit 100
"""
DPKG_DEB = """#!/bin/sh
tar -xf "$2" -C "$3"
"""


class Archive:
    """A package `stills` with two pictures, and the client that fetches it."""

    def __init__(self, root: Path) -> None:
        self.root, self.log = root, root / "log"
        pictures = root / "usr" / "share" / "stills"
        pictures.mkdir(parents=True)
        cv2.imwrite(str(pictures / "wide.png"), cv2.resize(scene(200, 300), (1800, 1200)))
        clear = np.dstack([scene(220, 280), np.zeros((220, 280), np.uint8)])
        clear[:, 140:, 3] = 255
        cv2.imwrite(str(pictures / "clear.png"), clear)
        self.table({path: path.read_bytes() for path in sorted(pictures.iterdir())})
        with tarfile.open(root / "stills.tar", "w") as archive:
            archive.add(root / "usr", "usr")
        self.tools = root / "bin"
        self.tools.mkdir()
        for name, text in (("apt-get", APT_GET), ("dpkg-deb", DPKG_DEB)):
            (self.tools / name).write_text(text.format(log=self.log, archive=root / "stills.tar"))
            (self.tools / name).chmod(0o755)

    def table(self, files: dict[Path, bytes]) -> None:
        """Say where the set `pictures` comes from."""
        rows = [
            ("debian:stills", str(path.relative_to(self.root)), hashlib.sha256(content).hexdigest(), "CC0-1.0", "1080")
            for path, content in files.items()
        ]
        lines = ["name\tpackage\tpath\tsha256\tlicence\tshort"]
        lines += ["\t".join((f"{index:03}.jpg", *row)) for index, row in enumerate(rows)]
        (self.root / "pictures.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def fetched(self) -> list[str]:
        """The packages that were asked for, in order."""
        return self.log.read_text().split() if self.log.exists() else []


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Archive:
    made = Archive(tmp_path / "archive")
    monkeypatch.setattr(sources, "TABLES", made.root)
    monkeypatch.setenv("PATH", f"{made.tools}{os.pathsep}{os.environ['PATH']}")
    return made


@pytest.fixture
def look(tmp_path: Path) -> Path:
    """A generator file whose card says that `silver` was trained on the set `pictures`."""
    path = tmp_path / "mine.onnx"
    shutil.copy(SHIPPED / "silver.onnx", path)
    command = "replate train silver --content pictures --out runs/silver --steps 900 --licence pictures=CC0-1.0"
    data = (Dataset(name="pictures", licence="CC0-1.0", files=2),)
    write_card(path, Card(name="mine", training=Training(recipe="silver", command=command, seed=7, data=data)))
    return path


def run(*words: object) -> Any:
    return CliRunner().invoke(train, [str(word) for word in words])


def test_a_look_is_made_again_from_its_card(archive: Archive, look: Path, tmp_path: Path) -> None:
    words = ("--reproduce", look, "--cache", tmp_path / "cache", "--out", tmp_path / "run", "--precision", "fp32")
    result = run(*words, "--steps", 1)
    assert result.exit_code == 0, result.output
    licence, fetching = (
        result.output.find(text) for text in ("debian:stills, under CC0-1.0", "fetching debian:stills")
    )
    assert 0 <= licence < fetching
    trained = checkpoint.load(tmp_path / "run" / "final.ckpt")
    assert (trained.recipe, trained.seed, trained.steps) == ("silver", 7, 1)
    (data,) = trained.data
    assert (data.name, data.licence, data.files, data.source) == ("pictures", "CC0-1.0", 2, "debian:stills")
    assert "debian:stills" in (tmp_path / "run" / "certificate.html").read_text(encoding="utf-8")
    assert archive.fetched() == ["stills"]


def test_pictures_are_made_as_the_look_saw_them_and_fetched_once(archive: Archive, tmp_path: Path) -> None:
    said: list[str] = []
    folder = fetch(sources.find("pictures"), tmp_path, say=said.append)
    again = fetch(sources.find("pictures"), tmp_path, say=said.append)
    assert folder == again and archive.fetched() == ["stills"] and len(said) == 2
    clear, wide = (cv2.imread(str(folder / name)) for name in ("000.jpg", "001.jpg"))
    assert wide.shape == (1080, 1620, 3) and clear.shape == (220, 280, 3)
    assert np.abs(clear[10:200, 10:120].astype(int) - (80, 88, 96)).max() <= 2
    assert np.abs(clear[:, 160:].astype(int) - scene(220, 280)[:, 160:]).mean() < 8
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]


def test_a_file_that_changed_is_refused(archive: Archive, tmp_path: Path) -> None:
    archive.table(dict.fromkeys(sorted(archive.root.rglob("*.png")), b"another version"))
    with pytest.raises(InputError, match=r"clear\.png has changed in debian:stills"):
        fetch(sources.find("pictures"), tmp_path, say=lambda text: None)
    archive.table({archive.root / "usr" / "gone.png": b""})
    with pytest.raises(InputError, match=r"gone\.png is not in debian:stills"):
        fetch(sources.find("pictures"), tmp_path, say=lambda text: None)
    assert not list((tmp_path / "data").rglob("*.jpg"))


def test_a_client_that_is_absent_or_fails_is_a_sentence(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (archive.root / "stills.tar").unlink()
    with pytest.raises(InputError, match=r"'apt-get download stills' failed: .*stills"):
        unpack("debian:stills", tmp_path / "here")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="'apt-get' is not on this machine"):
        unpack("debian:stills", tmp_path / "here")


def test_cards_that_do_not_say_enough(archive: Archive, look: Path) -> None:
    problem = run("--reproduce", "painted").exception
    assert isinstance(problem, UsageError) and "was trained with --features" in str(problem)
    write_card(look, Card(name="mine"))
    assert isinstance(run("--reproduce", look).exception, UsageError)
    assert archive.fetched() == []


def test_every_shipped_look_s_data_have_a_known_origin() -> None:
    for path in sorted(SHIPPED.glob("*.onnx")):
        card = read_card(path)
        assert card is not None and card.training is not None
        for data in card.training.data:
            if not data.files:
                continue  # computed
            if data.source == SIMULATED:
                assert data.name.removeprefix("simulation of ") in SCENES
                continue
            known = sources.find(data.name)
            assert len(known.files) == data.files
            assert all(len(each.sha256) == 64 and each.licence for each in known.files)
