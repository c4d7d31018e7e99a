"""Files that mean harm, and files that came to harm: each ends in one clear error, and nothing of it runs.

All are made here. A file that would run something writes the canary; an audit hook notes whatever acts meanwhile.
"""

import copy
import io
import json
import os
import pickle
import struct
import sys
import tarfile
import time
import tracemalloc
import warnings
import zipfile
import zlib

import joblib
import numpy as np
import pytest
import skops.io
import torch
from sklearn.cluster import KMeans
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

import sklaudio
from sklaudio import FrameScaler, LSTMClassifier, MFCCTransformer
from sklaudio.augment import SpecAugment
from sklaudio.persistence import _archive as archive

ACTS = {
    "os.exec", "os.fork", "os.forkpty", "os.mkdir", "os.posix_spawn", "os.putenv", "os.remove", "os.rename", "os.rmdir",
    "os.spawn", "os.startfile", "os.symlink", "os.system", "os.truncate", "pickle.find_class", "shutil.move",
    "shutil.rmtree", "shutil.unpack_archive", "socket.connect", "subprocess.Popen", "urllib.Request",
}  # fmt: skip
WATCH = {"events": None}
MAX_SECONDS = 5  # seconds; almost all take milliseconds


def watch(event, arguments):
    if WATCH["events"] is None:
        return
    writes = event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+")
    if event in ACTS or writes or (event == "import" and arguments[0] in ("antigravity", "canary_module")):
        WATCH["events"].append((event, arguments))


sys.addaudithook(watch)


class Canary:
    """Whose pickle writes a file when it is read."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A folder for everything, with a folder inside that files are loaded in."""
    folder = tmp_path_factory.mktemp("room")
    (folder / "inside").mkdir()
    return folder


@pytest.fixture(scope="module")
def models():
    """Small fitted models by name, each with a part that a file could lie about."""
    rng = np.random.default_rng(0)
    frames = rng.normal(size=(12, 6, 3)).astype(np.float32)
    X, y = rng.normal(size=(30, 3)), np.array(["a", "b", "c"] * 10)
    X[:, 0] += np.searchsorted(["a", "b", "c"], y)
    net = LSTMClassifier(4, 1, max_epochs=1, random_state=np.random.RandomState(0), augment=[SpecAugment()])
    net.set_params(class_weight={"a": 1.0, "b": 2.0})
    return {
        "net": Pipeline([("scaler", FrameScaler()), ("net", net)]).fit(frames, np.array(["a", "b"] * 6)),
        "features": Pipeline([("mfcc", MFCCTransformer(5)), ("net", LSTMClassifier(4))]),
        "tree": DecisionTreeClassifier(random_state=0).fit(X, y),
        "forest": RandomForestClassifier(2, random_state=0).fit(X, y),
        "boosting": GradientBoostingClassifier(n_estimators=1, random_state=0).fit(X, y),
        "histograms": HistGradientBoostingClassifier(max_iter=1, min_samples_leaf=2, random_state=0).fit(X, y),
        "svm": SVC().fit(X, y),
        "neighbours": KNeighborsClassifier(2, algorithm="brute").fit(X, y),
        "search tree": KNeighborsClassifier(2, algorithm="kd_tree").fit(X, y),
        "centres": KMeans(2, n_init=1, random_state=0).fit(X),
        "loss": SGDClassifier(random_state=0).fit(X, y),
    }


@pytest.fixture(scope="module")
def members(models, room):
    """The members of the files of these models: schema as JSON, arrays as arrays or bytes."""
    found = {}
    for name, model in models.items():
        sklaudio.save(model, room / "good.skops")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sklaudio.load(room / "good.skops")
        with zipfile.ZipFile(room / "good.skops") as file:
            found[name] = {member: file.read(member) for member in file.namelist()}
        (room / "good.skops").unlink()
    return found


def pack(members):
    """A file of these members, as sklaudio.save writes it: bytes."""
    file = io.BytesIO()
    archive.pack(members, file)
    return file.getvalue()


def rebuilt(members, change=None, **others):
    """The file of these members after a change of the schema, and with other arrays."""
    schema = json.loads(members["schema.json"])
    changed = None if change is None else change(schema)
    schema = schema if changed is None else changed
    return pack({**members, "schema.json": json.dumps(schema).encode(), **others})


def assert_harmless(files, room, at_least, may_load=None):
    """Load each file: one clear error, no act, no trace, in bounded time."""
    before, failures, n_refused = sorted(room.rglob("*")), [], 0
    path, here = room / "inside" / "model.skops", os.getcwd()
    os.chdir(room / "inside")
    try:
        for name, content in files:
            path.write_bytes(content)
            outcome, seconds, events = attempt(path)
            path.unlink()
            refused = type(outcome) is ValueError and str(outcome).startswith(str(path)) and len(str(outcome)) < 2000
            n_refused += refused
            if not refused and (isinstance(outcome, BaseException) or may_load is None or not may_load(outcome)):
                failures.append((name, "ended in", outcome))
            if seconds > MAX_SECONDS or events:
                failures.append((name, "took", seconds, "and did", events))
            if (after := sorted(room.rglob("*"))) != before:
                failures.append((name, "left", after))
                break
    finally:
        os.chdir(here)
    assert not failures, failures[:20]
    assert n_refused >= at_least


