"""Graphs made smaller: weights of nets in 8 bits, indices that are computed, and matrices without their zeros."""

import ast

import numpy as np

SCOPES = "pkg.torch.onnx.name_scopes"  # in which modules a node is, of which torch makes a note
MIN_SIZE = 512  # numbers of a weight; fewer are hardly smaller in 8 bits with a scale for each channel
MAX_FILLED = 0.25  # fraction of a matrix that is not 0, where its zeros are left out
LARGEST = 127  # of 8 bits with a sign, the same either way
RECURRENT = ("RNN", "GRU", "LSTM")
FLOAT32, INT64 = 1, 7  # of ONNX


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
    for node in graph.graph.node:
        axes = _axes_of_weights(node) if scopes_of(node) & set(prefixes) else {}
        for position, name in enumerate(node.input):
            if name in floats and found.setdefault(name, axes.get(position)) != axes.get(position):
                elsewhere.add(name)
    return {name: axis for name, axis in found.items() if axis is not None and name not in elsewhere}


def scopes_of(node):
    """Names of the modules that a node is in."""
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


def compute_indices(graph):
    """Exchange stored indices of frames, start + offset, for the sum of two short arrays, in place.

    Where `duration` says how long clips are, torch stores the index of each sample of each frame, 8 bytes a number.

    Parameters
    ----------
    graph : onnx.ModelProto
        The graph.
    """
    from onnx import helper, numpy_helper

    kept, made = [], []
    for initializer in graph.graph.initializer:
        name, starts = initializer.name, None
        if initializer.data_type == INT64 and len(initializer.dims) == 2 and np.prod(initializer.dims) >= MIN_SIZE:
            index = numpy_helper.to_array(initializer)
            starts, offsets = index[:, :1], index[:1] - index[0, 0]
        if starts is None or len(starts) == 1 or not _is_of_frames(index, starts, offsets):
            kept.append(initializer)
            continue
        step = offsets[0, 1] if offsets.shape[1] > 1 else 1
        stored = {f"{name}.starts": starts, f"{name}.first": np.array(0), f"{name}.step": step}
        stored[f"{name}.limit"] = np.array(step * offsets.shape[1])
        kept += [numpy_helper.from_array(np.asarray(values), key) for key, values in stored.items()]
        limits = [f"{name}.first", f"{name}.limit", f"{name}.step"]
        made.append(helper.make_node("Range", limits, [f"{name}.offsets"]))
        made.append(helper.make_node("Add", [f"{name}.starts", f"{name}.offsets"], [name]))
    _replace(graph, kept, made)


def _is_of_frames(index, starts, offsets):
    return np.array_equal(index, starts + offsets) and not np.diff(offsets, n=2).any()


def leave_out_zeros(graph, weights):
    """Store matrices that are zeros for the most part, such as filter banks, as their other numbers, in place.

    The graph puts them where they belong: into a vector of zeros, by their positions in it, two or four bytes each.

    Parameters
    ----------
    graph : onnx.ModelProto
        The graph.
    weights : dict of str to int
        What :func:`weights_of_nets` found in it, which stay as they are.
    """
    from onnx import numpy_helper

    kept, made = [], []
    for initializer in graph.graph.initializer:
        is_large = initializer.data_type == FLOAT32 and np.prod(initializer.dims) >= MIN_SIZE
        values = numpy_helper.to_array(initializer) if is_large and initializer.name not in weights else None
        if values is None or np.count_nonzero(values) > values.size * MAX_FILLED:
            kept.append(initializer)
            continue
        stored, nodes = _without_zeros(initializer.name, values)
        kept += [numpy_helper.from_array(array, key) for key, array in stored.items()]
        made += nodes
    _replace(graph, kept, made)


def _without_zeros(name, values):
    """Arrays by name that stand for a matrix, and the nodes that make it of them."""
    from onnx import TensorProto, helper

    position = np.flatnonzero(values)
    kind = np.uint16 if values.size <= 2**16 else np.uint32
    stored = {
        f"{name}.size": np.array([values.size]),
        f"{name}.position": position.astype(kind),
        f"{name}.values": values.ravel()[position],
        f"{name}.shape": np.array(values.shape),
    }
    size, position, others, shape = stored
    return stored, [
        helper.make_node("ConstantOfShape", [size], [f"{name}.zeros"]),
        helper.make_node("Cast", [position], [f"{name}.index"], to=TensorProto.INT64),
        helper.make_node("ScatterElements", [f"{name}.zeros", f"{name}.index", others], [f"{name}.vector"]),
        helper.make_node("Reshape", [f"{name}.vector", shape], [name]),
    ]


def _replace(graph, initializers, first_nodes):
    """Set the initializers of a graph, and put nodes before all others."""
    nodes = [*first_nodes, *graph.graph.node]
    del graph.graph.initializer[:], graph.graph.node[:]
    graph.graph.initializer.extend(initializers)
    graph.graph.node.extend(nodes)
