"""Graphs that torch has not written, such as those of skl2onnx and files of encoders, inside of one that it has."""

from torch import nn

DOMAIN = "sklaudio"
OPSET, OPSET_ML = 20, 3  # the first whose DFT takes its axis as an input, which all since 2024 read
SCOPES = "pkg.torch.onnx.name_scopes"  # in which modules a node is, of which torch makes a note


class Inserted(nn.Module):
    """A part whose graph is there already: torch's has one operation in its place, for which :func:`put_in` puts it.

    A subclass sets `graph`, and calls :meth:`symbol` while a graph is traced.

    Attributes
    ----------
    graph : onnx.ModelProto
        What the operation stands for; its first output is that of the part, its one input what the part takes.
    is_row_by_row : bool
        Whether it takes one row at a time, of several.
    """

    is_row_by_row = False

    @property
    def operation(self):
        """Name of the operation."""
        return f"Inserted{id(self)}"

    def symbol(self, x, shape):
        """Return the operation: the graph's input -> its output, of `shape`, float32."""
        import torch

        return torch.onnx.ops.symbolic(f"{DOMAIN}::{self.operation}", (x,), dtype=torch.float32, shape=shape, version=1)


def put_in(graph, module):
    """Put the graphs of all :class:`Inserted` parts of a module where its graph has an operation for each, in place.

    Parameters
    ----------
    graph : onnx.ModelProto
        The graph of the module, as torch wrote it.
    module : nn.Module
        The module.
    """
    parts = {part.operation: (name, part) for name, part in module.named_modules() if isinstance(part, Inserted)}
    nodes = []
    for node in graph.graph.node:
        if node.op_type not in parts:
            nodes.append(node)
            continue
        name, part = parts[node.op_type]
        prefixed = _prefixed(part.graph, f"inserted{len(nodes)}_")
        nodes += _connected(prefixed, node, part.is_row_by_row)
        for each in nodes_in(prefixed.node):
            each.metadata_props.add(key=SCOPES, value=repr([name]))
        graph.graph.initializer.extend(prefixed.initializer)
        _import_opsets(graph, part.graph)
    del graph.graph.node[:]
    graph.graph.node.extend(nodes)


def nodes_in(nodes):
    """Yield nodes, and those of the graphs that they hold."""
    for node in nodes:
        yield node
        for attribute in node.attribute:
            if attribute.HasField("g"):
                yield from nodes_in(attribute.g.node)


def _prefixed(model, prefix):
    from onnx import compose

    return compose.add_prefix(model, prefix).graph


def input_of(graph):
    """Return the one input of a graph, which older files list together with their weights."""
    stored = {each.name for each in graph.initializer}
    (found,) = [each for each in graph.input if each.name not in stored]
    return found


def _connected(inner, node, is_row_by_row):
    """Return the nodes of a graph between the input of a node and its output; names inside stay for branches."""
    from onnx import helper

    takes, makes = input_of(inner).name, inner.output[0].name
    if not is_row_by_row:
        first = helper.make_node("Identity", [node.input[0]], [takes])
        return [first, *inner.node, helper.make_node("Identity", [makes], [node.output[0]])]
    axis = f"{takes}_axis"
    body = helper.make_graph(
        [
            helper.make_node("Constant", [], [axis], value_ints=[0]),
            helper.make_node("Unsqueeze", [f"{takes}_row", axis], [takes]),
            *inner.node,
            helper.make_node("Squeeze", [makes, axis], [f"{makes}_row"]),
        ],
        "row",
        [helper.make_tensor_value_info(f"{takes}_row", 1, [None])],
        [helper.make_tensor_value_info(f"{makes}_row", 1, None)],
    )
    return [helper.make_node("Scan", [node.input[0]], [node.output[0]], body=body, num_scan_inputs=1)]


def _import_opsets(graph, other):
    versions = {each.domain: each.version for each in other.opset_import} | {
        each.domain: each.version for each in graph.opset_import
    }
    del graph.opset_import[:]
    for domain, version in versions.items():
        if domain != DOMAIN:
            graph.opset_import.add(domain=domain, version=version)