def attempt(path):
    """Load a file under watch: model or error, seconds, acts."""
    WATCH["events"], start = [], time.perf_counter()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            outcome = sklaudio.load(path)
    except BaseException as error:
        outcome = error
    events, WATCH["events"] = WATCH["events"], None
    return outcome, time.perf_counter() - start, events


# Pickles, in every place that could hold one


def pickles(canary):
    """Pickles of all protocols, and what else unpickles when it is read by its own reader."""
    trap = Canary(canary)
    array = np.array([trap], dtype=object)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield f"pickle {protocol}", pickle.dumps(trap, protocol)
    for name, write in (
        ("joblib", lambda file: joblib.dump(trap, file)),
        ("joblib zlib", lambda file: joblib.dump(trap, file, compress=3)),
        ("torch", lambda file: torch.save({"weights": trap}, file)),
        ("torch, old", lambda file: torch.save({"weights": trap}, file, _use_new_zipfile_serialization=False)),
        ("npy", lambda file: np.save(file, array, allow_pickle=True)),
        ("npz", lambda file: np.savez(file, array=array)),
    ):
        buffer = io.BytesIO()
        write(buffer)
        yield name, buffer.getvalue()


def pickled_files(members, canary):
    """Pickles as the file, as each member of it, and beside them."""
    good = members["net"]
    for kind, content in pickles(canary):
        yield kind, content
        yield f"{kind} behind the magic bytes", b"PK\x03\x04" + content
        for member in good:
            yield f"{kind} as {member}", pack({**good, member: content})
        yield f"{kind} beside the others", pack({**good, "99.npy": content})
        yield f"{kind} as text of a node", rebuilt(good, lambda schema, content=content: replace_leaf(schema, content))
        for name in ("data.pkl", "model.pkl", "99.bin", "99.npz", "__main__.py", "archive/data.pkl"):
            yield f"{kind} as {name}", pack({**good, name: content})
    header = b"\x93NUMPY\x01\x00" + struct.pack("<H", 64)
    claim = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(63) + b"\n"
    for member in [name for name in good if name.endswith(".npy")]:
        content = header + claim + pickle.dumps([Canary(canary)])
        yield f"objects in {member}", pack({**good, member: content})


def replace_leaf(schema, content):
    schema["content"]["content"]["verbose"]["content"] = content.decode("latin-1")


def test_pickles_are_not_read(members, room):
    assert_harmless(pickled_files(members, room / "canary"), room, at_least=200)


# Nodes that skops would import, make or call something for


def node(name, loader, **fields):
    module, _, attribute = name.rpartition(".")
    return {"__class__": attribute, "__module__": module, "__loader__": loader, **fields}


def text(value):
    return node("builtins.str", "JsonNode", content=json.dumps(value), is_json=True)


def plain(value):
    return node("builtins.str", "JsonNode", content=json.dumps(value))


def sequence(*items, loader="TupleNode", name="builtins.tuple"):
    return node(name, loader, content=list(items))


def mapping(content, key_type="builtins.str", name="builtins.dict"):
    kinds = sequence(*[node(key_type, "TypeNode") for _ in content], loader="ListNode", name="builtins.list")
    return node(name, "DictNode", content=content, key_types=kinds)


