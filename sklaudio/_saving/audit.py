"""The nodes of a file, read by us before skops reads them: each of a kind that `encode` writes, each name on the list."""

import json

import numpy as np

from . import known
from .archive import SCHEMA, VERSIONS, RefusedError, read_array
from .encode import PROTOCOL, leaf

DEEPEST = 150  # nodes within nodes
MOST_VISITS = 20  # of each node, on average, along the references to it: 2**n from n nodes is a bomb
FIELDS = {  # what a node has besides its name; those of one name are it, those of several may be any
    "JsonNode": ({"content"}, {"builtins.str"}),
    "DictNode": ({"content", "key_types"}, known.MAPPINGS),
    "ListNode": ({"content"}, {"builtins.list"}),
    "TupleNode": ({"content"}, {"builtins.tuple"}),
    "SetNode": ({"content"}, {"builtins.set"}),
    "SliceNode": ({"content"}, {"builtins.slice"}),
    "NdArrayNode": ({"type"}, {"numpy.ndarray"} | {f"numpy.{name}" for name in known.SCALARS}),
    "MaskedArrayNode": ({"content"}, {"numpy.ma.MaskedArray"}),
    "RandomStateNode": ({"content"}, {"numpy.random.RandomState"}),
    "RandomGeneratorNode": ({"content"}, {"numpy.random.Generator"}),
    "TreeNode": ({"content", "__reduce__"}, {known.TREE}),
    "LossNode": ({"content", "__reduce__"}, None),
    "ConstructorFromReduceNode": ({"content"}, known.NEIGHBOR_TREES),
    "ObjectNode": (set(), None),
    "TypeNode": (set(), None),
    "FunctionNode": (set(), None),
}
LISTED = {
    "ObjectNode": known.objects,
    "TypeNode": known.types,
    "FunctionNode": known.functions,
    "LossNode": known.losses,
}


