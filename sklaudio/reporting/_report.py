"""report: one page about one model on one set of clips, to look at and to listen to.

The module is not called as its function is: importing it would put the module in the function's place.
"""

import hashlib
import os
from datetime import datetime
from numbers import Integral, Real
from typing import NamedTuple

from .._inference import check_classifies_clips
from .._introspect import last_step
from .._utils.atomic_write import atomic_write, writable_path
from .._utils.terminal import one_line, shortened
from ..plots._display import require_matplotlib

__all__ = ["Report", "report"]


class Report(NamedTuple):
    """What was written.

    Attributes
    ----------
    path : str
        The page.
    n_bytes : int
        Its size.
    n_clips, n_right, n_unreadable : int
        Clips, those that were predicted correctly, and those that could not be read or predicted, which are wrong too.
    accuracy : float
        Fraction of the clips that were predicted correctly.
    accuracy_interval : tuple of float
        Its bounds of 95 percent, after Wilson.
    """

    path: str
    n_bytes: int
    n_clips: int
    n_right: int
    n_unreadable: int
    accuracy: float
    accuracy_interval: tuple


def report(
    model,
    X,
    y=None,
    *,
    path="report.html",
    groups=None,
    max_clips=100,
    max_seconds=10.0,
    title=None,
    command=None,
    n_jobs=None,
):
    """Write one HTML page about a model on clips: scores with intervals, and every mistake to look at and listen to.

    The page is one file that loads nothing from elsewhere. It has the scores with their intervals, overall and for each
    class; the confusion matrix, whose cells open the clips behind them; each mistake with a player, its spectrogram and
    its top probabilities; the training curves of a net; the calibration; all parameters and versions.

    Parameters
    ----------
    model : fitted classifier of clips, str or path-like
        A Pipeline, or what else :func:`predict_files` takes; a file that :func:`save` wrote; or the name of a
        pretrained model, whose card is then on the page.
    X : str, path-like, sequence or column of clips, or array of shape (n_clips, n_samples)
        A folder that has a folder per class, as :func:`sklaudio.datasets.load_folder` reads it, or clips: paths,
        :class:`Clip`, waveforms, or whatever else ``X`` may hold. They should be clips that the model was not trained
        on.
    y : array-like of shape (n_clips,) or None, default=None
        The classes of clips; None for a folder.
    path : str or path-like, default="report.html"
        The file to write. One of that name is replaced, by a whole one or not at all.
    groups : str, callable, array-like of shape (n_clips,) or None, default=None
        Speaker, artist or recording of each clip, for an interval that takes clips of one group together. For a folder
        a regular expression or a function, as `load_folder` takes it.
    max_clips : int, default=100
        Mistakes that have a player and a picture: 30 KB each for a second of sound, 120 KB for ten. The surest come
        first; the others are listed.
    max_seconds : float, default=10.0
        Seconds of each that can be played and seen.
    title : str or None, default=None
        Heading; None takes the name of the model.
    command : str or None, default=None
        How the page was made, if that is to be on it.
    n_jobs : int or None, default=None
        Threads over the files; -1 uses all processors. None leaves it to the model's features.

    Returns
    -------
    Report
        (path, n_bytes, n_clips, n_right, n_unreadable, accuracy, accuracy_interval).

    Raises
    ------
    TypeError, sklearn.exceptions.NotFittedError
        If `model` does not classify clips, or is not fitted.
    ValueError
        If `y` or `groups` do not fit the clips, a limit is out of range, or none of the clips can be predicted.
    FileNotFoundError, IsADirectoryError, NotADirectoryError
        If `model` or `X` are not there, or `path` cannot be written.
    ImportError
        If matplotlib is not installed.

    Notes
    -----
    Clips that cannot be read or predicted count as wrong, and are listed with the reason.

    Examples
    --------
    >>> import numpy as np, sklaudio
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> rng = np.random.default_rng(0)
    >>> X = [np.sin(2 * np.pi * f * rng.uniform(0.9, 1.1) * np.arange(8000) / 22050) for f in [200, 2000] * 8]
    >>> y = ["low", "high"] * 8
    >>> model = make_pipeline(sklaudio.MFCCTransformer(), sklaudio.FrameSummary(), LogisticRegression())
    >>> model = model.fit(X[:8], y[:8])
    >>> done = sklaudio.report(model, X[8:], y[8:], path="tones.html")
    >>> done.path, done.n_right, done.n_clips
    ('tones.html', 8, 8)
    """
    require_matplotlib("report")
    _check_limits(max_clips, max_seconds)
    writable_path(path, "report.html")
    model, name, source, card = _load(model)
    check_classifies_clips(model)

    from ._clips import gather, predict_clips
    from ._page import page

    clips, data = gather(X, y, groups, model.classes_.tolist())
    predict_clips(model, clips, n_jobs)
    about = {
        "title": one_line(str(title or name)),
        "data": data,
        "date": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        "command": None if command is None else one_line(command),
        "source": source,
        "card": card,
    }
    text, scores = page(model, clips, about, max_clips=max_clips, max_seconds=max_seconds)
    content = text.encode("utf-8")
    with atomic_write(path, "report.html") as file:
        file.write(content)
    counts = scores.n, scores.n_right, scores.n_errors, scores.accuracy, scores.accuracy_interval
    return Report(os.fspath(path), len(content), *counts)


def _check_limits(max_clips, max_seconds):
    if not isinstance(max_clips, Integral) or max_clips < 0:
        raise ValueError(f"max_clips={shortened(max_clips)} must be a whole number from 0 on.")
    if not isinstance(max_seconds, Real) or not 0.1 <= max_seconds < float("inf"):
        raise ValueError(f"max_seconds={shortened(max_seconds)} must be a number of seconds from 0.1 on.")


def _load(model):
    """The model, its name, where it is from as (what, text), and its card."""
    if not isinstance(model, (str, bytes, os.PathLike)):
        return model, type(last_step(model)).__name__, [], None
    from ..persistence import load
    from ..pretrained import load_pretrained, pretrained_card, pretrained_names

    model = os.fsdecode(model)
    if os.path.isfile(model) or model not in pretrained_names():
        loaded = load(model)
        with open(model, "rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        size = f"{os.path.getsize(model):,} bytes, SHA-256 {found[:16]}…"
        return loaded, os.path.basename(model), [("model", f"{one_line(model)}: {size}")], None
    card = pretrained_card(model)
    size = f"{card['bytes']:,} bytes, SHA-256 {card['sha256'][:16]}…"
    return load_pretrained(model), model, [("model", f"{model}, pretrained: {size}")], card