def acting_nodes(canary):
    """Nodes that make skops, if it trusts them, import, make or call something."""
    command = f"touch {canary}"
    call = sequence(plain(command))
    for name in (
        "os.system", "posix.system", "builtins.eval", "builtins.exec", "builtins.open", "builtins.getattr",
        "builtins.__import__", "builtins.compile", "subprocess.call", "subprocess.Popen", "pickle.loads", "joblib.load",
        "torch.load", "numpy.load", "importlib.import_module", "runpy.run_path", "shutil.rmtree", "functools.partial",
        "operator.methodcaller", "types.FunctionType", "sklearn.datasets.fetch_openml", "sklearn.utils.check_array",
        "sklearn.base.clone", "sklaudio.load", "sklaudio.datasets.fetch_gtzan", "antigravity.webbrowser",
    ):  # fmt: skip
        yield f"function {name}", node(name, "FunctionNode")
        yield f"type {name}", node(name, "TypeNode")
        yield f"object {name}", node(name, "ObjectNode", content=mapping({"args": plain(command)}))
    for name in ("os.system", "builtins.eval", "builtins.exec", "subprocess.Popen", "sklearn.svm.SVC", "pathlib.Path"):
        yield f"call {name}", node(name, "ConstructorFromReduceNode", content=call)
        reduced = {"args": call}
        yield f"loss {name}", node(name, "LossNode", content=mapping({}), __reduce__=reduced)
        yield f"tree {name}", node(name, "TreeNode", content=mapping({}), __reduce__=reduced)
        yield f"list {name}", sequence(plain(command), loader="ListNode", name=name)
        yield f"set {name}", sequence(plain(command), loader="SetNode", name=name)
        yield f"tuple {name}", sequence(plain(command), name=name)
        yield f"dict {name}", mapping({"a": plain(command)}, name=name)
        yield f"keys {name}", mapping({command: plain(1)}, key_type=name)
        yield f"random {name}", node(name, "RandomStateNode", content=mapping({}))
        yield f"masked {name}", node(name, "MaskedArrayNode", content={"data": plain(1), "mask": plain(1)})
        shape = sequence(plain(1))
        yield f"array {name}", node(name, "NdArrayNode", type="json", content=[plain(command)], shape=shape)
        yield f"number {name}", node(name, "NdArrayNode", type="numpy", file="0.npy")
        func = node(name, "FunctionNode")
        parts = {"func": func, "args": call, "kwds": mapping({}), "namespace": plain(None)}
        yield f"partial {name}", node("functools.partial", "PartialNode", content=parts)
        yield f"dtype {name}", node("numpy.dtype", "DTypeNode", content=func)
        yield f"default {name}", node("collections.defaultdict", "DefaultDictNode", content={"main": func})
    for name in ("methodcaller", "attrgetter", "itemgetter", "add"):
        yield f"operator {name}", node(f"operator.{name}", "OperatorFuncNode", attrs=sequence(plain("__class__")))
    owner = node("sklaudio.features.FrameScaler", "ObjectNode", content=mapping({}))
    yield "method", node("sklaudio.features.FrameScaler", "MethodNode", content={"func": "fit", "obj": owner})
    bits = {"bit_generator": mapping({"bit_generator": plain("seed")}), "seed_seq": mapping({})}
    yield "generator", node("numpy.random.Generator", "RandomGeneratorNode", content=bits)
    seed = {"entropy": plain(1), "spawn_key": sequence(), "pool_size": plain(10**9), "n_children_spawned": plain(0)}
    bits = {"bit_generator": mapping({"bit_generator": plain("PCG64")}), "seed_seq": mapping(seed)}
    yield "pool of a seed", node("numpy.random.Generator", "RandomGeneratorNode", content=bits)
    for loader, extra in (
        ("BytesNode", {"file": "0.npy"}), ("BytearrayNode", {"file": "0.npy"}), ("QuantileForestNode", {}),
        ("SparseMatrixNode", {"type": "scipy", "file": "0.npy"}), ("_DictWithDeprecatedKeysNode", {}),
        ("ReduceNode", {}), ("Node", {}), ("CachedNode", {}), ("", {}), (None, {}), (3, {}), ([], {}),
    ):  # fmt: skip
        yield f"loader {loader}", node("builtins.bytes", loader, **extra)
    for name in (
        "torch.nn.modules.linear.Linear", "skorch.classifier.NeuralNetClassifier", "joblib.memory.Memory",
        "pathlib.PosixPath", "types.SimpleNamespace", "sklearn.svm._classes.SVC", "sklearn.svm.SVC.fit",
        "sklaudio.os.system", "sklaudio.nets._base.NetEstimator", "builtins.object", "canary_module.Thing",
        ".os.system", "os..system", " os.system", "os.sys tem", "", "sklearn.base.BaseEstimator",
    ):  # fmt: skip
        yield f"instance {name}", node(name, "ObjectNode", content=mapping({}))
    yield "json in json", node("builtins.str", "JsonNode", content="[[1]]")
    yield "no json", node("builtins.str", "JsonNode", content="__import__('os')")
    yield "json as it is", node("builtins.str", "JsonNode", content=3)
    yield "unknown fields", text("x")
    yield "no node", "os.system"
    yield "nothing", None


PLACES = {
    "in a parameter": lambda schema, bad: attributes(schema).update(verbose=bad),
    "as a parameter of the net": lambda schema, bad: attributes(step(schema, 1)).update(augment=bad),
    "among its weights": lambda schema, bad: attributes(step(schema, 1))["weights"]["content"].update(x=bad),
    "as a key type": lambda schema, bad: schema["content"]["key_types"]["content"].__setitem__(0, bad),
    "as all key types": lambda schema, bad: schema["content"].update(key_types=bad),
    "as the attributes": lambda schema, bad: schema.update(content=bad),
    "as an estimator": lambda schema, bad: attributes(schema)["steps"]["content"][1]["content"].__setitem__(1, bad),
    "as the model": lambda schema, bad: {**bad, "protocol": 2} if isinstance(bad, dict) else bad,
    "in an array": lambda schema, bad: attributes(step(schema, 1)).update(
        random_state=node("numpy.ndarray", "NdArrayNode", type="json", content=[bad], shape=sequence(plain(1)))
    ),
    "as a cache": lambda schema, bad: attributes(schema).update(memory=bad),
}


