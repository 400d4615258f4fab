"""The panel in Nuke: docked where Nuke brings PySide6, from version 16 on, else in a window of its own."""

from __future__ import annotations

import nuke

from ..program import Program
from . import session

__all__ = ["register", "show"]

_ID, _TITLE = "replate.Panel", "Replate"
_OLDEST = 16  # Nuke 15 brings PySide2

# Nuke evaluates this when the panel is opened, so that starting Nuke imports no widgets.
_WIDGET = "__import__('importlib').import_module('replate_plugin.panel.panel').Panel"


def register() -> None:
    """Put the panel into the menu of panes, and let a saved workspace find it; nothing where it cannot be docked."""
    if nuke.NUKE_VERSION_MAJOR >= _OLDEST:
        import nukescripts  # type: ignore[import-not-found]

        nukescripts.panels.registerWidgetAsPanel(_WIDGET, _TITLE, _ID)


@session.told
def show() -> None:
    """The menu's entry: beside the properties, or in a window of its own."""
    if nuke.NUKE_VERSION_MAJOR < _OLDEST:
        Program("panel")
        return
    import nukescripts

    panel = nukescripts.panels.registerWidgetAsPanel(_WIDGET, _TITLE, _ID, True)
    panel.addToPane(nuke.getPaneFor("Properties.1"))
