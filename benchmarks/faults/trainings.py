"""What trainings leave behind and read again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import torch

from replate_training import checkpoint
from replate_training.material import files, teaching
from replate_training.networks import Architecture
from replate_training.simulation.takes import Take

from .formats import Format
from .mutation import mutated_json
from .panels import same

__all__ = ["kept"]

torch.set_num_threads(1)


def kept(folder: Path) -> Iterator[Format]:
    """Checkpoints, cached targets, takes and datasets."""
    yield Format(name="checkpoint", whole=_checkpoint(folder), read=_looked_at)
    target = folder / "target.safetensors"
    teaching.save_file({"target": torch.rand(3, 8, 8)}, target)
    why = "safetensors has no checksum"
    yield Format(
        group="cached target",
        name="cached target",
        whole=target,
        read=lambda path: _sum(teaching._cached(path)),
        why=why,
    )
    take, sheet = folder / "take.npz", torch.rand(4, 8, 8).half()
    Take(heat=sheet, smoke=1 - sheet, flow=torch.rand(4, 2, 4, 4).half()).save(take)
    yield Format(name="take", whole=take, read=_taken)
    dataset = folder / "dataset.json"
    pictures = [{"file": f"{n}.png", "origin": "a.mov", "licence": "CC0", "split": "train"} for n in range(3)]
    dataset.write_text(json.dumps({"pictures": pictures}))
    why = "no word of it is checked by another"
    yield Format(name="dataset", whole=dataset, read=_origins, why=why, change=mutated_json)


def _checkpoint(folder: Path) -> Path:
    architecture = Architecture(family="residual", options={})
    network = checkpoint.Network.of(architecture, architecture.folded(architecture.build().state_dict()))
    checkpoint.save(checkpoint.Trained(recipe="tiny", generator_network=network), folder / "final.ckpt")
    return folder / "final.ckpt"


def _looked_at(path: Path) -> str:
    trained = checkpoint.load(path)
    return _sum(trained.generator()(torch.zeros(1, 3, 32, 32)).detach()) + trained.recipe.replace(" ", "-")


def _taken(path: Path) -> str:
    take = Take.load(path)
    return "".join(_sum(each) for each in (take.heat, take.smoke, take.flow))


def _origins(path: Path) -> str:
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    (folder / files.MANIFEST).write_bytes(path.read_bytes())
    return hashlib.sha256(same({str(key): count for key, count in files.origins(folder).items()}).encode()).hexdigest()


def _sum(tensor: torch.Tensor) -> str:
    return hashlib.sha256(tensor.float().numpy().tobytes()).hexdigest()[:16]