def attributes(schema):
    return schema["content"]["content"]


def step(schema, index):
    return attributes(schema)["steps"]["content"][index]["content"][1]


def acting_files(members, canary, places):
    good = members["net"]
    for place in places:
        put = PLACES[place]
        for name, bad in acting_nodes(canary):
            if name == "nothing" and place in ("as a cache", "as the model"):
                continue

            def change(schema, bad=bad, put=put):
                return put(schema, copy.deepcopy(bad))

            yield f"{name} {place}", rebuilt(good, change)


def test_no_node_acts(members, room):
    places = ["among its weights", "as a key type", "as an estimator"]
    assert_harmless(acting_files(members, room / "canary", places), room, at_least=600)


@pytest.mark.slow
def test_no_node_acts_anywhere(members, room):
    assert_harmless(acting_files(members, room / "canary", PLACES), room, at_least=2000)


def test_skops_alone_would_have_run_some_of_them(members, room):
    """The corpus is not toothless: with the trust that these files ask for, skops runs them."""
    command = f"touch {room / 'canary'}"
    calls = mapping({command: plain(1)}, key_type="os.system")
    content = rebuilt(members["features"], lambda schema: attributes(schema).update(verbose=calls))
    with pytest.raises(skops.io.exceptions.UntrustedTypesFoundException):
        skops.io.loads(content)
    skops.io.loads(content, trusted=skops.io.get_untrusted_types(data=content))
    assert (room / "canary").exists()
    (room / "canary").unlink()


# Files that came to harm: cut, flipped, packed otherwise


