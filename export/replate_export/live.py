"""A generator as a TorchScript that takes scene-linear light: the network with its colour conversion, strength and mix.

What goes round the network on its way is the graph that `replate render` runs (`replate.network.graph`), so a node that
Nuke computes itself shows what a rendered one does. It takes the plate and nothing else, so generators that want
other pictures, or numbers, stay with the rendered nodes.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from replate.card import Card
from replate.color import resolve_space, transform
from replate.color.curves import Linear
from replate.errors import GeneratorError, ReplateError
from replate.network import graph
from replate.network.onnxfile import read_card
from replate.network.plate import cut

from .parity import BOUND, open_session
from .torchgraph import TorchGraph

__all__ = ["SIZES", "Live", "card_for", "live", "scene_graph"]

SIZES = ((64, 96), (50, 77), (24, 33))
"""Height and width of the pictures that a module is tried with; not only those that suit the network."""


class Live(nn.Module):
    """N x 3 x H x W scene-linear light in, of any size, the same out; N is 1.

    `strength` scales the change in the generator's space, `mix` lays it over the plate: Nuke sets both by knobs of
    these names.
    """

    def __init__(self, network: nn.Module, *, multiple: int, overlap: int) -> None:
        super().__init__()
        self.network, self.multiple, self.least = network, multiple, overlap + 1
        self.strength, self.mix = 1.0, 1.0

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[2], x.shape[3]
        plate = x.index_select(2, self.rows(height, x)).index_select(3, self.rows(width, x))
        strength = torch.full([1], self.strength, device=x.device, dtype=x.dtype)
        pixels = plate[0].permute(1, 2, 0).contiguous()
        made = self.network(pixels, strength).reshape(plate.shape[2], plate.shape[3], 3)
        result = made.permute(2, 0, 1)[None, :, :height, :width]
        mixed: Tensor = x + self.mix * (result - x)
        return mixed

    def rows(self, length: int, x: Tensor) -> Tensor:
        """Where a picture continued to the network's grid finds its rows, or columns: it goes on as its reflection, as
        in `replate.network.plate.cut`, and is at least so long that the network's own reflections find something."""
        whole = max(length, self.least)
        whole = whole + (self.multiple - whole % self.multiple) % self.multiple
        period = max(1, 2 * (length - 1))
        folded = torch.arange(whole, device=x.device) % period
        return torch.minimum(folded, period - folded)


def card_for(generator: Path) -> Card:
    """The card of a generator that Nuke can run by itself; raises GeneratorError for any other."""
    card = read_card(generator)
    if card is None:
        raise GeneratorError(f"{generator} has no card, so nobody knows how to feed it; export it anew", path=generator)
    others = [port.name for port in card.inputs if port.role != "plate"] + [param.name for param in card.controls]
    if others or card.kind != "style" or card.size:
        what = f"takes {', '.join(others)}" if others else f"works for the node {card.kind} or at one size"
        raise GeneratorError(f"'{card.name}' {what}, which Nuke's Inference cannot do; use the Replate node")
    return card


def scene_graph(generator: Path, card: Card, *, space: str) -> onnx.ModelProto:
    """The network of a generator between a plate in `space` and the result in it; see `replate.network.graph`.

    Raises GeneratorError where the way there is more than a curve and a matrix.
    """
    way = transform(resolve_space(space), card.space)
    if way.fused is None:
        raise GeneratorError(f"from {space} to {card.space} is more than a curve and a matrix; choose a linear --space")
    floor = not isinstance(way.curve, Linear | None)
    parts = graph.Parts(colour=way.fused, strength=True, carry=card.clamp, floor=floor, confidence=False)
    return graph.stages(onnx.load(generator), card, parts)[0]


def live(generator: Path, *, space: str) -> tuple[torch.jit.ScriptModule, float]:
    """The module of a generator, and its greatest difference from ONNX Runtime over `SIZES`, in units of the light
    (1 for light below 1).

    Raises GeneratorError for a generator that cannot be one, ReplateError where it would compute something else.
    """
    card = card_for(generator)
    model = scene_graph(generator, card, space=space)
    traced = _traced(TorchGraph(model), card.multiple)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that TorchScript is old news; Nuke takes nothing else
        module: torch.jit.ScriptModule = torch.jit.script(_live(traced, card))
    worst = max(_difference(module, model, size, card) for size in SIZES)
    if not worst <= 10 * BOUND:
        raise ReplateError(f"the TorchScript of {generator} differs by {worst:.2g} from the network; please report it")
    return module, worst


def _traced(module: nn.Module, multiple: int) -> torch.jit.ScriptModule:
    plate, strength = torch.rand(4 * multiple, 6 * multiple, 3), torch.ones(1)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        traced: torch.jit.ScriptModule = torch.jit.trace(module.eval(), (plate, strength))  # type: ignore[no-untyped-call]
    return traced


def _live(network: nn.Module, card: Card) -> nn.Module:
    return Live(network, multiple=card.multiple, overlap=card.overlap).eval()


def _difference(module: torch.jit.ScriptModule, model: onnx.ModelProto, size: tuple[int, int], card: Card) -> float:
    """From what ONNX Runtime makes of a plate from deep shade to highlights, relative where that is above 1."""
    random = np.random.default_rng(size[0])
    plate = np.exp2(random.uniform(-9, 5, (*size, 3))).astype(np.float32) - np.float32(0.01)
    rows, columns = (-(-max(side, card.overlap + 1) // card.multiple) * card.multiple for side in size)
    whole = cut(plate, (slice(0, rows), slice(0, columns)))
    feeds = {graph.PLATE: whole, graph.STRENGTH: np.ones(1, np.float32)}
    wanted = open_session(model).run([graph.RESULT], feeds)[0].reshape(whole.shape)[: size[0], : size[1]]
    with torch.no_grad():
        found = module(torch.from_numpy(plate).permute(2, 0, 1)[None])[0].permute(1, 2, 0).numpy()
    return float((np.abs(found - wanted) / np.maximum(np.abs(wanted), 1)).max())
