"""Nets in 8 bits throughout: what comes to each layer is rounded as well, within ranges seen in clips."""

import logging
import tempfile
from pathlib import Path

from ._compact import FLOAT32
from ._weights import quantize_weights, scopes_of

ROUNDED = ("Conv", "Gemm", "MatMul", "Relu", "Add", "MaxPool")


def nodes_of_nets(graph, prefixes):
    """Find the operations of nets that can be computed in 8 bits: convolutions, linear layers, and those between.

    Parameters
    ----------
    graph : onnx.ModelProto
        As torch wrote it, with its notes in which module each node is.
    prefixes : list of str
        Names of the modules that are nets.

    Returns
    -------
    list of str
        Names of the nodes.
    """
    from onnx.shape_inference import infer_shapes

    values = infer_shapes(graph).graph.value_info  # there are sums of lengths as well
    floats = {value.name for value in values if value.type.tensor_type.elem_type == FLOAT32}
    return [
        node.name
        for node in graph.graph.node
        if node.op_type in ROUNDED and scopes_of(node) & set(prefixes) and node.output[0] in floats
    ]


def quantize_layers(graph, nodes, weights, clips):
    """Return the graph with weights and inputs of layers in 8 bits: QuantizeLinear and DequantizeLinear around each.

    Ranges of inputs and outputs are the least and the largest value that each has in the clips; of weights, each
    channel has a scale. Biases are int32.

    Parameters
    ----------
    graph : onnx.ModelProto
        In float32.
    nodes : list of str
        What :func:`nodes_of_nets` found in it.
    weights : dict of str to int
        What :func:`weights_of_nets` found in it: those of other layers, recurrent ones, are only stored in 8 bits.
    clips : list of ndarray of shape (n_samples,), float32
        Clips such as it will predict.

    Returns
    -------
    onnx.ModelProto
    """
    import onnx
    from onnxruntime import quantization

    class Clips(quantization.CalibrationDataReader):
        """Clips one by one, as they are not equally long."""

        batches = iter([{"waveform": clip[None]} for clip in clips])

        def get_next(self):
            return next(self.batches, None)

    before = logging.root.manager.disable
    logging.disable(logging.WARNING)  # it advises to merge layers, which torch has done
    try:
        with tempfile.TemporaryDirectory() as folder:
            source, path = Path(folder) / "float32.onnx", Path(folder) / "int8.onnx"
            onnx.save(graph, source)  # ONNX Runtime 1.20 would take the weights out of a graph that it is given
            quantization.quantize_static(
                source, path, Clips(), per_channel=True, nodes_to_quantize=nodes,
                activation_type=quantization.QuantType.QInt8, weight_type=quantization.QuantType.QInt8,
            )  # fmt: skip
            quantized = onnx.load(path)
    finally:
        logging.disable(before)
    quantize_weights(quantized, weights)
    shorten_names(quantized)
    return quantized


def shorten_names(graph):
    """Rename the values of a graph to numbers, in place: names of scales and zero points are long."""
    if any(attribute.HasField("g") for node in graph.graph.node for attribute in node.attribute):
        return  # a graph in a node names values of this one
    outer = {value.name for value in (*graph.graph.input, *graph.graph.output)}
    inner = [each.name for each in graph.graph.initializer]
    inner += [name for node in graph.graph.node for name in node.output]
    short = {name: f"v{number}" for number, name in enumerate(dict.fromkeys(inner)) if name and name not in outer}
    for initializer in graph.graph.initializer:
        initializer.name = short.get(initializer.name, initializer.name)
    for node in graph.graph.node:
        node.name = ""
        node.input[:] = [short.get(name, name) for name in node.input]
        node.output[:] = [short.get(name, name) for name in node.output]
    del graph.graph.value_info[:]
