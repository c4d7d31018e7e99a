"""Graphs made smaller: weights of nets in 8 bits, and indices that are computed rather than stored."""

import ast

import numpy as np

from ._inserted import SCOPES, nodes_in

MIN_SIZE = 512  # numbers of a weight; fewer are hardly smaller in 8 bits with a scale for each channel
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
    floats = {each.name for each in graph.graph.initializer if each.data_type == 1 and np.prod(each.dims) >= MIN_SIZE}
    found, elsewhere = {}, set()
    for node in nodes_in(graph.graph.node):
        axes = _axes_of_weights(node) if _scopes(node) & set(prefixes) else {}
        for position, name in enumerate(node.input):
            if name in floats and found.setdefault(name, axes.get(position)) != axes.get(position):
                elsewhere.add(name)
    return {name: axis for name, axis in found.items() if axis is not None and name not in elsewhere}


def _scopes(node):
    notes = {each.key: each.value for each in node.metadata_props}
    return set(ast.literal_eval(notes.get(SCOPES, "[]")))


def _axes_of_weights(node):
    """The axis of the channels of each weight of a node, by its position in the inputs."""
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
    _replace(graph, kept, made)


def _in_8_bits(name, weight, axis):
    """Arrays by name that stand for a weight, and the nodes that make it of them."""
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


def merge_equal(graph):
    """Store large arrays that are equal once, in place, as those of the encoder of each member of a calibration."""
    from onnx import numpy_helper

    first, renamed, kept = {}, {}, []
    for initializer in graph.graph.initializer:
        if np.prod(initializer.dims) < MIN_SIZE:
            kept.append(initializer)
            continue
        key = initializer.data_type, tuple(initializer.dims), numpy_helper.to_array(initializer).tobytes()
        name = renamed[initializer.name] = first.setdefault(key, initializer.name)
        kept += [initializer] if name == initializer.name else []
    for node in nodes_in(graph.graph.node):
        node.input[:] = [renamed.get(name, name) for name in node.input]
    _replace(graph, kept, [])


def compute_indices(graph):
    """Exchange stored indices of frames, start + offset, for the sum of two short arrays, and of samples, in place.

    Where `duration` says how long clips are, torch stores the index of each sample of each frame, 8 bytes a number.

    Parameters
    ----------
    graph : onnx.ModelProto
        The graph.
    """
    from onnx import helper, numpy_helper

    kept, made = [], []
    for initializer in graph.graph.initializer:
        name, stored = initializer.name, {}
        if initializer.data_type == 7 and np.prod(initializer.dims) >= MIN_SIZE:
            operation, stored = _parts_of_index(name, numpy_helper.to_array(initializer))
        if not stored:
            kept.append(initializer)
            continue
        kept += [numpy_helper.from_array(values, key) for key, values in stored.items()]
        made.append(helper.make_node(operation, list(stored), [name]))
    _replace(graph, kept, made)


def _parts_of_index(name, index):
    """The operation that makes an index, and the arrays by name that it makes it of; none if it is of another kind."""
    if index.ndim == 1 and np.array_equal(index, np.arange(len(index))):
        ends = {"first": 0, "stop": len(index), "step": 1}
        return "Range", {f"{name}.{key}": np.array(value) for key, value in ends.items()}
    if index.ndim == 2 and len(index) > 1:
        starts, offsets = index[:, :1], index[:1] - index[0, 0]
        if np.array_equal(index, starts + offsets):
            return "Add", {f"{name}.starts": starts, f"{name}.offsets": offsets}
    return "", {}


def _replace(graph, initializers, first_nodes):
    """Set the initializers of a graph, and put nodes before all others."""
    nodes = [*first_nodes, *graph.graph.node]
    del graph.graph.initializer[:], graph.graph.node[:]
    graph.graph.initializer.extend(initializers)
    graph.graph.node.extend(nodes)
