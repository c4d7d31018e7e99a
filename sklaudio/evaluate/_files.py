"""evaluate_files: how well the predictions of a model agree with what files are."""

from typing import Any

from .._inference import kind_of
from ..audio._clips import as_clip
from ..audio._patterns import listed
from ..audio._sources import name_of
from ._curves import evaluate_curves
from ._evaluation import evaluate_classes
from ._events import check_annotated, evaluate_events
from ._labels import evaluate_labels
from ._regression import evaluate_numbers


def evaluate_files(model, files, target, *, n_jobs=None, groups=None, target_names=None) -> Any:
    """Compare the predictions of a model with the classes, labels, numbers or events of files.

    Parameters
    ----------
    model : fitted classifier or regressor of clips, Pipeline that ends in an EventDetector, or OnnxModel
        As in :func:`~sklaudio.predict.predict_files`.
    files : sequence or column of clips
        The files, each a separate clip, also where it is there twice: paths, :class:`Clip`, or whatever else ``X``
        may hold.
    target : sequence of str, as long; for a regressor array-like or DataFrame of shape (n_clips,) or \
            (n_clips, n_targets)
        Class of each, which are compared as text; or its numbers; or, of a model of several labels, 0 and 1 for each
        label, (n_clips, n_labels): a DataFrame, whose columns are compared with ``label_names_`` as text, or an array
        of `target_names` or of the labels of the model; or, of a regressor of frames, a list of the numbers of each
        clip's frames, (n_frames_i, n_targets); or, of a detector, the events of each, a list of tables with
        `start`, `end` (seconds) and `label`, or one DataFrame with a column `path` besides, as
        :func:`~sklaudio.datasets.load_annotations` gives it.
    n_jobs : int or None, default=None
        Number of threads over the files; -1 uses all processors. None leaves it to the model's features. Of a graph
        leave it None.
    groups : array-like of shape (n_clips,) or None, default=None
        Of a regressor or detector: the recording, speaker or artist of each clip, which intervals of the scores keep
        together.
    target_names : sequence of str or None, default=None
        Of a regressor: names of the targets. None takes the columns of a DataFrame, which come in any order where the
        model knows them, else its ``target_names_``, else "prediction" of one target, and "prediction0",
        "prediction1", … of several. Of a model of several labels: the labels that the columns of
        `target` are of. None takes the columns of a DataFrame, else the labels of the model.

    Returns
    -------
    Evaluation, LabelEvaluation, RegressionEvaluation or EventEvaluation
        Predictions, scores, and tables by class or by label; or predictions, and a table of scores by target; or
        events with their outcomes, and tables of scores by label.

    Raises
    ------
    ValueError
        If `files` and `target` are of unequal length or empty, the model was trained on none of the classes or labels,
        or `n_jobs` is given for a graph.
    TypeError, sklearn.exceptions.NotFittedError
        If `model` is no fitted classifier, regressor or detector of clips.

    Examples
    --------
    >>> import numpy as np, soundfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary, MFCCTransformer
    >>> low, high = (np.sin(2 * np.pi * f * np.arange(22050) / 22050) for f in (200, 2000))
    >>> model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression()).fit([low, high], ["low", "high"])
    >>> soundfile.write("tone.flac", high, 22050)
    >>> evaluation = evaluate_files(model, ["tone.flac", "lost.wav"], ["high", "high"])
    >>> evaluation.accuracy, float(evaluation.per_class.loc["high", "recall"])
    (0.5, 0.5)
    """
    clips, kind = listed(files), kind_of(model)
    if kind == "events":
        target = check_annotated(target, clips)
    n_targets = target.shape[0] if hasattr(target, "shape") else len(target)  # a sparse matrix has no length
    if len(clips) != n_targets or not clips:
        what = {"classes": "one class", "labels": "a row of labels", "events": "a table of events"}
        what = what.get(kind, "the numbers")
        raise ValueError(f"files holds {len(clips)} and target {n_targets}. Pass {what} for each of the files.")
    clips = [as_clip(clip, f"files[{index}]", index=index, check=False) for index, clip in enumerate(clips)]
    names = [name_of(clip, f"files[{index}]") for index, clip in enumerate(clips)]
    return evaluate_clips(model, clips, names, target, n_jobs=n_jobs, groups=groups, target_names=target_names)


def evaluate_clips(model, clips, names, target, *, n_jobs=None, groups=None, target_names=None):
    """Evaluate clips that are taken as they are, and called by `names`; see :func:`evaluate_files`."""
    kind = kind_of(model)
    if kind == "events":
        _leave_out(
            target_names, "target_names are for regressors and models of several labels, and model is a detector"
        )
        return evaluate_events(model, clips, names, target, n_jobs=n_jobs, groups=groups)
    if kind in ("numbers", "curves"):
        evaluate = evaluate_curves if kind == "curves" else evaluate_numbers
        return evaluate(model, clips, names, target, n_jobs=n_jobs, groups=groups, target_names=target_names)
    _leave_out(groups, "groups are for regressors and detectors, and model is neither")
    if kind == "labels":
        return evaluate_labels(model, clips, names, target, n_jobs=n_jobs, target_names=target_names)
    _leave_out(target_names, "target_names are for regressors and models of several labels, and model is neither")
    return evaluate_classes(model, clips, names, target, n_jobs=n_jobs)


def _leave_out(value, reason):
    if value is not None:
        raise ValueError(f"{reason}. Leave them out.")