def parse(text):
    """Read strict JSON: an object, in ASCII, with no key twice and no NaN.

    Parameters
    ----------
    text : bytes
        What is to be read.

    Returns
    -------
    dict
        The object.

    Raises
    ------
    RefusedError
        If it is anything else.
    """
    try:
        parsed = json.loads(text.decode("ascii"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise RefusedError(f"is malformed: its JSON cannot be read ({error}).") from error
    _require(isinstance(parsed, dict), "its JSON is no object.")
    return parsed


def _unique(pairs):
    if len(unique := dict(pairs)) < len(pairs):
        raise ValueError("a key is there twice")
    return unique


def _no_constant(name):
    raise ValueError(f"{name} is no JSON")


def audit(members, trusted):
    """Read the nodes of a file, and let through nothing but what the list and the caller allow.

    Parameters
    ----------
    members : dict of str to bytes
        The members of the file.
    trusted : set of str
        Names of types and functions to allow besides those of :mod:`sklaudio._saving.known`.

    Returns
    -------
    schema : dict
        The nodes, for skops. A cache (`memory`) is left out of them.
    names : set of str
        The types and functions in it.
    caches : list of dict
        The caches that were left out: "owner", the type that had it, and "location".

    Raises
    ------
    RefusedError
        If there is anything else in the file. Nothing was imported or built by then.
    """
    schema = parse(members[SCHEMA])
    protocol, _ = schema.pop("protocol", None), schema.pop("_skops_version", None)
    if protocol != PROTOCOL or isinstance(protocol, bool):
        raise RefusedError(f"is written in protocol {protocol!r} of skops; sklaudio.save writes {PROTOCOL}.")
    auditor = Auditor(members, trusted)
    auditor.node(schema, 0, {"ObjectNode"})
    if auditor.unknown:
        raise RefusedError(
            f"holds {sorted(auditor.unknown)}, which are neither sklaudio's nor scikit-learn's own types. Nothing of "
            "the file was imported or run. If you know what they do and trust them, name them: "
            f"load(path, trusted={sorted(auditor.unknown)})."
        )
    if unused := set(members) - auditor.used - {VERSIONS, SCHEMA}:
        raise RefusedError(f"holds {sorted(unused)[:3]}, which no node asks for.")
    return schema | {"protocol": PROTOCOL, "_skops_version": "sklaudio"}, auditor.names, auditor.caches


class Auditor:
    """Goes through the nodes in the order of skops, so that a reference means the same node to both."""

    def __init__(self, members, trusted):
        self.members = members
        self.trusted = trusted
        self.names, self.unknown, self.used, self.caches = set(), set(), set(), []
        self._shared = {}  # by __id__: the node and the number of its visits; None while it is open
        self._n_nodes = self._n_visits = 0

    def node(self, node, depth, loaders=None, may_refer=False):
        """Check a node and all below it; return how many that are, references followed."""
        _require(isinstance(node, dict) and depth < DEEPEST, "a node is no object, or nested too deeply.")
        if node.get("__loader__") == "CachedNode":
            return self._reference(node, loaders if may_refer or loaders is None else set())
        loader, shared = node.get("__loader__"), node.get("__id__")
        _require(isinstance(loader, str) and loader in FIELDS, f"a node is of kind {loader!r}, which is not written.")
        _require(loaders is None or loader in loaders, f"a {loader} stands where none may stand.")
        if shared is not None:
            _require(type(shared) is int and shared > 0 and shared not in self._shared, "an __id__ is used twice.")
            self._shared[shared] = None
        self._check_name(node, loader)
        self._n_nodes += 1
        n_visits = 1 + CHECKS.get(loader, Auditor._nothing)(self, node, depth + 1)
        if shared is not None:
            self._shared[shared] = node, n_visits
        return n_visits

    def _reference(self, node, loaders):
        _require(set(node) == {"__loader__", "__id__"} and type(node["__id__"]) is int, "a reference is malformed.")
        known_node = self._shared.get(node["__id__"])
        _require(known_node is not None, "a reference leads to no node before it.")
        target, n_visits = known_node
        _require(loaders is None or target["__loader__"] in loaders, "a reference stands where none may stand.")
        self._n_visits += n_visits
        _require(self._n_visits < 10_000 + MOST_VISITS * self._n_nodes, "references multiply: this is a bomb.")
        return n_visits

    def _check_name(self, node, loader):
        fields, names = FIELDS[loader]
        given = set(node) - {"__class__", "__module__", "__loader__", "__id__"}
        optional = {"ObjectNode": {"content"}, "NdArrayNode": {"file", "content", "shape"}}.get(loader, set())
        _require(fields <= given <= fields | optional, f"a {loader} has fields {sorted(given)}.")
        module, name = node.get("__module__"), node.get("__class__")
        _require(isinstance(module, str) and isinstance(name, str), f"a {loader} has no name.")
        full = f"{module}.{name}"
        _require(name.isidentifier() and all(map(str.isidentifier, module.split("."))), f"{full!r} is no name.")
        if names is None:
            allowed = self.trusted if loader != "LossNode" else set()
            if full not in LISTED[loader]() and full not in allowed:
                self.unknown.add(full)
        else:
            _require(full in names, f"a {loader} is named {full}.")
        self.names.add(full)

    def _nothing(self, node, depth):
        return 0

    def _json(self, node, depth):
        _require(isinstance(node["content"], str), "a JsonNode holds no text.")
        value = json.loads(node["content"])
        _require(value is None or type(value) in (bool, int, float, str), "a JsonNode holds more than one value.")
        return 0

    def _mapping(self, node, depth):
        content, kinds = node["content"], node["key_types"]
        _require(isinstance(content, dict), "a DictNode holds no dict.")
        n_visits = self.node(kinds, depth, {"ListNode"})
        _require(len(kinds["content"]) == len(content), "a DictNode has another number of key types than keys.")
        for kind in kinds["content"]:
            name = self.name(kind)
            _require(self.resolve(kind)["__loader__"] == "TypeNode" and name in known.KEY_TYPES, f"a key is a {name}.")
        return n_visits + sum(self.node(item, depth) for item in content.values())

    def _sequence(self, node, depth):
        _require(isinstance(node["content"], list), "a list is none.")
        return sum(self.node(item, depth) for item in node["content"])

    def _array(self, node, depth):
        if node["type"] == "json":
            _require(set(node) >= {"content", "shape"} and "file" not in node, "an array of objects is malformed.")
            _require(node["__class__"] == "ndarray", "an array of objects is no ndarray.")
            n_visits = self._sequence(node, depth) + self.node(node["shape"], depth, {"TupleNode"})
            shape = self.plain(node["shape"])
            _require(shape[:1] != [] and all(type(n) is int for n in shape), "an array of objects has no shape.")
            _require(len(node["content"]) == shape[0], "an array of objects has another length than its shape.")
            return n_visits
        _require(node["type"] == "numpy" and "file" in node and "content" not in node, "an array is malformed.")
        file = node["file"]
        _require(isinstance(file, str) and file.endswith(".npy") and file in self.members, f"there is no {file!r}.")
        _require(file not in self.used, f"{file} is used twice.")
        self.used.add(file)
        array = read_array(self.members[file])
        _require(node["__class__"] == "ndarray" or array.ndim == 0, "a number is an array.")
        return 0

    def _pair(self, node, depth):
        content = node["content"]
        names = {"MaskedArrayNode": ["data", "mask"], "RandomGeneratorNode": ["bit_generator", "seed_seq"]}
        _require(isinstance(content, dict) and list(content) == names[node["__loader__"]], "a node lacks its parts.")
        if node["__loader__"] == "MaskedArrayNode":
            return sum(self.node(item, depth, {"NdArrayNode"}, may_refer=True) for item in content.values())
        n_visits = sum(self.node(item, depth, {"DictNode"}) for item in content.values())
        bits, seed = self.plain(content["bit_generator"]), self.plain(content["seed_seq"])
        _require(bits.get("bit_generator") == "PCG64", "a random generator is no PCG64.")
        _require(set(seed) == {"entropy", "spawn_key", "pool_size", "n_children_spawned"}, "a seed is malformed.")
        _require(seed["pool_size"] == 4 and len(seed["spawn_key"]) < 100, "a seed is larger than numpy's.")
        return n_visits

    def _slice(self, node, depth):
        content = node["content"]
        _require(isinstance(content, dict) and set(content) == {"start", "stop", "step"}, "a slice is malformed.")
        _require(all(end is None or type(end) is int for end in content.values()), "a slice has other ends than ints.")
        return 0

    def _random_state(self, node, depth):
        n_visits = self.node(node["content"], depth, {"DictNode"})
        state = self.plain(node["content"])
        inner = state.get("state")
        _require(state.get("bit_generator") == "MT19937" and isinstance(inner, dict), "a RandomState is no MT19937.")
        key, position = inner.get("key"), inner.get("pos")
        _require(getattr(key, "shape", None) == (624,) and key.dtype == np.uint32, "a RandomState has a false key.")
        _require(type(position) is int and 0 <= position <= 624, f"a RandomState stands at {position!r}.")
        return n_visits

    def _reduced(self, node, depth):
        reduced = node["__reduce__"]
        _require(isinstance(reduced, dict) and set(reduced) == {"args"}, "a node is made of other things than args.")
        n_visits = self.node(node["content"], depth, {"DictNode"}) + self.node(reduced["args"], depth, {"TupleNode"})
        content, arguments = self.plain(node["content"]), self.plain(reduced["args"])
        if node["__loader__"] == "LossNode":
            _require(not content and all(type(number) in (int, float) for number in arguments), "a loss has a state.")
        else:
            _check_tree(content, arguments)
        return n_visits

    def _neighbors(self, node, depth):
        n_visits = self.node(node["content"], depth, {"TupleNode"})
        arguments = self.plain(node["content"])
        _require([type(item) for item in arguments] == [np.ndarray, int, str], "a search tree is malformed.")
        _require(0 < arguments[1] < 2**31, "a search tree has false leaves.")
        return n_visits

    def _object(self, node, depth):
        if "content" not in node:
            return 0
        attributes = node["content"]
        n_visits = self.node(attributes, depth, {"DictNode"})
        _require(attributes["__class__"] == "dict", "attributes are no dict.")
        _require(
            {self.name(kind) for kind in attributes["key_types"]["content"]} <= {"builtins.str"},
            "an attribute has no name.",
        )
        cache = attributes["content"].get("memory", leaf(None))
        if cache != leaf(None) and "joblib.memory.Memory" not in self.trusted:
            _require(cache.get("__loader__") == "JsonNode", "a cache is no location.")
            if (location := json.loads(cache["content"])) is not None:
                self.caches.append({"owner": node["__class__"], "location": location})
            attributes["content"]["memory"] = leaf(None)
        return n_visits

    def resolve(self, node):
        """The node, or the one that it refers to."""
        return self._shared[node["__id__"]][0] if node["__loader__"] == "CachedNode" else node

    def name(self, node):
        """Its full name."""
        node = self.resolve(node)
        return f"{node['__module__']}.{node['__class__']}"

    def plain(self, node):
        """What a node of numbers, text and arrays stands for; tuples come as lists."""
        node = self.resolve(node)
        loader = node["__loader__"]
        if loader == "JsonNode":
            return json.loads(node["content"])
        if loader == "DictNode":
            return {key: self.plain(item) for key, item in node["content"].items()}
        if loader in ("ListNode", "TupleNode"):
            return [self.plain(item) for item in node["content"]]
        _require(loader == "NdArrayNode" and "file" in node, f"a {loader} stands where numbers belong.")
        return read_array(self.members[node["file"]])


def _check_tree(state, arguments):
    """Sizes that scikit-learn takes on trust when it makes a tree; `contents` looks at its nodes."""
    _require(len(arguments) == 3, "a tree is not made of its three numbers.")
    n_features, n_classes, n_outputs = arguments
    _require(type(n_features) is int and type(n_outputs) is int and n_features > 0, "a tree has no number of features.")
    _require(
        getattr(n_classes, "shape", None) == (n_outputs,) and n_classes.dtype.kind == "i", "a tree has no classes."
    )
    _require(n_outputs > 0 and n_classes.min() > 0, "a tree has no classes.")
    nodes, values = state.get("nodes"), state.get("values")
    _require(getattr(nodes, "ndim", None) == 1 and len(nodes) == state.get("node_count"), "a tree has a false size.")
    _require(getattr(values, "shape", None) == (len(nodes), n_outputs, n_classes.max()), "a tree has false values.")
    _require(type(state.get("max_depth")) is int, "a tree has no depth.")


def _require(condition, message):
    if not condition:
        raise RefusedError(f"is malformed: {message}")


CHECKS = {
    "JsonNode": Auditor._json,
    "DictNode": Auditor._mapping,
    "ListNode": Auditor._sequence,
    "TupleNode": Auditor._sequence,
    "SetNode": Auditor._sequence,
    "SliceNode": Auditor._slice,
    "NdArrayNode": Auditor._array,
    "MaskedArrayNode": Auditor._pair,
    "RandomStateNode": Auditor._random_state,
    "RandomGeneratorNode": Auditor._pair,
    "TreeNode": Auditor._reduced,
    "LossNode": Auditor._reduced,
    "ConstructorFromReduceNode": Auditor._neighbors,
    "ObjectNode": Auditor._object,
}
