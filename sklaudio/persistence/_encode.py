"""From a model to nodes, as skops reads them, and arrays."""

import io
import os
from collections import OrderedDict
from types import BuiltinFunctionType, FunctionType

import joblib
import numpy as np
from sklearn.neighbors import BallTree, KDTree
from sklearn.tree._tree import Tree
from sklearn.utils import Bunch

from . import _allowed as known
from ._nodes import leaf

NAMED = (type, FunctionType, BuiltinFunctionType, np.ufunc, type(np.mean))  # what is written as its name
CONTAINERS = {list: "ListNode", tuple: "TupleNode", set: "SetNode"}


def encode(model, trusted):
    """Write a model as nodes and arrays.

    Parameters
    ----------
    model : estimator
        What to write. Nothing in it is changed.
    trusted : set of str
        Names of types and functions to allow besides those of :mod:`sklaudio.persistence._allowed`.

    Returns
    -------
    schema : dict
        The node of the model.
    arrays : dict of str to bytes
        Arrays in numpy's format, by the file that nodes call them.

    Raises
    ------
    ValueError
        If the model holds anything else. The message says where.
    """
    encoder = Encoder(trusted)
    try:
        schema = encoder.node(model, "model")
    except RecursionError as error:
        raise ValueError("model is nested too deeply to be saved.") from error
    if encoder.refused:
        found = "\n".join(f"  {where}: {name}" for where, name in encoder.refused.items())
        raise ValueError(
            "model cannot be saved: it holds what is neither sklaudio's nor scikit-learn's.\n"
            f"{found}\nSet these parameters to something else; `callbacks`, `augment` and `optimizer` of a fitted net, "
            "which its predictions do not need, may be changed by set_params. What is yours and can be imported by "
            f"its name can be allowed, in save and in load: trusted={sorted(set(encoder.refused.values()))}."
        )
    return schema, encoder.arrays


def make_node(name, loader, **fields):
    """Make the node of something by its full name."""
    module, _, attribute = name.rpartition(".")
    return {"__class__": attribute, "__module__": module, "__loader__": loader, **fields}


