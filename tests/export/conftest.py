"""A tiny look, trained by nobody, and its export."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("torch", reason="export needs torch; set it up with 'install.py test'")

import torch

from replate_export import Exported, export
from replate_training import checkpoint
from replate_training.checkpoint import Trained

from .looks import look


@pytest.fixture(autouse=True)
def one_thread() -> None:
    """Threads cost more than they give on networks this small."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def trained() -> Trained:
    return look()


@pytest.fixture(scope="session")
def checkpoint_file(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("runs") / "final.ckpt"
    checkpoint.save(trained, path)
    return path


@pytest.fixture(scope="session")
def exported(checkpoint_file: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Exported, ...]:
    return export(checkpoint_file, tmp_path_factory.mktemp("out") / "tiny.onnx", half=True)
