"""Models as files: saved without pickles, loaded without running anything that comes with them."""

import json
import os
import re
import stat
import threading
import warnings
from importlib import metadata
from typing import Any

from .._utils.atomic_write import atomic_write
from .._utils.terminal import abbreviated, shortened
from .._utils.version import __version__
from ._allowed import trusted_names
from ._archive import MAX_FILE_BYTES, PROTOCOL, SCHEMA, VERSIONS, RefusedError, check_size, first_member, pack, unpack
from ._audit import audit, parse
from ._training_clips import without_training_clips

__all__ = ["load", "save"]

FORMAT = 1  # raised where older versions could not read a file any more
PACKAGES = ("scikit-learn", "numpy", "torch", "skops")
MAX_REASON_LENGTH = 1200  # characters of what a file may put into a message
VERSION = re.compile(r"[0-9A-Za-z.+!-]{1,50}")
FOLDER = (
    "{parameter}={location!r} of {owner} is left out: files there would be read and written, and a cache unpickled. "
    "If you wrote the file, set it again, or load with trusted=['{parameter}']."
)
GRAPH = " sklaudio.load_onnx reads graphs of ONNX, for predict_files, evaluate_files and report."
FAILED = "cannot be built from what it holds; save the model again, with the versions that are here."
# Warnings are caught for the whole process: one load after the other. A model may load another, its trained encoder.
BUILDING = threading.RLock()
OTHER_VERSION = "scikit-learn's parts may behave otherwise than where they were trained."


def save(model, path, *, trusted=()) -> None:
    """Save a model as one file: parameters and arrays, no pickle.

    Parameters
    ----------
    model : estimator
        A Pipeline, search or classifier, fitted or not, made of sklaudio's and scikit-learn's parts.
    path : str or path-like
        The file to write, such as "model.skops". A file of that name is replaced, by a whole one or not at all.
    trusted : list of types, functions or their names, default=()
        What the model may hold besides: ``[MyNet]`` or ``["my_nets.MyNet"]``, things at the top of a module that can
        be imported where the file is loaded. :func:`load` needs the same list.

    Raises
    ------
    ValueError
        If the model holds anything else, such as a function, a skorch callback or a sparse matrix, or contradicts
        itself, such as weights of NaN. The message says where. No file is written.
    FileNotFoundError, IsADirectoryError
        If there is no such folder, or `path` is one.

    See Also
    --------
    load : The way back, and what is checked on it.

    Notes
    -----
    The file is a zip archive of JSON and ``.npy`` members, uncompressed, which :mod:`skops.io` reads as well; equal
    models make equal files. Folders (`memory`, `checkpoint`) are saved as their location. What only training needs
    (`callbacks`, `augment`, `optimizer`) is saved as the parameters are now.

    Examples
    --------
    >>> import sklaudio
    >>> model = sklaudio.published.make("notes-lstm", max_epochs=2)
    >>> sklaudio.save(model, "notes.skops")
    >>> sklaudio.load("notes.skops")["net"].max_epochs
    2
    """
    write(without_training_clips(model), path, trusted=trusted)


def write(model, path, *, trusted=()):
    """Save a model as :func:`save` does, with what it holds of its training clips."""
    names = trusted_names(trusted)
    if isinstance(model, type) or not hasattr(model, "get_params"):
        raise ValueError(f"model={shortened(model)} is no estimator. Save a Pipeline, a search or a classifier.")
    from ._consistency import check_contents
    from ._encode import encode

    schema, arrays = encode(model, names)
    try:
        check_contents(model)
    except ValueError as error:
        raise ValueError(f"model cannot be saved: {error}") from error
    schema |= {"protocol": PROTOCOL, "_skops_version": metadata.version("skops")}
    versions = {"format": FORMAT, "sklaudio": __version__} | {name: metadata.version(name) for name in PACKAGES}
    members = {VERSIONS: _json(versions), SCHEMA: _json(schema), **arrays}
    check_size(members)
    try:
        audit(members, names)
    except ValueError as error:
        raise ValueError(f"model cannot be saved: a file of it {error}") from error
    with atomic_write(path, "model.skops") as file:
        pack(members, file)