def test_truncated_files_are_refused(members, room):
    whole = rebuilt(members["net"])
    lengths = sorted({*range(40), *range(0, len(whole), len(whole) // 60), *range(len(whole) - 30, len(whole))})
    assert_harmless(((f"cut at {length}", whole[:length]) for length in lengths), room, at_least=120)


def test_flipped_bits_are_found_or_change_nothing(members, models, room):
    """The content of members is under a checksum; some bits of zip's own headers are read by nobody."""
    whole = rebuilt(members["net"])
    rng = np.random.default_rng(0)
    inside, outside = [], []
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        for info in file.infolist():
            start = info.header_offset + 30 + len(info.filename)
            inside += [start + int(offset) for offset in rng.integers(0, info.file_size, 6)]
            outside += range(info.header_offset, start)
        outside += range(file.start_dir, len(whole))

    def flipped(position):
        content = bytearray(whole)
        content[position] ^= 1 << int(rng.integers(8))
        return f"bit at {position}", bytes(content)

    assert_harmless(map(flipped, inside), room, at_least=100)
    frames = np.linspace(0, 1, 90, dtype=np.float32).reshape(2, 15, 3)
    expected = models["net"].predict_proba(frames)
    outside = rng.choice(outside, 200, replace=False)
    assert_harmless(
        map(flipped, outside),
        room,
        at_least=100,
        may_load=lambda model: np.array_equal(model.predict_proba(frames), expected),
    )


def archives(members, canary):
    """Zip files of the right members, written as zip allows and sklaudio.save does not."""
    good = members["net"]
    whole = pack(good)
    for kind in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        yield f"compressed by {kind}", zipped(good.items(), kind)
    for level in (1, 100):
        yield f"bomb of {level} MB", zipped([*good.items(), ("99.npy", bytes(level * 2**20))], zipfile.ZIP_DEFLATED)
        array = io.BytesIO()
        np.save(array, np.zeros(level * 2**17))
        yield (
            f"bomb of an array of {level} MB",
            zipped({**good, "0.npy": array.getvalue()}.items(), zipfile.ZIP_DEFLATED),
        )
    inner = zipped([("0.npy", bytes(10 * 2**20))], zipfile.ZIP_DEFLATED)
    yield "bomb in a bomb", pack({**good, "0.npy": inner})
    yield "names in another order", zipped(reversed(good.items()))
    yield "a member twice", zipped([*good.items(), ("0.npy", good["0.npy"])])
    yield "the schema twice", zipped([*good.items(), ("schema.json", good["schema.json"])])
    for name in (
        "../evil.npy", "../../evil.npy", "/tmp/evil.npy", "..\\evil.npy", "C:\\evil.npy", "a/../../evil.npy", "./0.npy",
        "folder/", "0.npy/", "0.npy_.pkl", "００.npy", "-1.npy", "01.npy", "1e3.npy", "schema.JSON", "schema.json ",
        "nul", "~/.bashrc", "${HOME}/x.npy", "con.npy", "a" * 60_000,
    ):  # fmt: skip
        yield f"member {name[:20]!r}", zipped([*good.items(), (name, b"x")])
        yield (
            f"member {name[:20]!r} for an array",
            zipped([(name if key == "0.npy" else key, good[key]) for key in good]),
        )
    for missing in good:
        yield f"without {missing}", zipped([(name, content) for name, content in good.items() if name != missing])
    yield "empty archive", zipped([])
    for position, junk in ((0, b"#!/bin/sh\n"), (0, b"\x80\x04"), (len(whole), b"\x80\x04."), (len(whole), bytes(9))):
        yield f"{junk} at {position}", whole[:position] + junk + whole[position:]
    yield "a comment", zipped(good.items(), comment=b"hello")
    yield "two archives", whole + whole
    link = zipfile.ZipInfo("9.npy", (1980, 1, 1, 0, 0, 0))
    link.create_system, link.external_attr = 3, 0o120777 << 16
    yield "a link", zipped([*good.items(), (link, os.fspath(canary).encode())])
    with zipfile.ZipFile(io.BytesIO(whole)) as file:
        central, infos = file.start_dir, file.infolist()
    for offset, value, what in ((8, 1, "encrypted"), (8, 8, "a data descriptor"), (10, 99, "compressed by 99")):
        content = bytearray(whole)
        content[central + offset] = value
        yield what, bytes(content)
    for size in (0, 1, 2**31, 2**32 - 1):
        content = bytearray(whole)
        content[central + 20 : central + 28] = struct.pack("<II", size, size)
        yield f"a size of {size}", bytes(content)
    yield "members over each other", overlapping(whole, infos, central)


def zipped(items, kind=zipfile.ZIP_STORED, comment=b""):
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", kind) as file:
        warnings.simplefilter("ignore")  # of duplicate names
        for name, content in items:
            info = name if isinstance(name, zipfile.ZipInfo) else zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = kind
            file.writestr(info, content)
        file.comment = comment
    return buffer.getvalue()


def overlapping(whole, infos, central):
    """The list of members names the last one a thousand times, as others."""
    entry_start = central + sum(46 + len(info.filename) for info in infos[:-1])
    entry = whole[entry_start : central + sum(46 + len(info.filename) for info in infos)]
    n_members = len(infos) + 1000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, n_members, n_members, len(whole) - 22 - central, central, 0)
    return whole[:-22] + entry * 1000 + end


def test_other_archives_are_refused(members, room):
    assert_harmless(archives(members, room / "canary"), room, at_least=80)


def other_files(members, canary):
    """What people might pass by mistake, or on purpose."""
    plain_skops = io.BytesIO()
    skops.io.dump(LogisticRegression(), plain_skops)
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w:gz") as file:
        file.addfile(tarfile.TarInfo("../evil"), io.BytesIO())
    yield from {
        "nothing": b"",
        "one byte": b"P",
        "magic alone": b"PK\x03\x04",
        "an empty zip": b"PK\x05\x06" + bytes(18),
        "text": b"a model, honestly",
        "html": b"<!doctype html><title>404</title>",
        "json": b'{"format": 1}',
        "git lfs": b"version https://git-lfs.github.com/spec/v1\n",
        "zeros": bytes(10_000),
        "plain skops": plain_skops.getvalue(),
        "a tar": tar.getvalue(),
        "zlib": zlib.compress(bytes(10**6)),
        "hdf5": b"\x89HDF\r\n\x1a\n" + bytes(100),
        "script": b"#!/bin/sh\ntouch " + os.fspath(canary).encode(),
        "magic and zeros": b"PK\x03\x04" + bytes(10_000),
    }.items()
    for value in (2, 10**30, 0, -1, 1.0, "1", True, None, [1], {}):
        versions = json.loads(members["net"]["sklaudio.json"]) | {"format": value}
        yield f"format {value}", pack({**members["net"], "sklaudio.json": json.dumps(versions).encode()})
    for value in ("<script>", "1" * 1000, "", 3, None, "1\n2"):
        versions = json.loads(members["net"]["sklaudio.json"]) | {"sklaudio": value}
        yield f"version {value!r:.20}", pack({**members["net"], "sklaudio.json": json.dumps(versions).encode()})
    for value in (-1, 0, 1, 3, True, "2", None, 2.5):
        yield f"protocol {value}", rebuilt(members["net"], lambda schema, value=value: schema.update(protocol=value))
    for name in ("sklaudio.json", "schema.json"):
        for content in (
            b"", b"{", b"[]", b"3", b"null", b'{"a": NaN}', b'{"a": 1, "a": 2}', b'{"a": Infinity}', b"{}" * 2,
            b"\xff\xfe{\x00}\x00", "{}".encode("utf-16"), "{}".encode("utf-32"), b"\xef\xbb\xbf{}",
            b'{"a": "\xc3\xa4"}',
            b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"[" * 10**6, b'{"a": ' + b"1" * 10**5 + b"}",
        ):  # fmt: skip
            yield f"{name}: {content[:12]!r}", pack({**members["net"], name: content})


def test_other_files_are_refused(members, room):
    assert_harmless(other_files(members, room / "canary"), room, at_least=60)


# Structures that multiply


def bombs(members):
    good = members["net"]
    deep = plain(1)
    for _ in range(200):
        deep = sequence(deep)
    yield "nested 200 deep", rebuilt(good, lambda schema: attributes(schema).update(verbose=deep))
    deepest = '{"content":[' * 50_000 + "]}" * 50_000
    yield "nested 50,000 deep", pack({**good, "schema.json": deepest.encode()})
    levels = [sequence(plain("ha")) | {"__id__": 10**6}]
    for index in range(1, 40):
        shared = {"__loader__": "CachedNode", "__id__": 10**6 + index - 1}
        levels.append(sequence(*[shared] * 10) | {"__id__": 10**6 + index})
    yield "a billion laughs", rebuilt(good, lambda schema: attributes(schema).update(verbose=sequence(*levels)))
    itself = sequence({"__loader__": "CachedNode", "__id__": 10**6}) | {"__id__": 10**6}
    yield "a list of itself", rebuilt(good, lambda schema: attributes(schema).update(verbose=itself))
    ahead = sequence({"__loader__": "CachedNode", "__id__": 10**6}, plain(1) | {"__id__": 10**6})
    yield "a reference ahead", rebuilt(good, lambda schema: attributes(schema).update(verbose=ahead))
    for name in (0, -1, "1", None, True, 1.5, [1]):
        odd = plain(1) | {"__id__": name}
        if name is not None:
            yield f"id {name!r}", rebuilt(good, lambda schema, odd=odd: attributes(schema).update(verbose=odd))
    twice = sequence(plain(1) | {"__id__": 10**6}, plain(2) | {"__id__": 10**6})
    yield "an id twice", rebuilt(good, lambda schema: attributes(schema).update(verbose=twice))
    for shape, dtype in (
        ("(1000000000000,)", "<f8"), ("(-1,)", "<f8"), ("()", "<f8"), ("(1, 1, 1000000000)", "|b1"),
        ("(10**9,)", "<f8"), ("(1000000000000,)", "<U0"), ("(0, 1000000000000000000)", "<f8"), ("(1,)", "|O"),
        ("(1,)", "|V1000000000"),
        ("(2,)", "<M8[s]"), ("(1,)", "[('a', '|O')]"), ("(1,)", "[('a', [('b', '|O')])]"), ("(1.5,)", "<f8"),
        ("'x'", "<f8"), ("(1,)", "__import__('os').system('x')"), ("(1,) * 100", "<f8"), ("(" * 500, "<f8"),
    ):  # fmt: skip
        descr = dtype if dtype.startswith(("[", "_")) else repr(dtype)
        claim = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
        claim = claim.ljust(-(len(claim) + 11) % 64 + len(claim)) + b"\n"
        content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(claim)) + claim + bytes(16)
        yield f"array of {shape[:30]} {dtype}", pack({**good, "0.npy": content})
    for version in ((2, 0), (3, 0), (9, 9)):
        buffer = io.BytesIO(good["0.npy"])
        content = b"\x93NUMPY" + bytes(version) + buffer.getvalue()[8:]
        yield f"array of format {version}", pack({**good, "0.npy": content})
    for shape in ([100, 10**6], [100, 1], [1, 100], [-1, 1], [100, 0], [100, 1, 1], [99], []):
        yield f"references to an array in {shape}", rebuilt(good, with_object_array(shape), **{"98.npy": zeros(10**6)})
    letters = np.array(["ab"])
    buffer = io.BytesIO()
    np.save(buffer, letters)
    yield "no letters", pack({**good, "1.npy": buffer.getvalue()[:-8] + b"\xff" * 8})


def with_object_array(shape):
    """Function of a schema: give it an array of objects, which all are one array of numbers."""
    array = {"__module__": "numpy", "__class__": "ndarray", "__loader__": "NdArrayNode"}
    shared = array | {"type": "numpy", "file": "98.npy", "__id__": 10**6}
    references = [{"__loader__": "CachedNode", "__id__": 10**6}] * 99
    sizes = sequence(*map(plain, shape))
    objects = array | {"type": "json", "content": [shared, *references], "shape": sizes}
    return lambda schema: attributes(schema).update(verbose=objects)


def zeros(n):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.zeros(n, dtype=np.int8), version=(1, 0))
    return file.getvalue()


