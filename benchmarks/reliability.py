"""Faults done to Replate, as the page docs/reliability.md.

    python benchmarks/reliability.py                      # every fault
    python benchmarks/reliability.py kill --times 200     # one, the rows of the others are kept

To add a fault: a function in `faults/` that takes a `Trial` and yields `Row`s, and an entry in `FAULTS` with how often
it is tried by default. The tests in tests/reliability run the same functions with small numbers.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from faults import (
    Fault,
    Row,
    Trial,
    clocks,
    damage,
    hostile,
    kill,
    memory,
    places,
    service,
    session,
    sharing,
    soak,
    steps,
    training,
)

FAULTS: Mapping[str, tuple[Fault, int]] = {
    "kill": (kill.random_moments, 200),
    "kill-steps": (steps.kills, 1000),
    "share": (sharing.at_once, 20),
    "error-steps": (steps.errors, 1000),
    "files": (places.files, 5),
    "limits": (places.limits, 12),
    "disks": (places.disks, 20),
    "reads": (clocks.reads, 10),
    "clock": (clocks.jumps, 10),
    "memory": (memory.limits, 60),
    "service": (service.killed, 60),
    "session": (session.killed, 60),
    "training": (training.killed, 20),
    "pictures": (damage.pictures, 6200),
    "movies": (damage.movies, 2200),
    "networks": (damage.networks, 800),
    "documents": (damage.documents, 1400),
    "trainings": (damage.trainings, 400),
    "messages": (hostile.messages, 1000),
    "soak": (soak.soak, 2000),
}
PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
HEADINGS = ("fault", "tried", "lost", "recovered in", "command")


def main() -> int:
    """Do what is asked for and write the page; 1 where something was lost."""
    options = _options()
    good = True
    for name in options.names or FAULTS:
        rows = run(name, times=options.times, seed=options.seed)
        times = options.times or FAULTS[name][1]
        command = f"python benchmarks/reliability.py {name} --times {times} --seed {options.seed}"
        good = good and not any(row.lost for row in rows)
        if not options.no_page:
            _write(name, [_line((*row.cells(), f"`{command}`")) for row in rows])
        for row in rows:
            print(" | ".join(row.cells()), *row.lost, sep="\n  ", flush=True)
    return 0 if good else 1


def run(name: str, *, times: int = 0, seed: int = 1) -> list[Row]:
    """The rows of one fault; 0 times are as many as it is tried by default."""
    fault, usual = FAULTS[name]
    with TemporaryDirectory(prefix="replate-faults-") as folder:
        return list(fault(Trial(times=times or usual, chance=random.Random(seed), folder=Path(folder))))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("names", nargs="*", choices=[[], *FAULTS], metavar="FAULT", help=f"of {', '.join(FAULTS)}")
    parser.add_argument("--times", type=int, default=0, help="how often; 0: as often as is usual for the fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-page", action="store_true", help="only say what came of it")
    return parser.parse_args()


def _write(name: str, lines: list[str]) -> None:
    """Put the rows of one fault into the page's table, in the order of `FAULTS`."""
    text = PAGE.read_text(encoding="utf-8")
    head, mark, tail = text.partition(_line(HEADINGS) + "\n" + _line(["---"] * len(HEADINGS)) + "\n")
    table = re.match(r"(\|.*\n)*", tail)
    assert mark and table, f"{PAGE} has no table of faults"
    kept: dict[str, list[str]] = {each: [] for each in FAULTS}
    for line in table[0].splitlines():
        kept.setdefault(line.rpartition("reliability.py ")[2].split()[0], []).append(line)
    kept[name] = lines
    rows = "".join(f"{line}\n" for each in FAULTS for line in kept[each])
    PAGE.write_text(head + mark + rows + tail[table.end() :], encoding="utf-8")


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
