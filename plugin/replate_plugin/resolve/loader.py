"""A result for Fusion: a Loader as text, to be dragged or pasted into a composition.

Scripts cannot make one inside Resolve without a file dialog that holds up everything, but a file with one can be read.
"""

from __future__ import annotations

import json

__all__ = ["loader"]

_SETTING = """{{
	Tools = ordered() {{
		Replate = Loader {{
			Clips = {{
				Clip {{
					ID = "Clip1",
					Filename = {path},
					StartFrame = {first},
					Length = {count},
					LengthSetManually = true,
					TrimIn = 0,
					TrimOut = {last},
					ExtendFirst = 0,
					ExtendLast = 0,
					Loop = 0,
					AspectMode = 0,
					Depth = 0,
					TimeCode = 0,
					GlobalStart = 0,
					GlobalEnd = {last}
				}}
			}},
			Inputs = {{}},
			ViewInfo = OperatorInfo {{ Pos = {{ 0, 0 }} }}
		}}
	}}
}}
"""


def loader(pattern: str, frames: range) -> str:
    """The text of a .setting file for the frames of a sequence, which begin at the composition's first frame."""
    path = json.dumps(pattern % frames[0], ensure_ascii=False)  # Lua quotes as JSON does
    return _SETTING.format(path=path, first=frames[0], count=len(frames), last=len(frames) - 1)
