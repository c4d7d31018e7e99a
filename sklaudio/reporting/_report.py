"""report: one page about one model on one set of clips, to look at and to listen to.

The module is not called as its function is: importing it would put the module in the function's place.
"""

from typing import Any

from ..plots._display import require_matplotlib
from ._write import check_page, load_named, write

__all__ = ["report"]


def report(
    model,
    X=None,
    y=None,
    *,
    path="report.html",
    groups=None,
    max_clips=100,
    max_seconds=10.0,
    max_explained=10,
    with_map=True,
    title=None,
    command=None,
    n_jobs=None,
    target_names=None,
    sr=None,
) -> Any:
    """Write one HTML page about a model on clips: scores with intervals, and the mistakes to look at and listen to.

    A summary in plain words comes first, then mistakes to listen to, then tables and curves, then the model: all
    parameters and versions, and the training curves of a net. The page is one file that loads nothing from elsewhere,
    and can be printed, in black and white too. What is on it goes by what is predicted:

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
    model : fitted classifier, regressor or detector of clips, OnnxModel, str, path-like, or evaluation
        A Pipeline, or what else :func:`evaluate_files` takes; a file that :func:`save` wrote; or the name of a
        pretrained model, whose card is then on the page. Or a graph, or the file of one (.onnx): the page has scores
        and mistakes then, and no explanations, map or parameters. Or predictions that are there already: what
        :func:`evaluate_files` returned, or ``from_predictions`` of one of its classes; the page has no model then.
    X : str, path-like, sequence or column of clips, array of shape (n_clips, n_samples), or None
        A folder that has a folder per class, as :func:`sklaudio.datasets.load_folder` reads it, or clips: paths,
        :class:`Clip`, waveforms, or whatever else ``X`` may hold. They should be clips that the model was not trained
        on. Of an evaluation the clips that it is of; None takes the paths that it has.
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
    max_explained : int, default=10
        Mistakes with a second picture: what in time and frequency speaks for the prediction, see
        :class:`ExplanationDisplay`. Each takes a hundred predictions of the clip, and 20 KB; clips longer than a minute
        and events have none. 0 leaves them out.
    with_map : bool, default=True
        Whether there is a map of the clips, where those that are alike to the model are close together, and are played
        from; and a list of clips whose label may be wrong, see :class:`EmbeddingDisplay`. Where one class of each clip
        is predicted; 2,000 clips at most, which go through the model once more, and the sound of 60.
    title : str or None, default=None
        Heading; None takes the name of the model.
    command : str or None, default=None
        How the page was made, if that is to be on it.
    n_jobs : int or None, default=None
        Threads over the files; -1 uses all processors. None leaves it to the model's features.
    target_names : sequence of str or None, default=None
        Of a regressor or a model of several labels, as :func:`evaluate_files` takes it.
    sr : int or None, default=None
        Of an evaluation: sampling rate in hertz that waveforms have, and that files are read at; None is 22050. A model
        has a fixed one.

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
    limits = check_page(path, max_clips, max_seconds, max_explained, with_map)
    named = load_named(model)
    options = {"groups": groups, "n_jobs": n_jobs, "target_names": target_names, "sr": sr}
    return write(named, X, y, path, limits, title=title, command=command, **options)
