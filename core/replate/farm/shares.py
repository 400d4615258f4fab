"""A machine's parts, one for each session that works on it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from ..errors import UsageError

__all__ = ["Share", "shares_of"]


_POOLS = "OMP_NUM_THREADS", "OPENIMAGEIO_THREADS"


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one session may use: some cores, and a GPU by the number that `CUDA_VISIBLE_DEVICES` has for it.

    No cores means all, no GPU whatever the environment says.
    """

    name: str
    cores: frozenset[int] = frozenset()
    gpu: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """What the environment says of it. ONNX Runtime and OpenCV look at the cores that `pin` leaves them; these
        look at the machine's."""
        gpu = {"CUDA_VISIBLE_DEVICES": self.gpu} if self.gpu else {}
        return gpu | (dict.fromkeys(_POOLS, str(len(self.cores))) if self.cores else {})

    def pin(self) -> None:
        """Keep the calling thread, and every process that it starts from now on, to these cores; where the system
        can."""
        if self.cores and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, self.cores)


def shares_of(*, sessions: int = 1, gpus: str = "") -> tuple[Share, ...]:
    """This process's cores in `sessions` equal parts, or in one for each of `gpus`, as in "0,1".

    Raises UsageError where there are fewer cores than parts.
    """
    names = [name.strip() for name in gpus.split(",") if name.strip()]
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else list(range(os.cpu_count() or 1))
    count = len(names) or sessions
    if count > len(cores):
        raise UsageError(f"{count} sessions need a core each, this machine has {len(cores)}; ask for fewer")
    parts = _parts(cores, count)
    if names:
        return tuple(Share(name=f"GPU {gpu}", cores=part, gpu=gpu) for gpu, part in zip(names, parts, strict=True))
    return tuple(Share(name=f"session {number}", cores=part) for number, part in enumerate(parts, 1))


def _parts(cores: Sequence[int], count: int) -> list[frozenset[int]]:
    """Neighbours stay together: they share caches."""
    bounds = [len(cores) * number // count for number in range(count + 1)]
    return [frozenset(cores[low:high]) for low, high in pairwise(bounds)]
