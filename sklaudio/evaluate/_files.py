"""evaluate_files: how well the predictions of a model agree with what files are."""

from .._inference import check_classifies_clips, label_names_of, predicts_numbers, raising_errors
from .._utils.progress import progress
from ..audio._clips import as_clip
from ..audio._patterns import listed
from ..audio._sources import name_of
from ..predict._files import predictions
from ._evaluation import Evaluation, probability_rows
from ._labels import evaluate_labels
from ._regression import evaluate_numbers


def evaluate_files(model, files, target, *, n_jobs=None, groups=None, target_names=None):
    """Compare the predictions of a model with the classes, labels or numbers of files.

    Parameters
    ----------
    model : fitted classifier or regressor of clips
        As in :func:`~sklaudio.predict.predict_files`.
    files : sequence or column of clips
        The files, each a clip of its own, also where it is there twice: paths, :class:`Clip`, or whatever else ``X``
        may hold.
    target : sequence of str, as long; for a regressor array-like or DataFrame of shape (n_clips,) or \
            (n_clips, n_targets)
        Class of each, which are compared as text; or its numbers; or, of a model of several labels, 0 and 1 for each
        label, (n_clips, n_labels): a DataFrame, whose columns are compared with ``label_names_`` as text, or an array
        of `target_names` or of the labels of the model.
    n_jobs : int or None, default=None
        Number of threads over the files; -1 uses all processors. None leaves it to the model's features.
    groups : array-like of shape (n_clips,) or None, default=None
        Of a regressor: the recording, speaker or artist of each clip, which intervals of the scores keep together.
    target_names : sequence of str or None, default=None
        Of a regressor: names of the targets. None takes the columns of a DataFrame, else "prediction" of one target,
        and "prediction0", "prediction1", … of several. Of a model of several labels: the labels that the columns of
        `target` are of. None takes the columns of a DataFrame, else the labels of the model.

    Returns
    -------
    Evaluation, LabelEvaluation or RegressionEvaluation
        Predictions, scores, and tables by class or by label; or predictions, and a table of scores by target.

    Raises
    ------
    ValueError
        If `files` and `target` are of unequal length or empty, or the model knows none of the classes or labels.
    TypeError, sklearn.exceptions.NotFittedError
        If `model` is no fitted classifier or regressor of clips.

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
    clips = listed(files)
    n_targets = target.shape[0] if hasattr(target, "shape") else len(target)  # a sparse matrix has no length
    if len(clips) != n_targets or not clips:
        what = "the numbers" if predicts_numbers(model) else "one class, or a row of labels,"
        raise ValueError(f"files holds {len(clips)} and target {n_targets}. Pass {what} for each of the files.")
    clips = [as_clip(clip, f"files[{index}]", index=index, check=False) for index, clip in enumerate(clips)]
    names = [name_of(clip, f"files[{index}]") for index, clip in enumerate(clips)]
    if predicts_numbers(model):
        return evaluate_numbers(model, clips, names, target, n_jobs=n_jobs, groups=groups, target_names=target_names)
    check_classifies_clips(model, multi_label=True)
    has_labels = label_names_of(model) is not None
    if groups is not None or (target_names is not None and not has_labels):
        raise ValueError("groups and target_names are for regressors, and model is none. Leave them out.")
    if has_labels:
        return evaluate_labels(model, clips, names, target, n_jobs=n_jobs, target_names=target_names)
    target = [str(label) for label in target]
    known = [str(label) for label in model.classes_]
    if not set(target) & set(known):
        raise ValueError(
            f"model knows none of the classes {', '.join(sorted(set(target)))}; it tells apart {', '.join(known)}. "
            "Name the folders as the model does, or take another model."
        )
    results = predictions(raising_errors(model, n_jobs), clips, names, n_jobs)
    found = list(progress(results, total=len(clips), unit="file", desc="evaluating"))
    return Evaluation.from_predictions(
        target,
        [None if file.error is not None else file.label for file in found],
        probability_rows([file.probabilities for file in found], model.classes_.tolist()),
        classes=known,
        paths=[file.path for file in found],
        errors=[file.error for file in found],
    )
