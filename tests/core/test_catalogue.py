"""Generators by name and by path, and checking them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nets import foreign, identity, tiny_style
from replate.card import Card, Dataset, Training
from replate.catalogue import available, find, folders, shipped
from replate.errors import GeneratorError, UsageError
from replate.network.onnxfile import read_card, write_card
from replate.verification import verify


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("REPLATE_GENERATORS", str(tmp_path))
    return tmp_path


def test_names_and_paths(folder: Path) -> None:
    path = identity(folder / "sepia.onnx")
    assert find("sepia") == find(str(path)) == find(path) == path
    assert ("sepia", path) in available()
    assert folders()[0] == folder


def test_the_first_folder_wins(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "studio").mkdir()
    identity(folder / "look.onnx")
    first = identity(folder / "studio" / "look.onnx")
    monkeypatch.setenv("REPLATE_GENERATORS", f"{folder / 'studio'}:{folder}")
    assert find("look") == first


def test_unknown_names_get_the_nearest(folder: Path) -> None:
    identity(folder / "etching.onnx")
    with pytest.raises(UsageError, match="'etchign'; did you mean 'etching'"):
        find("etchign")
    for path in ("absent.onnx", "some/where"):
        with pytest.raises(GeneratorError, match=path):
            find(path)


def test_verify_names_every_problem(folder: Path) -> None:
    path = tiny_style(folder / "look.onnx", confidence=True)
    assert [each for each in verify(path) if "does not state" not in each] == []
    card = read_card(path)
    assert card is not None
    training = Training(recipe="look", data=(Dataset(name="photos", licence="CC0"),))
    full = replace(card, title="Look", licence="CC0-1.0", commercial_use=True, training=training)
    write_card(path, full)
    assert verify(path) == []
    assert "SHA-256" in verify(_with_stale_digest(path, full))[0]
    assert "no card" in verify(foreign(folder / "net.onnx"))[0]
    (folder / "cut.onnx").write_bytes(path.read_bytes()[:900])
    assert "not a readable ONNX file" in verify(folder / "cut.onnx")[0]


def _with_stale_digest(path: Path, card: Card) -> Path:
    import onnx

    model = onnx.load(path)
    onnx.helper.set_model_props(model, {"replate.card": replace(card, sha256="0" * 64).to_json()})
    onnx.save(model, path)
    return path


@pytest.mark.parametrize("path", shipped(), ids=lambda path: path.stem)
def test_shipped_generators_are_good(path: Path) -> None:
    assert verify(path) == []
