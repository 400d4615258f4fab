"""Replate inside hosts: the client of the warm service; the adapters for Nuke, Blender and Resolve and the panel come
here. What runs inside a host imports the standard library and that host, and runs on Python 3.10 to 3.13."""
