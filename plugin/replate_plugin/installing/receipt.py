"""What was written into a host's folder, so that exactly that is updated and removed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath

__all__ = ["NAME", "Receipt", "digest"]

NAME = "receipt.json"


def digest(data: bytes) -> str:
    """What a file is known by."""
    return hashlib.sha256(data).hexdigest()


@dataclass
class Receipt:
    """Paths are relative to the host's folder, with slashes, so that a folder can be mounted elsewhere.

    `files` maps each to the digests that are ours: two while an update is under way. `blocks` maps files of the user's
    to the texts that may be in them; `created` are those of them that were not there before. `folders` were made.
    """

    files: dict[str, list[str]] = field(default_factory=dict)
    blocks: dict[str, list[str]] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)

    @classmethod
    def load(cls, folder: Path) -> Receipt:
        """The receipt in our folder; an empty one where there is none, or none that can be understood."""
        try:
            found = cls(**json.loads((folder / NAME).read_text(encoding="utf-8")))
            return found if found.is_sound else cls()
        except (OSError, ValueError, TypeError, AttributeError):
            return cls()

    @property
    def is_sound(self) -> bool:
        """Whether all that it names lies in the host's folder, and is told as it should be."""
        names = [PurePosixPath(name) for name in (*self.files, *self.blocks)]
        texts = [each for known in (*self.files.values(), *self.blocks.values()) for each in known]
        return all(isinstance(each, str) for each in (*texts, *self.created, *self.folders)) and not any(
            name.is_absolute() or ".." in name.parts for name in names
        )

    def data(self) -> bytes:
        """As it is written."""
        return (json.dumps(asdict(self), indent=1, sort_keys=True) + "\n").encode()

    def joined(self, other: Receipt) -> Receipt:
        """Both: what may be found if a change from one to the other breaks off."""
        return Receipt(
            files=_joined(self.files, other.files),
            blocks=_joined(self.blocks, other.blocks),
            created=sorted({*self.created, *other.created}),
            folders=sorted({*self.folders, *other.folders}),
        )


def _joined(some: dict[str, list[str]], more: dict[str, list[str]]) -> dict[str, list[str]]:
    return {name: sorted({*some.get(name, ()), *more.get(name, ())}) for name in {**some, **more}}
