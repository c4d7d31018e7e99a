"""The kinds of nodes that `encode` writes, and what must be true of each.

A check gets the auditor, the node and its depth; it looks at the fields, sends what is below through
:meth:`Auditor.node` in the order in which skops reads it, and returns how many nodes these are.
"""

import json

import numpy as np

from . import _allowed as known
from ._archive import RefusedError, read_array

# Besides its name: the fields that a node has, those that it may have, and the names it may have, as a set or as a
# function that gives the class or function of a name, and None for others.
FIELDS = {
    "JsonNode": ({"content"}, set(), {"builtins.str"}),
    "DictNode": ({"content", "key_types"}, set(), known.MAPPINGS),
    "ListNode": ({"content"}, set(), {"builtins.list"}),
    "TupleNode": ({"content"}, set(), {"builtins.tuple"}),
    "SetNode": ({"content"}, set(), {"builtins.set"}),
    "SliceNode": ({"content"}, set(), {"builtins.slice"}),
    "NdArrayNode": ({"type"}, {"file", "content", "shape"}, {f"numpy.{name}" for name in ["ndarray", *known.SCALARS]}),
    "DTypeNode": ({"content"}, set(), {"numpy.dtype"}),
    "MaskedArrayNode": ({"content"}, set(), {"numpy.ma.MaskedArray"}),
    "RandomStateNode": ({"content"}, set(), {"numpy.random.RandomState"}),
    "RandomGeneratorNode": ({"content"}, set(), {"numpy.random.Generator"}),
    "TreeNode": ({"content", "__reduce__"}, set(), {known.TREE}),
    "LossNode": ({"content", "__reduce__"}, set(), known.loss_named),
    "ConstructorFromReduceNode": ({"content"}, set(), known.NEIGHBOR_TREES),
    "ObjectNode": (set(), {"content"}, known.object_named),
    "TypeNode": (set(), set(), known.type_named),
    "FunctionNode": (set(), set(), known.function_named),
}
MAY_BE_TRUSTED = {"ObjectNode", "TypeNode", "FunctionNode"}  # kinds whose list the caller may extend


def leaf(value):
    """Return the node of None, a bool, a number or a text."""
    return {"__class__": "str", "__module__": "builtins", "__loader__": "JsonNode", "content": json.dumps(value)}


def require(condition, message):
    """Refuse the file unless `condition` holds."""
    if not condition:
        raise RefusedError(f"is malformed: {message} It is not as sklaudio.save wrote it: save the model again.")


def check_json(auditor, node, depth):
    """Check one value: None, a bool, a number or a text."""
    require(isinstance(node["content"], str), "a JsonNode holds no text.")
    value = json.loads(node["content"])
    require(value is None or type(value) in (bool, int, float, str), "a JsonNode holds more than one value.")
    return 0


def check_mapping(auditor, node, depth):
    """Check a dict, whose keys are text, and a type for each that makes the key from it."""
    content, kinds = node["content"], node["key_types"]
    require(isinstance(content, dict), "a DictNode holds no dict.")
    n_visits = auditor.node(kinds, depth, {"ListNode"})
    require(len(kinds["content"]) == len(content), "a DictNode has another number of key types than keys.")
    for kind in kinds["content"]:
        name = auditor.name(kind)
        require(auditor.resolve(kind)["__loader__"] == "TypeNode" and name in known.KEY_TYPES, f"a key is a {name}.")
    return n_visits + sum(auditor.node(item, depth) for item in content.values())


def check_sequence(auditor, node, depth):
    """Check a list, tuple or set."""
    require(isinstance(node["content"], list), "a list is none.")
    return sum(auditor.node(item, depth) for item in node["content"])


def check_array(auditor, node, depth):
    """Check an array or number in a separate file, or an array of objects."""
    if node["type"] == "json":
        require(set(node) >= {"content", "shape"} and "file" not in node, "an array of objects is malformed.")
        require(node["__class__"] == "ndarray", "an array of objects is no ndarray.")
        n_visits = check_sequence(auditor, node, depth) + auditor.node(node["shape"], depth, {"TupleNode"})
        shape = auditor.value_of(node["shape"])
        require(shape != [] and all(type(n) is int for n in shape), "an array of objects has no shape.")
        _check_shape(node["content"], shape)
        return n_visits
    require(node["type"] == "numpy" and "file" in node and "content" not in node, "an array is malformed.")
    file = node["file"]
    require(isinstance(file, str) and file.endswith(".npy") and file in auditor.members, f"there is no {file!r}.")
    require(file not in auditor.used, f"{file} is used twice.")
    auditor.used.add(file)
    try:
        array = read_array(auditor.members[file])
    except (ValueError, OverflowError, RecursionError) as error:
        raise RefusedError(f"holds {file}, which is no array of numbers or text: {error}") from error
    require(node["__class__"] == "ndarray" or array.ndim == 0, "a number is an array.")
    return 0


def _check_shape(content, shape):
    """Check lists within lists, as long as the shape says: nothing in them is spread out over the array."""
    require(len(content) == shape[0], "an array of objects has another length than its shape.")
    for item in content if len(shape) > 1 else ():
        require(item["__loader__"] == "ListNode", "an array of objects has other axes than its shape.")
        _check_shape(item["content"], shape[1:])


def check_dtype(auditor, node, depth):
    """Check a dtype, by an empty array of it."""
    return auditor.node(node["content"], depth, {"NdArrayNode"})


