"""Pictures and movies: where frames come from and where they go."""

from .attributes import Attribute
from .image_writer import write_picture
from .kept import KeptPictures, MoviePicture
from .movie_sink import MovieSink
from .opening import MOVIE_SUFFIXES, open_sink, open_source
from .retimed import beside
from .sink import Sink, check_not_same
from .source import Missing, Source
from .views import has_view, views_of, with_view

__all__ = [
    "MOVIE_SUFFIXES",
    "Attribute",
    "KeptPictures",
    "Missing",
    "MoviePicture",
    "MovieSink",
    "Sink",
    "Source",
    "beside",
    "check_not_same",
    "has_view",
    "open_sink",
    "open_source",
    "views_of",
    "with_view",
    "write_picture",
]
