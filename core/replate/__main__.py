"""`python -m replate` is `replate`."""

from .cli import main

main()
