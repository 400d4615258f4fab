"""Nuke runs this after init.py where it has windows. It must never stop Nuke."""

import sys

import nuke

try:
    if sys.version_info >= (3, 10):
        from replate_plugin.nuke import menu

        menu.add()
except Exception as error:
    nuke.tprint(f"Replate has no menu here: {type(error).__name__}: {error}")
