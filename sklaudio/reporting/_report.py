"""report: one page about one model on one set of clips, to look at and to listen to.

The module is not called as its function is: importing it would put the module in the function's place.
"""

import hashlib
import os
from datetime import datetime
from numbers import Integral, Real

from .._inference import check_classifies_clips, check_takes_clips, predicts_events, predicts_numbers
from .._introspect import last_step
from .._utils.atomic_write import atomic_write, writable_path
from .._utils.terminal import one_line, shortened
from ..evaluate import Evaluation, EventEvaluation, LabelEvaluation, RegressionEvaluation
from ..plots._display import require_matplotlib
from ._written import is_without_prediction, written

__all__ = ["report"]

EVALUATIONS = Evaluation, LabelEvaluation, RegressionEvaluation, EventEvaluation


def report(
    model,
    X=None,
    y=None,
    *,
    path="report.html",
    groups=None,
    max_clips=100,
    max_seconds=10.0,
    title=None,
    command=None,
    n_jobs=None,
    target_names=None,
):
    """Write one HTML page about a model on clips: scores with intervals, and the mistakes to look at and listen to.

    The page is one file that loads nothing from elsewhere, with all parameters and versions, and the training curves of
    a net. What else is on it goes by what is predicted:

    - one class of each clip: scores of each class, with intervals; the confusion matrix, whose cells open the clips
      behind them; mistakes with their top probabilities; the calibration;
    - several labels: scores, threshold and curve of precision and recall of each label; clips with missed or false
      labels;
    - numbers: scores of each target, with intervals; actual numbers and residuals over the predicted ones; the clips
      that are furthest off;
    - events in time: scores of each label by event and by segment; excerpts with most mistakes, where hits, missed
      events and false alarms are drawn in a row for each label, and played.

    Parameters
    ----------
    model : fitted classifier, regressor or detector of clips, str, path-like, or evaluation
        A Pipeline, or what else :func:`evaluate_files` takes; a file that :func:`save` wrote; or the name of a
        pretrained model, whose card is then on the page. Or predictions that are there already: what
        :func:`evaluate_files` returned, or ``from_predictions`` of one of its classes; the page has no model then.
    X : str, path-like, sequence or column of clips, array of shape (n_clips, n_samples), or None
        A folder that has a folder per class, as :func:`sklaudio.datasets.load_folder` reads it, or clips: paths,
        :class:`Clip`, waveforms, or whatever else ``X`` may hold. They should be clips that the model was not trained
        on. Of an evaluation the clips that it is of, waveforms at 22050 Hz; None takes the paths that it has.
    y : array-like of shape (n_clips,) or (n_clips, n_outputs), list of tables, DataFrame or None, default=None
        The classes of clips, their labels, numbers or events, as :func:`evaluate_files` takes them; None for a folder,
        and of an evaluation.
    path : str or path-like, default="report.html"
        The file to write. One of that name is replaced, by a whole one or not at all.
    groups : str, callable, array-like of shape (n_clips,) or None, default=None
        Speaker, artist or recording of each clip, for an interval that takes clips of one group together. For a folder
        a regular expression or a function, as `load_folder` takes it. An evaluation has its intervals; there it names
        the groups.
    max_clips : int, default=100
        Mistakes that have a player and a picture: 30 KB each for a second of sound, 120 KB for ten. The surest, or the
        worst, come first; the others are listed.
    max_seconds : float, default=10.0
        Seconds of each that can be played and seen. Of events in longer clips, the parts with mistakes.
    title : str or None, default=None
        Heading; None takes the name of the model.
    command : str or None, default=None
        How the page was made, if that is to be on it.
    n_jobs : int or None, default=None
        Threads over the files; -1 uses all processors. None leaves it to the model's features.
    target_names : sequence of str or None, default=None
        Of a regressor or a model of several labels, as :func:`evaluate_files` takes it.

    Returns
    -------
    Report, LabelReport, RegressionReport or EventReport
        (path, n_bytes, n_clips, …): what was written, and the scores on it.

    Raises
    ------
    TypeError, sklearn.exceptions.NotFittedError
        If `model` does not predict anything of clips, or is not fitted.
    ValueError
        If `y` or `groups` do not fit the clips, a limit is out of range, or none of the clips can be predicted.
    FileNotFoundError, IsADirectoryError, NotADirectoryError
        If `model` or `X` are not there, or `path` cannot be written.
    ImportError
        If matplotlib is not installed.

    Notes
    -----
    Clips that cannot be read or predicted count as wrong, or have no part in scores of numbers, and are listed with the
    reason.

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

    Predictions of a cross-validation, each by a model that was not trained on the clip:

    >>> from sklearn.model_selection import cross_val_predict
    >>> from sklaudio.evaluate import Evaluation
    >>> evaluation = Evaluation.from_predictions(y, cross_val_predict(model, X, y, cv=4))
    >>> sklaudio.report(evaluation, X, path="folds.html").n_clips
    16
    """
    require_matplotlib("report")
    _check_limits(max_clips, max_seconds)
    writable_path(path, "report.html")
    from ._page import Limits, page
    from ._sources import evaluate, gather, of_evaluation

    if isinstance(model, EVALUATIONS):
        if y is not None or target_names is not None:
            raise ValueError("y and target_names: the evaluation has what the clips are. Leave them out.")
        evaluation, model, name, source, card = model, None, type(model).__name__, [], None
        clips = of_evaluation(evaluation, X, groups)
    else:
        model, name, source, card = _load(model)
        _check_model(model)
        clips, y = gather(model, X, y, groups)
        evaluation = evaluate(model, clips, y, n_jobs=n_jobs, target_names=target_names)
    _check_any(evaluation)
    about = {
        "title": one_line(str(title or name)),
        "data": clips.folder,
        "date": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        "command": None if command is None else one_line(command),
        "source": source,
        "card": card,
    }
    text, _ = page(evaluation, clips, about, Limits(max_clips, max_seconds), model)
    content = text.encode("utf-8")
    with atomic_write(path, "report.html") as file:
        file.write(content)
    return written(os.fspath(path), len(content), evaluation)


def _check_model(model):
    if predicts_events(model) or predicts_numbers(model):
        check_takes_clips(model)
    else:
        check_classifies_clips(model, multi_label=True)


def _check_any(evaluation):
    if is_without_prediction(evaluation).all():
        errors = evaluation.predictions["error"]
        raise ValueError(f"none of the {len(errors)} clips can be predicted. The first: {errors.iloc[0]}")


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
