"""Nuke runs this when it starts, with windows and without, also on a farm. It must never stop Nuke."""

import sys
from pathlib import Path

import nuke

try:
    here = Path(__file__).resolve().parent
    # A copy has the package beside this file; in a checkout this file lies inside the package.
    place = here if (here / "replate_plugin").is_dir() else here.parents[2]
    if sys.version_info < (3, 10):
        nuke.tprint("Replate needs Nuke 15 or later and is left out here.")
    else:
        if str(place) not in sys.path:
            sys.path.append(str(place))
        from replate_plugin.nuke import marks

        nuke.addBeforeRender(marks.warn)
except Exception as error:
    nuke.tprint(f"Replate is left out: {type(error).__name__}: {error}")
