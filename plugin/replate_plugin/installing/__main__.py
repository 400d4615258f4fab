"""`install.py hosts ...`, run by the Python of the installation."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..errors import ServiceError
from ..starting import python
from .changes import Step, Work, installation, removal
from .contents import contents
from .hosts import HOSTS, Place, places, too_old, within
from .packing import Origin
from .system import System

_VERBS = {
    "install": "put them into these hosts: nuke, blender, resolve; without a name into all that are found",
    "update": "bring them up to date where they are",
    "remove": "take away what was installed, and nothing else",
}
_NEXT = {
    "nuke": "start Nuke anew: Replate is in the toolbar of nodes",
    "blender": "start Blender anew and tick Replate under Edit > Preferences > Add-ons",
    "resolve": "in DaVinci Resolve Studio: Workspace > Scripts > Replate",
}


def main(arguments: Sequence[str], system: System | None = None) -> int:
    """List, install, update or remove; the exit code: 1 where something could not be done as asked."""
    asked = _parsed(arguments)
    try:
        here = system or System.here()
        found = _chosen(asked, here)
        if asked.verb == "remove":
            return _carry_out([removal(place) for place in found if place.is_used], asked)
        wanted = _wanted(found if asked.verb != "update" else [place for place in found if place.is_used])
        return _carry_out(wanted, asked) if asked.verb else _list(wanted, too_old(here))
    except (OSError, ServiceError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else error
        sys.stderr.write(f"install.py: {reason}; put that right and run this again\n")
        return 1


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="install.py hosts", description="Replate's plug-ins in the hosts.")
    what = parser.add_mutually_exclusive_group()
    for verb, told in _VERBS.items():
        what.add_argument(f"--{verb}", nargs="*", metavar="HOST", choices=list(HOSTS), help=told)
    parser.add_argument("--into", metavar="FOLDER", help="a folder that the one host reads, in place of the user's own")
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")
    asked = parser.parse_args(arguments)
    asked.verb = next((verb for verb in _VERBS if getattr(asked, verb) is not None), "")
    asked.hosts = getattr(asked, asked.verb) if asked.verb else []
    if asked.into and len(asked.hosts) != 1:
        parser.error("--into needs the one host that reads the folder, as in --install nuke --into FOLDER")
    return asked


def _chosen(asked: argparse.Namespace, system: System) -> list[Place]:
    if asked.into:
        return [within(asked.hosts[0], Path(asked.into).expanduser().absolute())]
    found = places(system)
    for host in asked.hosts:
        if not any(place.host == host for place in found):
            raise OSError(f"{host} was not found here; name the folder that it reads with --into")
    return [place for place in found if not asked.hosts or place.host in asked.hosts]


def _wanted(found: list[Place]) -> list[Work]:
    if not found:
        return []
    origin = Origin.of(python())
    return [installation(place, contents(place, origin)) for place in found]


def _list(works: list[Work], others: list[str]) -> int:
    for work in works:
        _say(f"{work.place.title:24} {_state(work):24} {work.place.folder}")
    for line in others:
        _say(line)
    _say("" if works else "No host was found; with --into its folder can be named.")
    _say("install.py hosts --install [HOST ...] | --update | --remove; --dry-run only says what would be done")
    return 0


def _state(work: Work) -> str:
    if not work.place.is_used:
        return "not installed"
    if not work.steps:
        return "installed"
    return "changed by hand" if all(step.left for step in work.steps) else "out of date: --update"


def _carry_out(works: list[Work], asked: argparse.Namespace) -> int:
    if not works:
        _say("Nothing to do: there is no host" + (" with Replate in it." if asked.verb != "install" else "."))
    for work in works:
        _say(f"{work.place.title}, {work.place.folder}" + ("" if work.steps else ": nothing to do"))
        if not asked.dry_run:
            work.do()
        for line in _told(work, would=asked.dry_run):
            _say("  " + line)
        if asked.verb == "install" and not asked.dry_run:
            _say("  " + _NEXT[work.place.host])
    return 1 if any(step.left for work in works for step in work.steps) else 0


def _told(work: Work, *, would: bool) -> Iterator[str]:
    """A line for what is the user's, and one for all that is ours; what would be done is told file by file."""
    inside = [step for step in work.steps if work.place.ours in step.path.parents and not step.left]
    if inside and not would:
        yield f"{_done(inside[0], would=would)} {len(inside)} files in {work.place.ours}"
    for step in work.steps:
        if step.left:
            yield f"left {step.path}: {step.left}"
        elif would or step not in inside:
            yield f"{_done(step, would=would)} {step.path}"


def _done(step: Step, *, would: bool) -> str:
    if would:
        return "would delete" if step.data is None else "would write"
    return "deleted" if step.data is None else "wrote"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