def check_pair(auditor, node, depth):
    """Check a masked array, or a random generator: skops calls the class that its state names."""
    content = node["content"]
    names = {"MaskedArrayNode": ["data", "mask"], "RandomGeneratorNode": ["bit_generator", "seed_seq"]}
    require(isinstance(content, dict) and list(content) == names[node["__loader__"]], "a node lacks its parts.")
    if node["__loader__"] == "MaskedArrayNode":
        return sum(auditor.node(item, depth, {"NdArrayNode"}, may_refer=True) for item in content.values())
    n_visits = sum(auditor.node(item, depth, {"DictNode"}) for item in content.values())
    bits, seed = auditor.value_of(content["bit_generator"]), auditor.value_of(content["seed_seq"])
    require(bits.get("bit_generator") == "PCG64", "a random generator is no PCG64.")
    require(set(seed) == {"entropy", "spawn_key", "pool_size", "n_children_spawned"}, "a seed is malformed.")
    require(seed["pool_size"] == 4 and len(seed["spawn_key"]) < 100, "a seed is larger than numpy's.")
    return n_visits


def check_slice(auditor, node, depth):
    """Check a slice of whole numbers."""
    content = node["content"]
    require(isinstance(content, dict) and set(content) == {"start", "stop", "step"}, "a slice is malformed.")
    require(all(end is None or type(end) is int for end in content.values()), "a slice has other ends than ints.")
    return 0


def check_random_state(auditor, node, depth):
    """Check a random state, whose position numpy does not check."""
    n_visits = auditor.node(node["content"], depth, {"DictNode"})
    state = auditor.value_of(node["content"])
    inner = state.get("state")
    require(state.get("bit_generator") == "MT19937" and isinstance(inner, dict), "a RandomState is no MT19937.")
    key, position = inner.get("key"), inner.get("pos")
    require(getattr(key, "shape", None) == (624,) and key.dtype == np.uint32, "a RandomState has a false key.")
    require(type(position) is int and 0 <= position <= 624, f"a RandomState stands at {position!r}.")
    return n_visits


def check_reduced(auditor, node, depth):
    """Check a tree, or a loss that is made of numbers: the classes that are called with arguments."""
    reduced = node["__reduce__"]
    require(isinstance(reduced, dict) and set(reduced) == {"args"}, "a node is made of other things than args.")
    n_visits = auditor.node(node["content"], depth, {"DictNode"}) + auditor.node(reduced["args"], depth, {"TupleNode"})
    content, arguments = auditor.value_of(node["content"]), auditor.value_of(reduced["args"])
    if node["__loader__"] == "LossNode":
        require(not content and all(type(number) in (int, float) for number in arguments), "a loss has a state.")
    else:
        _check_tree(content, arguments)
    return n_visits


def check_neighbors(auditor, node, depth):
    """Check a search tree, which is built anew from its points."""
    n_visits = auditor.node(node["content"], depth, {"TupleNode"})
    arguments = auditor.value_of(node["content"])
    require([type(item) for item in arguments] == [np.ndarray, int, str], "a search tree is malformed.")
    require(0 < arguments[1] < 2**31, "a search tree has false leaves.")
    return n_visits


def check_object(auditor, node, depth):
    """Check an instance, by its attributes; where it reads and writes files is left out."""
    if "content" not in node:
        return 0
    attributes = node["content"]
    n_visits = auditor.node(attributes, depth, {"DictNode"})
    require(attributes["__class__"] == "dict", "attributes are no dict.")
    require(
        {auditor.name(kind) for kind in attributes["key_types"]["content"]} <= {"builtins.str"},
        "an attribute has no name.",
    )
    for folder in known.FOLDERS - auditor.trusted:
        place = attributes["content"].get(folder, leaf(None))
        require(place.get("__loader__") == "JsonNode", f"{folder} is no location.")
        if (location := json.loads(place["content"])) is not None:
            auditor.folders.append({"parameter": folder, "owner": node["__class__"], "location": location})
            place["content"] = leaf(None)["content"]
    return n_visits


def _check_tree(state, arguments):
    """Check sizes that scikit-learn takes on trust when it makes a tree; `contents` looks at its nodes."""
    require(len(arguments) == 3, "a tree is not made of its three numbers.")
    n_features, n_classes, n_outputs = arguments
    require(type(n_features) is int and n_features > 0, "n_features of a tree is not a whole number above 0.")
    require(type(n_outputs) is int, "n_outputs of a tree is not a whole number.")
    require(getattr(n_classes, "shape", None) == (n_outputs,) and n_classes.dtype.kind == "i", "a tree has no classes.")
    require(n_outputs > 0 and n_classes.min() > 0, "a tree has no classes.")
    nodes, values = state.get("nodes"), state.get("values")
    require(getattr(nodes, "ndim", None) == 1 and len(nodes) == state.get("node_count"), "a tree has a false size.")
    require(getattr(values, "shape", None) == (len(nodes), n_outputs, n_classes.max()), "a tree has false values.")
    require(type(state.get("max_depth")) is int, "a tree has no depth.")


def check_name(auditor, node, depth):
    """Check a class or function: its name is all there is."""
    return 0


CHECKS = {
    "JsonNode": check_json,
    "DictNode": check_mapping,
    "ListNode": check_sequence,
    "TupleNode": check_sequence,
    "SetNode": check_sequence,
    "SliceNode": check_slice,
    "NdArrayNode": check_array,
    "DTypeNode": check_dtype,
    "MaskedArrayNode": check_pair,
    "RandomStateNode": check_random_state,
    "RandomGeneratorNode": check_pair,
    "TreeNode": check_reduced,
    "LossNode": check_reduced,
    "ConstructorFromReduceNode": check_neighbors,
    "ObjectNode": check_object,
    "TypeNode": check_name,
    "FunctionNode": check_name,
}
