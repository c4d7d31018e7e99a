"""The nodes of a file, read before any is built: each is of a kind that `encode` writes, each name on the list."""

import json

from ._archive import PROTOCOL, SCHEMA, VERSIONS, RefusedError, read_array
from ._nodes import CHECKS, FIELDS, MAY_BE_TRUSTED, require

DEEPEST = 150  # nodes within nodes
MAX_VISITS = 20  # of each node, on average, along the references to it: 2**n from n nodes is a bomb


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
    require(isinstance(parsed, dict), "its JSON is no object.")
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
        Names of types and functions to allow besides those of :mod:`sklaudio.persistence._allowed`.

    Returns
    -------
    schema : dict
        The nodes. Folders (`memory`, `checkpoint`) are left out of them.
    folders : list of dict
        The folders that were left out: "parameter", "owner", the type that had it, and "location".

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
            f"holds {sorted(auditor.unknown)}, which are neither sklaudio's nor scikit-learn's types. Nothing of "
            "the file was imported or run. If you know what they do and trust them, name them: "
            f"load(path, trusted={sorted(auditor.unknown)})."
        )
    if unused := set(members) - auditor.used - {VERSIONS, SCHEMA}:
        raise RefusedError(f"holds {sorted(unused)[:3]}, which no node asks for.")
    return schema, auditor.folders


class Auditor:
    """Go through the nodes in the order of the builder, so that a reference means the same node to both."""

    def __init__(self, members, trusted):
        self.members = members
        self.trusted = trusted
        self.unknown, self.used, self.folders = set(), set(), []
        self._shared = {}  # by __id__: the node and the number of its visits; None while it is open
        self._n_nodes = self._n_visits = 0

    def node(self, node, depth, loaders=None, may_refer=False):
        """Check a node and all below it; return how many that are, references followed."""
        require(isinstance(node, dict) and depth < DEEPEST, "a node is no object, or nested too deeply.")
        if node.get("__loader__") == "CachedNode":
            return self._reference(node, loaders if may_refer or loaders is None else set())
        loader, shared = node.get("__loader__"), node.get("__id__")
        require(isinstance(loader, str) and loader in FIELDS, f"a node is of kind {loader!r}, which is not written.")
        require(loaders is None or loader in loaders, f"a {loader} stands where none may stand.")
        if shared is not None:
            require(type(shared) is int and shared > 0 and shared not in self._shared, "an __id__ is used twice.")
            self._shared[shared] = None
        self._check_name(node, loader)
        self._n_nodes += 1
        n_visits = 1 + CHECKS[loader](self, node, depth + 1)
        if shared is not None:
            self._shared[shared] = node, n_visits
        return n_visits

    def _reference(self, node, loaders):
        require(set(node) == {"__loader__", "__id__"} and type(node["__id__"]) is int, "a reference is malformed.")
        known_node = self._shared.get(node["__id__"])
        require(known_node is not None, "a reference leads to no node before it.")
        target, n_visits = known_node
        require(loaders is None or target["__loader__"] in loaders, "a reference stands where none may stand.")
        self._n_visits += n_visits
        require(self._n_visits < 10_000 + MAX_VISITS * self._n_nodes, "references multiply: this is a bomb.")
        return n_visits

    def _check_name(self, node, loader):
        needed, optional, names = FIELDS[loader]
        given = set(node) - {"__class__", "__module__", "__loader__", "__id__"}
        require(needed <= given <= needed | optional, f"a {loader} has fields {sorted(given)}.")
        module, name = node.get("__module__"), node.get("__class__")
        require(isinstance(module, str) and isinstance(name, str), f"a {loader} has no name.")
        full = f"{module}.{name}"
        require(name.isidentifier() and all(map(str.isidentifier, module.split("."))), f"{full!r} is no name.")
        may_be = loader in MAY_BE_TRUSTED
        is_known = (may_be and full in self.trusted) or (names(full) is not None if callable(names) else full in names)
        require(is_known or may_be, f"a {loader} is named {full}.")
        if not is_known:
            self.unknown.add(full)

    def resolve(self, node):
        """Return the node, or the one that it refers to."""
        return self._shared[node["__id__"]][0] if node["__loader__"] == "CachedNode" else node

    def name(self, node):
        """Return its full name."""
        node = self.resolve(node)
        return f"{node['__module__']}.{node['__class__']}"

    def value_of(self, node):
        """Return what a node of numbers, text and arrays stands for; tuples come as lists."""
        node = self.resolve(node)
        loader = node["__loader__"]
        if loader == "JsonNode":
            return json.loads(node["content"])
        if loader == "DictNode":
            return {key: self.value_of(item) for key, item in node["content"].items()}
        if loader in ("ListNode", "TupleNode"):
            return [self.value_of(item) for item in node["content"]]
        require(loader == "NdArrayNode" and "file" in node, f"a {loader} stands where numbers belong.")
        return read_array(self.members[node["file"]])
