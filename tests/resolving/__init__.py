"""A DaVinci Resolve that misbehaves as the real one is known to, for tests.

Calls answer None or False where they fail. `hasattr` is true for any name; one that there is not is None.
Arguments are counted against the published stubs. What is put onto the timeline where something lies is dropped
without a word; other rates are rounded down; the first frame of a source is told one too high for some clips. Codecs go
by their id. Render settings lie on top of the preset that was loaded. Items are deleted on the Edit page only.
"""
