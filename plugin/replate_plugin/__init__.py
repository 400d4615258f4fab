"""Replate inside hosts: the adapters for Nuke, Blender and Resolve and the panel will live here. None is built yet."""