def test_nothing_multiplies(members, room):
    tracemalloc.start()
    try:
        assert_harmless(bombs(members), room, at_least=30)
        assert tracemalloc.get_traced_memory()[1] < 400 * 2**20
    finally:
        tracemalloc.stop()


# Models that contradict themselves


def array_files(schema, found=None):
    """The files of arrays by the attribute that holds them: {name: [file, ...]}."""
    found = {} if found is None else found
    for key, value in schema.items():
        if isinstance(value, dict):
            if value.get("__loader__") == "NdArrayNode" and "file" in value:
                found.setdefault(key, []).append(value["file"])
            array_files(value, found)
        elif isinstance(value, list):
            for item in value:
                array_files(item if isinstance(item, dict) else {}, found)
    return found


def with_array(members, name, change, index=0):
    """The file after a change of one array."""
    file = array_files(json.loads(members["schema.json"]))[name][index]
    array = change(np.load(io.BytesIO(members[file])))
    buffer = io.BytesIO()
    np.save(buffer, array)
    return pack({**members, file: buffer.getvalue()})


def with_leaf(members, name, value):
    """The file after a change of all values of that name."""

    def change(node):
        for key, item in node.items() if isinstance(node, dict) else enumerate(node):
            if key == name and isinstance(item, dict) and item.get("__loader__") == "JsonNode":
                item["content"] = json.dumps(value)
            elif isinstance(item, (dict, list)):
                change(item)

    return rebuilt(members, change)


