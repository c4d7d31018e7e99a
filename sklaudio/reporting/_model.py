"""What a report says of a model: its parts, their parameters, what it learned from."""

import inspect
import platform
import re
from importlib import metadata

import numpy as np

from .._inference import label_names_of, predicts_events
from .._introspect import deciders_of, estimators_in, parts_with
from .._utils.terminal import one_line
from .._utils.version import __version__
from ..plots._training_display import net_of
from ..pretrained import data_of
from ..segments import SegmentVotingClassifier

MAX_VALUE_LENGTH = 300  # characters of a parameter
# Absolute paths in a repr, of which pages that are passed on show the last part alone.
FOLDERS = re.compile(r"""(['"])(?:/|[A-Za-z]:[/\\]|\\\\)[^'"]*?([^'"/\\]+)[/\\]*\1""")
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
    """Return what the model knows of its training: a list of (what, text)."""
    rows = []
    net = net_or_none(model)
    is_detector = predicts_events(model)  # whose net counts frames
    counters = [] if is_detector else [part for part in _predictors_of_clips(model) if hasattr(part, "class_count_")]
    labels = None if is_detector else label_names_of(model)
    known = getattr(model, "classes_", np.array([])) if labels is None else labels
    names = [one_line(str(label)) for label in known.tolist()]
    one, many = ("class", "classes") if labels is None and not is_detector else ("label", "labels")
    if counters:
        counts = zip(names, np.asarray(counters[0].class_count_).tolist(), strict=False)
        rows.append((f"clips of each {one}", ", ".join(f"{name} {n:g}" for name, n in counts)))
    elif names:
        rows.append((many, ", ".join(names)))
    searches = parts_with(model, lambda part: hasattr(part, "best_params_"))
    rows += [("found by the search", _shortened(search.best_params_)) for search in searches]
    if net is not None:
        rows.append(("epochs", _epochs(net.history_)))
        rows.append(("parameters learned", f"{net.n_parameters_:,}"))
    return rows


def card_rows(card):
    """Return what the card of a pretrained model says: a list of (what, list of text)."""
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
    """Return the net inside that has a history; None where there is none."""
    try:
        return net_of(model)
    except TypeError:
        return None


def layers_of(net):
    """Return a table of the layers as text."""
    return str(net.summary())


def versions():
    """Return the versions of what made the report: a list of (package, version)."""
    rows = [("sklaudio", __version__), ("Python", platform.python_version())]
    return rows + [(name, metadata.version(name)) for name in PACKAGES]


def _parts(part, name, depth):
    defaults = {
        parameter.name: parameter.default
        for parameter in inspect.signature(type(part).__init__).parameters.values()
        if parameter.default is not parameter.empty
    }
    row = {"name": name, "kind": type(part).__name__, "depth": depth, "changed": [], "parameters": []}
    rows = [row]
    for key, value in part.get_params(deep=False).items():
        inside = estimators_in(key, value)
        for inner, estimator in inside:
            rows += _parts(estimator, one_line(inner), depth + 1)
        if inside:
            continue
        row["parameters"].append((key, _shortened(value)))
        if key not in defaults or repr(value) != repr(defaults[key]):
            row["changed"].append((key, _shortened(value)))
    return rows


def _predictors_of_clips(model):
    """Return the estimators that predict clips, from the outside in: what is in a vote gets segments."""
    parts = deciders_of(model)
    n_outside = next((i for i, part in enumerate(parts, 1) if isinstance(part, SegmentVotingClassifier)), None)
    return parts[:n_outside]


def _epochs(history):
    seconds = float(np.nansum(history["seconds"].to_numpy(dtype=float)))
    return f"{len(history)}, in {seconds:.1f} s" if seconds else str(len(history))


def _shortened(value):
    text = FOLDERS.sub(r"\1…/\2\1", one_line(" ".join(repr(value).split())))
    return text if len(text) <= MAX_VALUE_LENGTH else f"{text[: MAX_VALUE_LENGTH - 2]} …"
