"""Weights of nets and encoders in 8 bits."""

import ast

import numpy as np

from ._compact import FLOAT32, MIN_SIZE, replace
from ._inserted import SCOPES, nodes_in

MAX_EXACT = 0.02  # fraction of the numbers of an encoder that stay in float32
LARGEST = 127  # of 8 bits with a sign, the same either way
RECURRENT = ("RNN", "GRU", "LSTM")


def weights_of_nets(graph, prefixes):
    """Find the weights that convolutions, linear and recurrent layers of nets have in a graph.

    Parameters
    ----------
    graph : onnx.ModelProto
        As torch wrote it, with its notes in which module each node is.
    prefixes : list of str
        Names of the modules that are nets.

    Returns
    -------
    dict of str to int
        The axis of the channels of each weight, by its name. A weight that has another use besides is not in it.
    """
    floats = {
        each.name for each in graph.graph.initializer if each.data_type == FLOAT32 and np.prod(each.dims) >= MIN_SIZE
    }
    found, elsewhere = {}, set()
    for node in nodes_in(graph.graph.node):
        axes = _axes_of_weights(node) if scopes_of(node) & set(prefixes) else {}
        for position, name in enumerate(node.input):
            if name in floats and found.setdefault(name, axes.get(position)) != axes.get(position):
                elsewhere.add(name)
    return {name: axis for name, axis in found.items() if axis is not None and name not in elsewhere}


def without_smallest(graph, weights):
    """Leave out the smallest weights, which have up to `MAX_EXACT` of all numbers together.

    In 8 bits they save next to nothing, and change predictions as much as large ones do: filters of first layers are
    among them.
    """
    sizes = {each.name: np.prod(each.dims) for each in graph.graph.initializer if each.name in weights}
    ordered = sorted(weights, key=sizes.get)
    n_exact = np.searchsorted(np.cumsum([sizes[name] for name in ordered]), MAX_EXACT * sum(sizes.values()), "right")
    return {name: weights[name] for name in ordered[n_exact:]}


def scopes_of(node):
    """Return the names of the modules that a node is in."""
    notes = {each.key: each.value for each in node.metadata_props}
    return set(ast.literal_eval(notes.get(SCOPES, "[]")))


def _axes_of_weights(node):
    """Return the axis of the channels of each weight of a node, by its position in the inputs."""
    if node.op_type in RECURRENT:  # (directions, gates * hidden, n_dims), a row for each gate of each unit
        return {1: 1, 2: 1}
    if node.op_type == "Conv":
        return {1: 0}
    if node.op_type == "MatMul":
        return {1: -1}
    if node.op_type == "Gemm":
        is_transposed = any(each.name == "transB" and each.i for each in node.attribute)
        return {1: 0 if is_transposed else 1}
    return {}


def quantize_weights(graph, weights):
    """Store weights as int8 with a scale for each channel, in place; the graph turns them into float32.

    Only weights are rounded: w = scale * q with scale = max|w| / 127 of the channel, so q is in [-127, 127]. What is
    computed with them, features among it, is in float32 as before.

    Parameters
    ----------
    graph : onnx.ModelProto
        The graph.
    weights : dict of str to int
        What :func:`weights_of_nets` found in it.
    """
    from onnx import numpy_helper

    kept, made = [], []
    for initializer in graph.graph.initializer:
        name = initializer.name
        if name not in weights:
            kept.append(initializer)
            continue
        stored, nodes = _in_8_bits(name, numpy_helper.to_array(initializer), weights[name])
        kept += [numpy_helper.from_array(values, key) for key, values in stored.items()]
        made += nodes
    replace(graph, kept, made)


def _in_8_bits(name, weight, axis):
    """Return arrays by name that stand for a weight, and the nodes that make it of them."""
    from onnx import helper

    rows, axis = weight, axis % weight.ndim
    if weight.ndim == 3:  # DequantizeLinear has one axis, so those of directions and channels are made one
        rows, axis = weight.reshape(-1, weight.shape[-1]), 0
    others = tuple(each for each in range(rows.ndim) if each != axis)
    scale = np.abs(rows).max(axis=others, keepdims=True) / np.float32(LARGEST)
    scale[scale == 0] = 1
    stored = {f"{name}.int8": np.round(rows / scale).astype(np.int8), f"{name}.scale": scale.ravel()}
    inputs = list(stored)
    if weight.ndim != 3:
        return stored, [helper.make_node("DequantizeLinear", inputs, [name], axis=axis)]
    stored[f"{name}.shape"] = np.array(weight.shape)
    return stored, [
        helper.make_node("DequantizeLinear", inputs, [f"{name}.rows"], axis=axis),
        helper.make_node("Reshape", [f"{name}.rows", f"{name}.shape"], [name]),
    ]