def load(path, *, trusted=()) -> Any:
    """Load a model that :func:`save` wrote, and run nothing of what may be in the file.

    Parameters
    ----------
    path : str or path-like
        The file.
    trusted : list of types, functions or their names, default=()
        What the file may hold besides sklaudio's and scikit-learn's types, as in :func:`save`. These are imported
        and their instances made, so name only what you know.

    Returns
    -------
    estimator
        The model. Its probabilities are those that it had, bit for bit, on the same machine. Where it was trained on a
        device that is not here, it is on the CPU, with a warning.

    Raises
    ------
    ValueError
        If the file is anything but a whole and sound model. The message begins with `path` and says why, and which
        versions it is from where these are others than here.
    FileNotFoundError, IsADirectoryError, PermissionError
        If there is no file, or it may not be read.

    Notes
    -----
    Before anything is imported or built, all bytes of the file are accounted for (members are stored uncompressed, so
    that it cannot unfold), checksums are compared, arrays must be numbers or text of the size that they say, and each
    node of the structure must be of a kind that :func:`save` writes and be named on a closed list: the estimators,
    splitters, kernels and scores of scikit-learn, sklaudio's estimators and augmentations, numpy's arrays, random
    states and elementwise functions, and plain containers. No function is called. Then the model is built, which is
    checked for what would crash later: nets, trees, support vectors.

    What a stranger's model predicts is still up to the stranger. Where it would read and write files is not: `memory`,
    where joblib unpickles what it finds, and `checkpoint` are left out with a warning. They are kept with
    ``trusted=["memory", "checkpoint"]``.

    Examples
    --------
    >>> import sklaudio
    >>> with open("notes.skops", "wb") as file:
    ...     n_bytes = file.write(b"anything else")
    >>> sklaudio.load("notes.skops")
    Traceback (most recent call last):
        ...
    ValueError: notes.skops is no model file: it does not begin as one does. Save the model with sklaudio.save.
    """
    names, data, versions = trusted_names(trusted), _read(path), {}
    try:
        versions = _versions(first_member(data))
        members = unpack(data)
        del data
        schema, folders = audit(members, names)
        model, warned = _build(schema, members)
    except Exception as error:
        reason = str(error) if isinstance(error, RefusedError) else f"{FAILED} {type(error).__name__}: {error}"
        reason += GRAPH if os.fsdecode(path).lower().endswith(".onnx") else ""
        reason = reason if len(reason) <= MAX_REASON_LENGTH else f"{reason[:MAX_REASON_LENGTH]} …"
        raise ValueError(f"{os.fspath(path)} {reason}{_difference(versions)}") from error
    for message in dict.fromkeys([*warned, *map(FOLDER.format_map, folders)]):
        warnings.warn(f"{os.fspath(path)}: {message}{_difference(versions)}", stacklevel=2)
    return model


def _json(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _versions(text):
    """Return what wrote the file, by package; raise an error where its format is newer than this."""
    versions = parse(text)
    number = versions.pop("format", None)
    named = all(isinstance(item, str) and VERSION.fullmatch(item) for item in versions.values())
    if type(number) is not int or number < 1 or not named:
        raise RefusedError(f"is malformed: {VERSIONS} does not say what wrote the file.")
    if number > FORMAT:
        wanted = versions.get("sklaudio", "")
        raise RefusedError(
            f"is of format {number}, and sklaudio {__version__} reads formats up to {FORMAT}. "
            f"Install the version that wrote it, or a later one: pip install 'sklaudio>={wanted}'."
        )
    return versions


def _difference(versions):
    """Write a sentence on the packages that the file was written with, where others are here."""
    here = {"sklaudio": __version__, "scikit-learn": metadata.version("scikit-learn")}
    other = {name: versions[name] for name in here if versions.get(name, here[name]) != here[name]}
    if not other:
        return ""
    written = " and ".join(f"{name} {version}" for name, version in other.items())
    present = " and ".join(f"{name} {here[name]}" for name in other)
    return f" It was saved with {written}; here is {present}. Install what it was saved with, or save it anew."


def _build(schema, members):
    """Build what was audited, see that it is sound, and bring it to a device that is here."""
    from sklearn.exceptions import InconsistentVersionWarning

    from ._build import build
    from ._consistency import adapt, check_contents

    with BUILDING, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = build(schema, members)
        if not hasattr(model, "get_params"):
            raise RefusedError(f"holds a {type(model).__name__}, which is no estimator.")
        check_contents(model)
        adapt(model)
    kinds = {warning.category for warning in caught}
    messages = dict.fromkeys(str(item.message) for item in caught if item.category is not InconsistentVersionWarning)
    return model, [*messages, *([OTHER_VERSION] if InconsistentVersionWarning in kinds else [])]


def _read(path):
    try:
        kind = os.stat(path)
    except OSError as error:
        error.filename = abbreviated(str(path))
        raise
    if stat.S_ISDIR(kind.st_mode):
        raise IsADirectoryError(f"{os.fspath(path)} is a folder. Pass the file of a model.")
    if not stat.S_ISREG(kind.st_mode) or kind.st_size > MAX_FILE_BYTES:
        raise ValueError(
            f"{os.fspath(path)} is not a model: it has more than {MAX_FILE_BYTES} bytes, or is not a regular file. "
            "Pass a file that sklaudio.save wrote."
        )
    with open(path, "rb") as file:
        return file.read()
