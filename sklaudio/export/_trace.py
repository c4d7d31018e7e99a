"""A torch module traced to a graph, for clips of any number and length."""

import contextlib
import logging
import warnings

import torch

from .._frames.masks import all_whole
from .._utils.terminal import shortened
from ._check import example_length
from ._encoder_networks import AsFrames
from ._inserted import OPSET

N_CLIPS = 3  # of what is traced: no size in it may be 1, or it would be 1 for ever


def trace(module, output):
    """Trace the graph of a model.

    Parameters
    ----------
    module : nn.Module
        (batch, n_samples) -> (batch, …, n_outputs).
    output : str
        Name of the output.

    Returns
    -------
    onnx.ModelProto
        The graph as torch writes it.

    Raises
    ------
    ValueError
        If the network of an encoder cannot be traced, which the message names.
    """
    example = torch.zeros(N_CLIPS, example_length(module))
    shapes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with _silence(), all_whole(), torch.no_grad(), _naming_networks(module):
        traced = torch.export.export(module, (example,), dynamic_shapes=(shapes,), strict=False)
        program = torch.onnx.export(
            traced,
            dynamo=True,
            opset_version=OPSET,
            input_names=["waveform"],
            output_names=[output],
            verbose=False,
        )
    return program.model_proto


@contextlib.contextmanager
def _naming_networks(module):
    """Say which network of anybody's is in a module that cannot be traced."""
    try:
        yield
    except Exception as error:  # of any kind, as there are many reasons
        networks = [type(part.network).__name__ for part in module.modules() if isinstance(part, AsFrames)]
        if not networks:
            raise
        why = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ValueError(
            f"encoder: {' or '.join(networks)} cannot be traced by torch.export: {shortened(why)}. Its forward must "
            "ask for no values, and take any number of windows, and of samples unless it has a `window`. Or pass the "
            "path of an ONNX file that you write of it."
        ) from error


@contextlib.contextmanager
def _silence():
    """Keep what torch notes about its parts away from who exports."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
