"""Replate in Nuke: every node is a Group with a Read inside that shows what the service rendered.

Nuke 15 or later. `startup/` is what Nuke runs when it starts; nothing of this package is imported before a menu entry
or a button wants it. A script that has such Groups opens, and renders, where Replate is not installed.
"""
