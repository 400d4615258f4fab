"""Replate in DaVinci Resolve: a menu of scripts, one a node, under Workspace > Scripts > Replate.

| module | what it does |
|---|---|
| `menu.py` | what a script calls: asks, has every clip go its way, tells |
| `clips.py`, `rates.py` | which frames of which file a clip on the timeline shows |
| `choice.py`, `form.py` | what the artist wants; what can be asked |
| `desk.py`, `window.py`, `console.py` | where the artist is asked and told: windows, or the Console |
| `tuning.py` | a clip taken to the panel and back |
| `passage.py` | the way of a clip, by the next three |
| `through.py` | what Replate cannot read, rendered by Resolve |
| `rendering.py`, `versions.py`, `loader.py` | the job, what the service makes of it, and how that is called |
| `placing.py`, `tracks.py` | the result brought into a bin and onto the timeline |

Standard library only. Resolve's calls answer None or False where they fail, hardly ever with a reason: `calls.py` looks
at the answers.
"""
