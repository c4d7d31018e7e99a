"""Graphs of which nets and encoders are in 8 bits."""

import copy
from dataclasses import dataclass

from ._check import check_quantized, content_of
from ._compact import MIN_SIZE
from ._static import nodes_of_nets, quantize_layers
from ._weights import quantize_weights, weights_of_nets, without_smallest


@dataclass(frozen=True)
class Layers:
    """What of a graph can be in 8 bits.

    Parameters
    ----------
    of_nets, of_encoders : dict of str to int
        The axis of the channels of each weight, by its name.
    nodes : list of str
        Names of the operations of nets that 8 bits can be computed in.
    """

    of_nets: dict
    of_encoders: dict
    nodes: list

    @property
    def weights(self):
        """All weights."""
        return self.of_nets | self.of_encoders


def layers_of(graph, module):
    """Find what of a graph can be in 8 bits, by what torch notes in it.

    Parameters
    ----------
    graph : onnx.ModelProto
        With the notes of torch.
    module : nn.Module
        Whose graph it is.

    Returns
    -------
    Layers
    """
    from ._nets import layers_of_nets

    nets, layers = layers_of_nets(module)
    of_encoders = without_smallest(graph, weights_of_nets(graph, layers))
    return Layers(weights_of_nets(graph, nets), of_encoders, nodes_of_nets(graph, nets))


def quantized(graph, layers, exact, module, task, clips=None):
    """Return a graph with weights in 8 bits, with clips what comes to the layers of nets as well.

    Weights of encoders stay in float32 where predictions would change too much.

    Parameters
    ----------
    graph : onnx.ModelProto
        In float32, with its metadata.
    layers : Layers
        What :func:`layers_of` found in it.
    exact : bytes
        The graph.
    module : nn.Module
        Whose graph it is.
    task : Task
        What it predicts.
    clips : list of ndarray of shape (n_samples,) or None, default=None
        Clips such as it will predict.

    Returns
    -------
    bytes

    Raises
    ------
    ValueError
        If there is nothing to store in 8 bits.
    RuntimeError
        If it predicts otherwise than in float32.
    """
    if clips is not None and not layers.nodes:
        raise ValueError("calibrate: no net has a convolution or a linear layer to compute in int8. Leave it out.")
    if clips is None and not layers.weights:
        raise ValueError(
            f'quantize="int8": no weight of a net or an encoder has {MIN_SIZE} numbers or more, so there is nothing to '
            "make smaller. Leave quantize=None."
        )
    try:
        return _with_int8(graph, layers, layers.weights, exact, module, task, clips)
    except RuntimeError:
        if not layers.of_nets or not layers.of_encoders:
            raise
    return _with_int8(graph, layers, layers.of_nets, exact, module, task, clips)


def _with_int8(graph, layers, weights, exact, module, task, clips):
    graph = copy.deepcopy(graph)
    next(each for each in graph.metadata_props if each.key == "weights").value = "int8"
    if clips is None:
        quantize_weights(graph, weights)
    else:
        graph.metadata_props.add(key="activations", value="int8")
        graph = quantize_layers(graph, layers.nodes, weights, clips)
    content = content_of(graph)
    check_quantized(content, exact, module, task, clips)
    return content
