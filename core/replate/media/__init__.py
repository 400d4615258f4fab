"""Pictures and movies: where frames come from and where they go."""

from .attributes import Attribute
from .opening import check_not_same, open_sink, open_source
from .sink import Sink
from .source import Missing, Source

__all__ = ["Attribute", "Missing", "Sink", "Source", "check_not_same", "open_sink", "open_source"]