def setting(place, value):
    """A change of one element, or of one field of it."""

    def change(array):
        array = array.copy()
        if isinstance(place, tuple) and isinstance(place[0], str):
            array[place[0]][place[1]] = value
        else:
            array[place] = value
        return array

    return change


def contradictions(members):
    net = members["net"]
    weights = array_files(json.loads(net["schema.json"]))
    for name in [name for name in weights if name.startswith(("layers.", "output."))]:
        for what, change in {
            "NaN": setting(0, np.nan), "infinity": setting(0, np.inf), "cut": lambda array: array[:-1],
            "flat": np.ravel if name.endswith("0") or "weight" in name else lambda array: array[:, None],
            "long": lambda array: np.concatenate([array, array]), "text": lambda array: array.astype(str),
            "empty": lambda array: array[:0],
        }.items():  # fmt: skip
            if not (what == "flat" and "bias" in name):
                yield f"{name} {what}", with_array(net, name, change)
    for name, values in {
        "hidden_size": [0, -1, 8, 10**6, 10**12, 10**30, "4", None, 1.5],
        "num_layers": [0, 2, 10**9, "1", None],
        "bidirectional": [True, 3],
        "pooling": ["attention", "none", 3, None],
        "n_features_in_": [0, 4, 10**9, 10**18, "3", None],
        "n_frames_": ["six", None],
        "lr": [-1, "fast", None],
        "_seed": ["x", None],
    }.items():
        for value in values:
            if (name, value) not in {("n_frames_", "six"), ("n_frames_", None)}:
                yield f"{name} is {value}", with_leaf(net, name, value)
    yield "three classes", with_array(net, "classes_", lambda array: np.array(["a", "b", "c"]))
    yield "one class", with_array(net, "classes_", lambda array: array[:1])
    yield "a class twice", with_array(net, "classes_", lambda array: array[[0, 0]])
    yield "classes in a table", with_array(net, "classes_", lambda array: array[:, None])
    for index in range(2):
        for name in ("mean_", "scale_"):
            for what, change in {
                "short": lambda array: array[:2], "NaN": setting(0, np.nan), "a table": lambda array: array[None],
                "text": lambda array: array.astype(str),
            }.items():  # fmt: skip
                yield f"{name} {index} is {what}", with_array(net, name, change, index)
        yield f"scale_ {index} is 0", with_array(net, "scale_", setting(0, 0.0), index)
    yield "history of unequal columns", with_array(net, "train_loss", lambda array: np.append(array, 1.0))
    for name in ("weights", "_built_with", "classes_", "n_features_in_", "history_", "_seed"):
        yield f"net without {name}", rebuilt(net, lambda schema, name=name: drop(step(schema, 1), name))
    for position in (625, -1, 10**9, "x"):
        yield f"random state at {position}", with_leaf(net, "pos", position)
    yield "a short random state", with_array(net, "key", lambda array: array[:-1])
    yield "an unknown random state", with_leaf(net, "bit_generator", "Philox")


def drop(node, name):
    """Take an attribute away, and the type of its key."""
    place = list(attributes(node)).index(name)
    del attributes(node)[name], node["content"]["key_types"]["content"][place]


