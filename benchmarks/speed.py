"""Speed of the networks.

Frames of 720 x 720 through the bare networks, taking turns in one run, same session options: how many times faster than
a well-known style network ("fast neural style", Johnson et al. 2016; 1.7 M parameters, fixed at 720 x 720), for the
result alone and with the confidence map. To hold: the result alone at least 5 times faster.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from common import Table, holds, parser, race, show
from onnx.utils import Extractor

from replate.catalogue import find

BOUND = 5
SIZE = (720, 720)


def measure(options: argparse.Namespace) -> Table:
    """A row for each look and number of threads, against the network of --against."""
    if options.against is None:
        parser().error("the race needs --against FILE.onnx, a style network to compare with")
    models = {name: onnx.load(find(name)) for name in options.looks}
    counts = [options.threads] if options.threads else [1, 0]
    rows = [row for threads in counts for row in _rows(models, onnx.load(options.against), threads)]
    return Table(("look", "threads", "result alone", "with confidence", "holds"), rows)


def _rows(models: Mapping[str, onnx.ModelProto], other: onnx.ModelProto, threads: int) -> Iterator[list[str]]:
    runners = {"other": other}
    for name, model in models.items():
        runners |= {f"{name} alone": result_only(model), f"{name} whole": model}
    clocks = race({name: runner(model, threads) for name, model in runners.items()})
    for name in models:
        alone, whole = (clocks["other"].wall / clocks[f"{name} {part}"].wall for part in ("alone", "whole"))
        yield [Path(name).stem, str(threads or "all"), f"{alone:.1f} x", f"{whole:.1f} x", holds(alone >= BOUND)]


def result_only(model: onnx.ModelProto) -> onnx.ModelProto:
    """The network without its second output."""
    return Extractor(model).extract_model(["plate"], ["result"])


def runner(model: onnx.ModelProto, threads: int, *, size: tuple[int, int] = SIZE) -> Callable[[], object]:
    """A function that runs the bare network on one picture."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    feeds = {session.get_inputs()[0].name: random.uniform(0, 1, (1, 3, *size)).astype(np.float32)}
    return lambda: session.run(None, feeds)


if __name__ == "__main__":
    show(measure)
