"""What a report says of a model: its parts, their parameters, what it learned from."""

import inspect
import platform
from importlib import metadata

import numpy as np

from .._plots._training import net_of
from .._text import one_line
from .._version import __version__
from ..pretrained import data_of

LONGEST_VALUE = 300  # characters of a parameter
PACKAGES = ("scikit-learn", "skorch", "torch", "librosa", "numpy", "scipy", "soundfile", "soxr", "matplotlib")
CARD_TEXT = {"description": "what it tells", "intended_use": "meant for"}


def parts_of(model):
    """List the parts of a model from the outside in.

    Parameters
    ----------
    model : estimator
        A Pipeline, or any estimator that holds others.

    Returns
    -------
    list of dict
        `name` (of the step), `kind` (class), `depth`, and `changed` and `parameters`, which are
        lists of (name, text): those that differ from the defaults, and all.
    """
    return _parts(model, "", 0)


def training_of(model):
    """What the model knows of its training: a list of (what, text)."""
    rows = []
    net = net_or_none(model)
    counted = _first_with(model, "class_count_")
    if counted is not None:
        counts = dict(zip(model.classes_.tolist(), np.asarray(counted.class_count_).tolist(), strict=False))
        rows.append(("clips of each class", ", ".join(f"{one_line(str(k))} {n:g}" for k, n in counts.items())))
    else:
        rows.append(("classes", ", ".join(one_line(str(label)) for label in model.classes_.tolist())))
    if hasattr(model, "best_params_"):
        rows.append(("found by the search", _shortened(model.best_params_)))
    if net is not None:
        rows.append(("epochs", _epochs(net.history_)))
        rows.append(("parameters learned", f"{net.n_parameters_:,}"))
    return rows


def card_rows(card):
    """What the card of a pretrained model says: a list of (what, list of text)."""
    rows = [(said, [str(card[name])]) for name, said in CARD_TEXT.items() if card.get(name)]
    for label, data in data_of(card).items():
        rows += [(f"{label}: {key}", [str(data[key])]) for key in ("name", "licence", "attribution") if data.get(key)]
    accuracy = card.get("evaluation", {}).get("accuracy")
    if accuracy:
        how = card["evaluation"].get("split", "")
        spread = f"{accuracy['mean']:.1%} ± {accuracy['sd']:.1%} over {accuracy['n']} runs; {how}"
        rows.append(("accuracy where it was made", [spread]))
    if card.get("limits"):
        rows.append(("limits", [str(limit) for limit in card["limits"]]))
    return rows


def net_or_none(model):
    """The net inside that has a history; None where there is none."""
    try:
        return net_of(model)
    except TypeError:
        return None


def layers_of(net):
    """Table of the layers as text."""
    return str(net.summary())


def versions():
    """Versions of what made the report: a list of (package, version)."""
    rows = [("sklaudio", __version__), ("Python", platform.python_version())]
    return rows + [(name, metadata.version(name)) for name in PACKAGES]


def _parts(part, name, depth):
    defaults = {
        own.name: own.default
        for own in inspect.signature(type(part).__init__).parameters.values()
        if own.default is not own.empty
    }
    row = {"name": name, "kind": type(part).__name__, "depth": depth, "changed": [], "parameters": []}
    rows = [row]
    for key, value in part.get_params(deep=False).items():
        inside = _estimators(key, value)
        for inner, own in inside:
            rows += _parts(own, inner, depth + 1)
        if inside:
            continue
        row["parameters"].append((key, _shortened(value)))
        if key not in defaults or repr(value) != repr(defaults[key]):
            row["changed"].append((key, _shortened(value)))
    return rows


def _estimators(key, value):
    """The estimators that a parameter holds, by name."""
    if hasattr(value, "get_params") and not isinstance(value, type):
        return [(key, value)]
    if not isinstance(value, (list, tuple)):
        return []
    named = [own for own in value if isinstance(own, tuple) and len(own) >= 2]
    return [(one_line(str(own[0])), own[1]) for own in named if hasattr(own[1], "get_params")]


def _first_with(model, attribute):
    """The outermost part that has an attribute: outside a vote it counts clips, inside it counts segments."""
    while model is not None and not hasattr(model, attribute):
        steps = getattr(model, "steps", None)
        model = steps[-1][1] if steps else getattr(model, "best_estimator_", None)
    return model


def _epochs(history):
    seconds = float(np.nansum(history["seconds"].to_numpy(dtype=float)))
    return f"{len(history)}, in {seconds:.1f} s" if seconds else str(len(history))


def _shortened(value):
    text = one_line(" ".join(repr(value).split()))
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 2]} …"
