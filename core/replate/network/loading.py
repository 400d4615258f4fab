"""Loading an ONNX file without trusting it: a model file must neither run code nor read what it likes."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
from onnx.external_data_helper import ExternalDataInfo, load_external_data_for_model, uses_external_data

from ..errors import GeneratorError, reason
from .bounds import nodes_of, problem, tensors_of
from .onnxfile import metadata

__all__ = ["load"]

# What ONNX Runtime computes without a library of operators from elsewhere.
_BUILT_IN_DOMAINS = {"", "ai.onnx", "ai.onnx.ml", "com.microsoft"}


def load(path: str | os.PathLike[str]) -> onnx.ModelProto:
    """The whole model in memory, weights that lie in files beside it included.

    Raises GeneratorError where the file is broken, where it needs operators that ONNX Runtime does not have built in,
    or where it refers to files outside its own folder.
    """
    metadata(path)  # names the broken byte or the missing file in a sentence
    try:
        model = onnx.load(os.fspath(path), load_external_data=False)
    except Exception as error:
        raise GeneratorError(f"{path} is not a readable ONNX file ({error}); export or copy it again") from None
    if not model.graph.node or not model.opset_import:
        raise GeneratorError(f"{path} is not an ONNX file: it holds no network; export or copy it again", path=path)
    _check_domains(model, path)
    if found := problem(model):
        raise GeneratorError(f"{path} {found}", path=path)
    if external := [tensor for tensor in tensors_of(model) if uses_external_data(tensor)]:
        try:
            for tensor in external:
                _check_location(ExternalDataInfo(tensor).location, path)
            load_external_data_for_model(model, str(Path(path).parent))
        except (ValueError, OSError) as error:
            raise GeneratorError(
                f"{path} cannot be read ({reason(error)}); export or copy it again", path=path
            ) from None
    return model


def _check_domains(model: onnx.ModelProto, path: object) -> None:
    known = _BUILT_IN_DOMAINS | {function.domain for function in model.functions}
    for node in nodes_of(model):
        if node.domain not in known:
            raise GeneratorError(
                f"{path} needs the operator {node.op_type} of '{node.domain}', which is no part of ONNX Runtime; "
                "export it again with standard operators",
                path=path,
            )


def _check_location(location: str, path: str | os.PathLike[str]) -> None:
    """Only a plain file in the model's own folder or below it; no link on the way may lead out."""
    folder, given = Path(path).parent.resolve(), Path(location)
    resolved = (folder / given).resolve()
    inside = not given.is_absolute() and ".." not in given.parts and resolved.is_relative_to(folder)
    if not inside or resolved != folder / given:
        raise GeneratorError(
            f"{path} keeps weights in '{location}', outside its own folder or behind a link; "
            "put the real file beside the model and export it again",
            path=path,
        )
    if not resolved.is_file():
        raise GeneratorError(f"{path} needs the weights file '{location}' beside it; copy it there", path=path)
