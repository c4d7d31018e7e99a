"""Graphs made smaller: equal arrays once, indices that are computed, and matrices without their zeros."""

import numpy as np

from ._inserted import nodes_in

MIN_SIZE = 512  # numbers of an array; fewer are hardly smaller in another form
MAX_FILLED = 0.25  # fraction of a matrix that is not 0, where its zeros are left out
FLOAT32, INT64 = 1, 7  # of ONNX


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
    replace(graph, kept, [])


def compute_indices(graph):
    """Exchange stored indices of frames, start + offset, and of samples for what computes them, in place.

    Where `duration` says how long clips are, torch stores the index of each sample of each frame, 8 bytes a number.

    Parameters
    ----------
    graph : onnx.ModelProto
        The graph.
    """
    from onnx import numpy_helper

    kept, made = [], []
    for initializer in graph.graph.initializer:
        stored, nodes = {}, []
        if initializer.data_type == INT64 and np.prod(initializer.dims) >= MIN_SIZE:
            stored, nodes = _computed(initializer.name, numpy_helper.to_array(initializer))
        kept += [numpy_helper.from_array(values, key) for key, values in stored.items()] if nodes else [initializer]
        made += nodes
    replace(graph, kept, made)


def _computed(name, index):
    """Return arrays by name that an index is made of, and the nodes that make it; none if it is of another kind."""
    from onnx import helper

    if index.ndim == 1 and np.array_equal(index, np.arange(len(index))):
        return _range(name, len(index), 1)
    if index.ndim != 2 or len(index) == 1:
        return {}, []
    starts, offsets = index[:, :1], index[0] - index[0, 0]
    step = offsets[1] if len(offsets) > 1 else 1
    if step == 0 or not np.array_equal(index, starts + step * np.arange(len(offsets))):
        return {}, []
    stored, nodes = _range(f"{name}.offsets", step * len(offsets), step)
    stored[f"{name}.starts"] = starts
    return stored, [*nodes, helper.make_node("Add", [f"{name}.starts", f"{name}.offsets"], [name])]


def _range(name, stop, step):
    from onnx import helper

    stored = {f"{name}.first": np.array(0), f"{name}.stop": np.array(stop), f"{name}.step": np.array(step)}
    return stored, [helper.make_node("Range", list(stored), [name])]


def leave_out_zeros(graph, weights):
    """Store matrices that are zeros for the most part, such as filter banks, as their other numbers, in place.

    The graph puts them where they belong: into a vector of zeros, by their positions in it, two or four bytes each.

    Parameters
    ----------
    graph : onnx.ModelProto
        The graph.
    weights : collection of str
        Names of weights, which stay as they are.
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
    replace(graph, kept, made)


def _without_zeros(name, values):
    """Return arrays by name that stand for a matrix, and the nodes that make it of them."""
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


def replace(graph, initializers, first_nodes):
    """Set the initializers of a graph, and put nodes before all others."""
    nodes = [*first_nodes, *graph.graph.node]
    del graph.graph.initializer[:], graph.graph.node[:]
    graph.graph.initializer.extend(initializers)
    graph.graph.node.extend(nodes)