def broken_estimators(members):
    far = 10**6
    for name in ("tree", "forest", "boosting"):
        for what, change in {
            "left is far": setting(("left_child", 0), far), "left is before": setting(("left_child", 0), -5),
            "right is far": setting(("right_child", 0), far), "a circle": setting(("left_child", 0), 0),
            "one child": setting(("right_child", 0), -1), "feature is far": setting(("feature", 0), far),
            "feature is before": setting(("feature", 0), -7), "cut": lambda array: array[:-1],
            "as numbers": lambda array: array["left_child"], "empty": lambda array: array[:0],
        }.items():  # fmt: skip
            yield f"{name}: {what}", with_array(members[name], "nodes", change)
        yield f"{name}: values are few", with_array(members[name], "values", lambda array: array[:-1])
        yield (
            f"{name}: values are wide",
            with_array(members[name], "values", lambda array: np.concatenate([array] * 2, 2)),
        )
        for leaf, value in (("node_count", 10**9), ("node_count", 0), ("max_depth", 0), ("max_depth", "x")):
            yield f"{name}: {leaf} is {value}", with_leaf(members[name], leaf, value)
        for value in (1, 10**9):
            yield f"{name}: {value} features", with_leaf(members[name], "n_features_in_", value)
    schema = json.loads(members["boosting"]["schema.json"])
    assert "n_trees_per_iteration_" in json.dumps(schema)
    yield "boosting: trees", with_leaf(members["boosting"], "n_trees_per_iteration_", 7)
    for what, change in {
        "left is far": setting(("left", 0), far), "right is far": setting(("right", 0), far),
        "a circle": setting(("left", 0), 0), "feature is far": setting(("feature_idx", 0), far),
        "a category": setting(("is_categorical", 0), 1), "empty": lambda array: array[:0],
        "as numbers": lambda array: array["left"],
    }.items():  # fmt: skip
        yield f"histograms: {what}", with_array(members["histograms"], "nodes", change)
    svm = members["svm"]
    for name, change in (
        ("support_", lambda array: array[:-1]), ("support_", setting(0, far)), ("support_", setting(0, -1)),
        ("support_vectors_", lambda array: array[:-1]), ("support_vectors_", lambda array: array[:, :-1]),
        ("dual_coef_", lambda array: array[:, :-1]), ("dual_coef_", lambda array: array[:-1]),
        ("_intercept_", lambda array: array[:-1]), ("_n_support", setting(0, far)), ("_n_support", setting(0, -1)),
        ("_n_support", lambda array: array[:-1]), ("_probA", lambda array: np.ones(1)),
        ("classes_", lambda array: array[:2]),
    ):  # fmt: skip
        yield f"svm: {name}", with_array(svm, name, change)
    for name in ("neighbours", "search tree"):
        yield f"{name}: label is far", with_array(members[name], "_y", setting(0, far))
        yield f"{name}: label is before", with_array(members[name], "_y", setting(0, -1))
        yield f"{name}: few labels", with_array(members[name], "_y", lambda array: array[:-1])
        yield f"{name}: few points", with_array(members[name], "_fit_X", lambda array: array[:-1])
    yield "centres: of others", with_array(members["centres"], "cluster_centers_", lambda array: array[:, :-1])
    loss = json.loads(members["loss"]["schema.json"])
    arguments = attributes(loss)["_loss_function_"]["__reduce__"]["args"]["content"]
    for bad in (plain("x"), plain(None), sequence()):
        yield (
            f"loss of {bad}",
            rebuilt(members["loss"], lambda schema, bad=bad: loss_of(schema, [bad] * len(arguments))),
        )


def loss_of(schema, arguments):
    attributes(schema)["_loss_function_"]["__reduce__"]["args"]["content"] = arguments


def test_models_that_contradict_themselves_are_refused(members, room):
    assert_harmless(contradictions(members), room, at_least=90)
    assert_harmless(broken_estimators(members), room, at_least=60)


# What no one has thought of


def mutations(members, n_files):
    """Files whose structure was changed at random: a node, a field or a value put elsewhere, renamed or left out."""
    rng = np.random.default_rng(0)
    names = sorted(members)
    values = [None, True, -1, 10**20, 1.5, "", "0.npy", "os.system", [], {}, "ObjectNode", "FunctionNode", "builtins"]
    for index in range(n_files):
        good = members[names[index % len(names)]]
        schema = json.loads(good["schema.json"])
        nodes = list(branches(schema))
        for _ in range(int(rng.integers(1, 4))):
            node = nodes[int(rng.integers(len(nodes)))]
            keys = list(node) if isinstance(node, dict) else list(range(len(node)))
            if not keys:
                continue
            key = keys[int(rng.integers(len(keys)))]
            action = rng.integers(3)
            if action == 0:
                del node[key]
            elif action == 1:
                node[key] = values[int(rng.integers(len(values)))]
            else:
                node[key] = copy.deepcopy(nodes[int(rng.integers(len(nodes)))])
        yield f"mutation {index}", pack({**good, "schema.json": json.dumps(schema).encode()})


def branches(node):
    yield node
    for item in list(node.values()) if isinstance(node, dict) else list(node):
        if isinstance(item, (dict, list)):
            yield from branches(item)


@pytest.mark.parametrize("n_files", [200, pytest.param(4000, marks=pytest.mark.slow)])
def test_changes_at_random_end_in_an_error_or_in_an_estimator(n_files, members, room):
    files = mutations(members, n_files)
    assert_harmless(files, room, at_least=n_files // 2, may_load=lambda model: hasattr(model, "get_params"))
