"""Replate in DaVinci Resolve: a menu of scripts, one a node, under Workspace > Scripts > Replate.

`menu.py` is what a script calls. `clips.py` finds out what a clip on the timeline shows, `choice.py` keeps what the
artist wants and `window.py` asks for it, `through.py` has Resolve render what Replate cannot read, `rendering.py` makes
the job and has the service do it, `placing.py` brings the result into the project. Standard library only.

Resolve's calls answer None or False where they fail, hardly ever with a reason: `calls.py` looks at the answers.
"""
