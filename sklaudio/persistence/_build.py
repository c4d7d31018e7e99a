"""From audited nodes to a model: what :mod:`skops.io` would build of them.

skops imports every module of scikit-learn to list what it trusts, which takes longer than all else in loading a model.
Here the audit has decided what is trusted, by another list, and only what the model is made of is imported.
"""

import json
from functools import reduce
from importlib import import_module
from operator import getitem

import numpy as np

from ._archive import read_array


def build(schema, members):
    """Make the model of nodes that :func:`~._audit.audit` has let through.

    Parameters
    ----------
    schema : dict
        The node of the model.
    members : dict of str to bytes
        The members of the file, for the arrays.

    Returns
    -------
    object
        The model. Objects get their attributes by ``__setstate__``, and are not initialized.
    """
    return Builder(members).build(schema)


class Builder:
    """Build nodes, each once: a reference is the very object that was built before."""

    def __init__(self, members):
        self.members = members
        self._built = {}  # by __id__

    def build(self, node):
        """Return what a node stands for."""
        if node["__loader__"] == "CachedNode":
            return self._built[node["__id__"]]
        value = BUILDERS[node["__loader__"]](self, node)
        if "__id__" in node:
            self._built[node["__id__"]] = value
        return value

    def _json(self, node):
        return json.loads(node["content"])

    def _mapping(self, node):
        content, mapping = node["content"], named(node)()
        for kind, (key, item) in zip(self.build(node["key_types"]), content.items(), strict=True):
            mapping[kind(key)] = self.build(item)
        return mapping

    def _sequence(self, node):
        return named(node)([self.build(item) for item in node["content"]])

    def _slice(self, node):
        return slice(*(node["content"][end] for end in ("start", "stop", "step")))

    def _array(self, node):
        if node["type"] == "numpy":
            array = read_array(self.members[node["file"]])
            return array if node["__class__"] == "ndarray" else named(node)(array)
        items, shape = [self.build(item) for item in node["content"]], self.build(node["shape"])
        array = np.empty(shape, dtype=object)
        for place in np.ndindex(shape):  # one by one: items may be arrays, which numpy would spread out
            array[place] = reduce(getitem, place, items)
        return array

    def _dtype(self, node):
        return self.build(node["content"]).dtype

    def _masked(self, node):
        return np.ma.MaskedArray(**{name: self.build(item) for name, item in node["content"].items()})

    def _random_state(self, node):
        state = np.random.RandomState()
        state.set_state(self.build(node["content"]))
        return state

    def _generator(self, node):
        state, seed = (self.build(item) for item in node["content"].values())
        bits = np.random.PCG64(np.random.SeedSequence(**seed))
        bits.state = state
        return np.random.Generator(bits)

    def _reduced(self, node):
        state, arguments = self.build(node["content"]), self.build(node["__reduce__"]["args"])
        instance = named(node)(*arguments)
        if state:
            instance.__setstate__(state)
        return instance

    def _called(self, node):
        return named(node)(*self.build(node["content"]))

    def _object(self, node):
        kind = named(node)
        instance = kind.__new__(kind)
        if (attributes := node.get("content")) is not None:
            state = self.build(attributes)
            if hasattr(instance, "__setstate__"):
                instance.__setstate__(state)
            else:
                vars(instance).update(state)
        return instance

    def _named(self, node):
        return named(node)


def named(node):
    """Return the class or function that a node names."""
    return getattr(import_module(node["__module__"]), node["__class__"])


BUILDERS = {
    "JsonNode": Builder._json,
    "DictNode": Builder._mapping,
    "ListNode": Builder._sequence,
    "TupleNode": Builder._sequence,
    "SetNode": Builder._sequence,
    "SliceNode": Builder._slice,
    "NdArrayNode": Builder._array,
    "DTypeNode": Builder._dtype,
    "MaskedArrayNode": Builder._masked,
    "RandomStateNode": Builder._random_state,
    "RandomGeneratorNode": Builder._generator,
    "TreeNode": Builder._reduced,
    "LossNode": Builder._reduced,
    "ConstructorFromReduceNode": Builder._called,
    "ObjectNode": Builder._object,
    "TypeNode": Builder._named,
    "FunctionNode": Builder._named,
}