class Encoder:
    """Write objects as nodes, each object once: `arrays` holds what became a file, `refused` what is not known."""

    def __init__(self, trusted):
        self.trusted = trusted
        self.arrays = {}
        self.refused = {}
        self._seen = {}  # by id: the object, which is kept so that no other gets its id, and its node
        self._open = set()
        self._n_shared = 0

    def node(self, value, where):
        """Return the node of a value, or a reference to it where the value was written before."""
        if value is None or type(value) in (bool, int, float, str):
            return leaf(value)
        if id(value) in self._open:
            raise ValueError(f"{where} holds itself, which cannot be saved.")
        if id(value) in self._seen:
            node = self._seen[id(value)][1]
            if "__id__" not in node:
                self._n_shared += 1
                node["__id__"] = self._n_shared
            return {"__loader__": "CachedNode", "__id__": node["__id__"]}
        self._open.add(id(value))
        node = self._write(value, where)
        self._open.remove(id(value))
        self._seen[id(value)] = value, node
        return node

    def _write(self, value, where):
        kind = type(value)
        if kind in WRITERS:
            return WRITERS[kind](self, value, where)
        if isinstance(value, NAMED):
            return self._by_name(value, where)
        if isinstance(value, np.generic):
            return self._scalar(value, where)
        if isinstance(value, np.dtype):
            return make_node("numpy.dtype", "DTypeNode", content=self._array(np.empty(0, dtype=value), where))
        name = known.public_name(kind)
        if known.losses().get(name) is kind:
            return self._loss(value, where, name)
        if known.object_named(name) is kind:
            return self._object(value, where, name)
        return self._object(value, where, known.full_name(kind)) if self._allows(kind, where) else leaf(None)

    def _allows(self, thing, where):
        """Return whether the caller allows a class or function; note it if not."""
        name = known.full_name(thing)
        if name not in self.trusted:
            self.refused[where] = name
            return False
        if not known.is_importable(thing):
            raise ValueError(f"{where}: {name} cannot be imported by that name. Define it at the top of a module.")
        return True

    def _object(self, value, where, name):
        state = value.__getstate__()
        if state is None:
            return make_node(name, "ObjectNode")
        if type(state) is not dict:
            raise ValueError(f"{where} of type {name} cannot be saved: its state is no dict of attributes.")
        state = {key: item for key, item in state.items() if key != "_is_loaded"}  # loading sets it
        state = state | {key: location(state[key]) for key in known.FOLDERS & state.keys()}
        if name in known.REQUESTS:  # of metadata: their owner has them, and a name does for what they say in errors
            state = state | {"owner": owner_name(state["owner"])}
        return make_node(name, "ObjectNode", content=self._mapping(state, where, attributes=True))

    def _mapping(self, value, where, attributes=False):
        key_types = [type(key) for key in value]
        for kind in key_types:
            if known.KEY_TYPES.get(known.full_name(kind)) is not kind:
                raise ValueError(
                    f"{where} has keys of type {kind.__name__}, which cannot be saved. Use text or numbers."
                )
        kinds = make_node("builtins.list", "ListNode", content=[self.node(kind, where) for kind in key_types])
        content = {
            key_text(key): self.node(item, f"{where}.{key}" if attributes else f"{where}[{key!r}]")
            for key, item in value.items()
        }
        if len(content) < len(value):
            raise ValueError(f"{where} has keys that are equal as text, such as 1 and '1', which cannot be saved.")
        return make_node(known.public_name(type(value)), "DictNode", content=content, key_types=kinds)

    def _sequence(self, value, where):
        items = sorted(value, key=repr) if type(value) is set else value
        content = [self.node(item, f"{where}[{index}]") for index, item in enumerate(items)]
        return make_node(f"builtins.{type(value).__name__}", CONTAINERS[type(value)], content=content)

    def _array(self, value, where):
        if value.dtype != object:
            return self._file(value, "numpy.ndarray", where)
        items = value.tolist()
        if value.ndim != 1 and np.array(items, dtype=object).shape != value.shape:
            raise ValueError(f"{where} is an object array of shape {value.shape}, which cannot be saved. Use a list.")
        content = [self.node(item, f"{where}[{index}]") for index, item in enumerate(items)]
        shape = self._sequence(value.shape, where)
        return make_node("numpy.ndarray", "NdArrayNode", type="json", content=content, shape=shape)

    def _scalar(self, value, where):
        name = value.dtype.type.__name__
        if name not in known.SCALARS:
            raise ValueError(f"{where} is {value!r}, a scalar of numpy that cannot be saved. Use Python's type.")
        return self._file(np.asarray(value), f"numpy.{name}", where)

    def _file(self, array, name, where):
        if array.dtype.fields:  # what lies between them is whatever the memory held before
            array, given = np.zeros_like(array), array
            for field in array.dtype.names:
                array[field] = given[field]
        buffer = io.BytesIO()
        try:
            np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=False)
        except ValueError as error:
            raise ValueError(f"{where} is an array of dtype {array.dtype}, which cannot be saved ({error}).") from error
        file = f"{len(self.arrays)}.npy"
        self.arrays[file] = buffer.getvalue()
        return make_node(name, "NdArrayNode", type="numpy", file=file)

    def _masked(self, value, where):
        content = {"data": self._array(value.data, where), "mask": self.node(value.mask, where)}
        return make_node("numpy.ma.MaskedArray", "MaskedArrayNode", content=content)

    def _slice(self, value, where):
        content = {"start": value.start, "stop": value.stop, "step": value.step}
        return make_node("builtins.slice", "SliceNode", content=content)

    def _random_state(self, value, where):
        content = self._mapping(value.get_state(legacy=False), where)
        return make_node("numpy.random.RandomState", "RandomStateNode", content=content)

    def _generator(self, value, where):
        bits = value.bit_generator
        if type(bits) is not np.random.PCG64:
            raise ValueError(f"{where} draws from {type(bits).__name__}, which cannot be saved. Use default_rng.")
        content = {"bit_generator": self._mapping(bits.state, where)}
        content["seed_seq"] = self._mapping(bits.seed_seq.state, where)
        return make_node("numpy.random.Generator", "RandomGeneratorNode", content=content)

    def _tree(self, value, where):
        _, arguments, state = value.__reduce__()
        content = self._mapping(state, where)
        reduced = {"args": self._sequence(arguments, where)}
        return make_node(known.TREE, "TreeNode", content=content, __reduce__=reduced)

    def _loss(self, value, where, name):
        maker, arguments, *_ = value.__reduce__()
        if maker is not type(value):  # then Cython's: the class, a checksum, the numbers it is made of
            arguments = arguments[2] or ()
        reduced = {"args": self._sequence(tuple(arguments), where)}
        return make_node(name, "LossNode", content=self._mapping({}, where), __reduce__=reduced)

    def _neighbors(self, value, where):
        state = value.__getstate__()
        metric = type(state[11]).__name__.removesuffix("64").removesuffix("Distance").lower()
        if metric not in ("euclidean", "manhattan", "chebyshev"):
            raise ValueError(f"{where} searches neighbours by {metric}, which cannot be saved. Use algorithm='brute'.")
        arguments = self._sequence((np.asarray(state[0]), int(state[4]), metric), where)
        return make_node(known.public_name(type(value)), "ConstructorFromReduceNode", content=arguments)

    def _by_name(self, value, where):
        name, loader = known.public_name(value), "TypeNode" if isinstance(value, type) else "FunctionNode"
        listed = known.types() if isinstance(value, type) else known.functions()
        if listed.get(name) is value:
            return make_node(name, loader)
        return make_node(known.full_name(value), loader) if self._allows(value, where) else leaf(None)


WRITERS = {
    dict: Encoder._mapping,
    OrderedDict: Encoder._mapping,
    Bunch: Encoder._mapping,
    **dict.fromkeys(CONTAINERS, Encoder._sequence),
    **dict.fromkeys((np.ndarray, np.memmap), Encoder._array),
    np.ma.MaskedArray: Encoder._masked,
    slice: Encoder._slice,
    np.random.RandomState: Encoder._random_state,
    np.random.Generator: Encoder._generator,
    Tree: Encoder._tree,
    **dict.fromkeys((KDTree, BallTree), Encoder._neighbors),
}


def key_text(key):
    """Return the text that the type of a dict's key makes it from: bool("") is False, and bool of any other True."""
    key = key.item() if isinstance(key, np.generic) else key
    return ("True" if key else "") if isinstance(key, bool) else str(key)


def location(folder):
    """Return a folder as text: of a path or a joblib.Memory; anything else as it is."""
    if isinstance(folder, joblib.Memory):
        folder = folder.location
    return os.fspath(folder) if isinstance(folder, os.PathLike) else folder


def owner_name(owner):
    """Return the name of the type of an estimator, or that name as it is."""
    return owner if owner is None or isinstance(owner, str) else type(owner).__name__
