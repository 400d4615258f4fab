"""What training leaves behind: one file of tensors and plain Python values.

`final.ckpt` holds the smoothed generator, the critic and everything that a generator's card says about them. It is
read with `weights_only=True`: a checkpoint from a stranger runs no code.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import torch
from torch import Tensor, nn

from replate.errors import InputError, OutputError, reason

from .networks import Architecture, Critic, build, fold

__all__ = ["Data", "Network", "Trained", "load", "read", "save", "sweep", "write"]

FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """One network: the name of its family, the options that build it, and its weights with parametrisations folded."""

    family: str
    options: dict[str, Any] = field(default_factory=dict)
    weights: dict[str, Tensor] = field(default_factory=dict)

    @classmethod
    def of(cls, architecture: Architecture, network: nn.Module) -> Network:
        """A network of plain layers that has this architecture."""
        return cls(family=architecture.family, options=dict(architecture.options), weights=network.state_dict())

    def build(self) -> nn.Module:
        """The network with these weights, plain layers only, in evaluation mode; the machine's random state stays.

        Raises InputError where no network is like that.
        """
        try:
            with torch.random.fork_rng(devices=[]):
                network = fold(build(self.family, self.options))
            network.load_state_dict(self.weights)
        except (TypeError, LookupError, ValueError, AttributeError, RuntimeError) as error:
            raise InputError(
                f"a checkpoint holds a network that cannot be built ({reason(error)}); train it anew"
            ) from error
        return network.eval()


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """A set of pictures that training saw, and under which licence."""

    name: str
    licence: str
    files: int
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A trained look, with all that its card needs. It is the one after step `kept` of a training of so many `steps` so
    far. `seconds` is wall time, `metrics` plain numbers."""

    recipe: str
    generator_network: Network
    critic_network: Network | None = None
    title: str = ""
    description: str = ""
    licence: str = ""
    commercial_use: bool | None = None
    kind: str = "style"
    family: str = ""
    defaults: dict[str, Any] = field(default_factory=dict)
    space: str = "ACEScct"
    multiple: int = 8
    command: str = ""
    steps: int = 0
    kept: int = 0
    seconds: float = 0.0
    device: str = "cpu"
    seed: int = 0
    data: tuple[Data, ...] = ()
    metrics: dict[str, float] = field(default_factory=dict)

    def generator(self) -> nn.Module:
        """Plate to result: N x 3 x H x W in `space`, sides multiples of `multiple`."""
        return self.generator_network.build()

    def discriminator(self) -> Critic | None:
        """The critic, whose `confidence(result)` is N x 1 x H x W in 0..1; None where training had no adversary, or one
        that judges pictures as a whole."""
        critic = None if self.critic_network is None else self.critic_network.build()
        return critic if isinstance(critic, Critic) else None


def save(trained: Trained, path: Path) -> None:
    """Write a finished look; the file appears complete or not at all."""
    write({"format": FORMAT, **asdict(trained)}, path)


def load(path: str | Path) -> Trained:
    """Read a finished look; raises InputError where the file is none."""
    content = dict(read(Path(path)))
    if content.pop("format", None) != FORMAT or not {"recipe", "generator_network"} <= set(content):
        raise InputError(f"{path} is not a finished training; give the final.ckpt of a training folder", path=path)
    known = {item.name for item in fields(Trained)}
    values = {name: value for name, value in content.items() if name in known}
    try:
        for name in ("generator_network", "critic_network"):
            values[name] = values.get(name) and Network(**values[name])
        values["data"] = tuple(Data(**item) for item in values.get("data", ()))
    except TypeError as error:
        raise InputError(f"{path} is damaged ({reason(error)}); give another final.ckpt", path=path) from error
    return Trained(**values)


def write(content: Mapping[str, Any], path: Path) -> None:
    """Save under a temporary name, flush to the disk, rename: a kill at any moment leaves the old file or the new."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, RuntimeError) as error:
        raise OutputError(
            f"the checkpoint {path} could not be written: {reason(error)}; free the disk and resume"
        ) from None
    finally:
        with suppress(OSError):
            part.unlink()


def sweep(folder: Path) -> None:
    """Remove what a killed process left half-written."""
    for part in folder.glob(".*.ckpt.*.part"):
        with suppress(OSError):
            part.unlink()


def read(path: Path) -> Mapping[str, Any]:
    """Load a file of tensors and plain values; raises InputError where it is missing, damaged or more than that."""
    try:
        _check_sums(path)
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # damage shows as nearly any error of torch's reader
        raise InputError(f"the checkpoint {path} cannot be read: {reason(error)}", path=path) from None
    if not isinstance(content, Mapping):
        raise InputError(f"{path} is not a checkpoint: it holds a {type(content).__name__}", path=path)
    return content


def _check_sums(path: Path) -> None:
    """Raise BadZipFile where a tensor is not what was written; torch does not look at the checksums that it writes."""
    with ZipFile(path) as file:
        if (wrong := file.testzip()) is not None:
            raise BadZipFile(f"its part {wrong} is damaged")
