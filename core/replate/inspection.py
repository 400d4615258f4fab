"""stub"""
from pathlib import Path

from .card import Card
from .errors import GeneratorError
from .onnxfile import read_card


def card_of(path: Path) -> tuple[Card, tuple[str, ...]]:
    card = read_card(path)
    if card is None:
        raise GeneratorError(f"{path} carries no card")
    return card, ()
