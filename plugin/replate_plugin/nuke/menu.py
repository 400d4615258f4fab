"""The menu of nodes in Nuke's toolbar."""

from __future__ import annotations

import nuke

from . import dock, marks, session

__all__ = ["add"]


def add() -> None:
    """An entry for every node that is declared, for new generators and for the panel. Nodes say how they stand when a
    script is opened, too."""
    toolbar = nuke.menu("Nodes")
    menu = toolbar.addMenu("Replate")
    for node in session.declarations().nodes:
        command = f"from replate_plugin.nuke import building; building.create({node.name!r})"
        menu.addCommand(node.title, command, tooltip=node.help)
    menu.addCommand("Find new generators", "from replate_plugin.nuke import building; building.refresh()")
    menu.addCommand("Panel", "from replate_plugin.nuke import dock; dock.show()")
    dock.register()
    nuke.addOnScriptLoad(marks.refresh_all)
