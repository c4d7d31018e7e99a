"""What an event detector finds at each threshold, and how right that is."""

import numpy as np
import pandas as pd
from sklearn.utils import column_or_1d

from .._events import check_events, sorted_labels
from .._utils.terminal import shortened
from ._event_scores import event_scores
from ._event_tables import durations_of_frames
from ._segment_scores import segment_scores

THRESHOLDS = tuple(np.arange(1, 20) / 20)
SCORES = {"segment": segment_scores, "event": event_scores}


def event_operating_curve(y_true, curves, detector, *, by="segment", thresholds=THRESHOLDS, **settings) -> pd.DataFrame:
    """Compute precision, recall and F1 of an event detector at each of many thresholds.

    At each, events are made of the curves as the detector makes them, with its running median and its least duration,
    and scored. So it shows what another threshold would find and what it would cost: for one label, or, in the row
    ``"(micro)"``, for all at the same threshold.

    Parameters
    ----------
    y_true : list of DataFrame, of dict of columns, or of lists of (start, end, label)
        The events of each clip, in seconds, as `fit` takes them; of clips that it was not fitted on.
    curves : array of shape (n_clips, n_frames, n_labels), or list or object array of arrays (n_frames_i, n_labels)
        What ``predict_proba`` gives for these clips.
    detector : EventDetector
        The fitted detector that they are of; of a Pipeline the last step, ``model[-1]``.
    by : {"segment", "event"}, default="segment"
        How events are scored: by :func:`segment_scores`, whose recall never rises with the threshold, or by
        :func:`event_scores`, where a low threshold may join two events to a wrong one.
    thresholds : array-like of shape (n_thresholds,), default=0.05, 0.1, …, 0.95
        In [0, 1].
    **settings
        What else the function of `by` takes, such as `time_resolution`, `collar` or `labels`. `durations` are those of
        the curves if they are not given.

    Returns
    -------
    DataFrame
        The columns of :func:`segment_scores` or :func:`event_scores`, with the index (label, threshold):
        ``table.loc["(micro)"]`` are the scores over all labels by threshold.

    Raises
    ------
    TypeError, ValueError
        If there are not as many tables as curves, curves are of other labels or hold anything outside of [0, 1], a
        threshold is out of its range, or as :func:`segment_scores` and :func:`event_scores` raise them.

    See Also
    --------
    EventOperatingCurveDisplay : Draws it.
    best_thresholds : Of labels of whole clips.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio import EventDetector, GRUClassifier
    >>> y = [[(start, start + 1, "siren")] for start in (0.5, 1.0, 1.5, 2.0) * 8]
    >>> times = np.arange(40) / 10 + 0.05
    >>> X = np.array([(start <= times) & (times < end) for ((start, end, _),) in y])[:, :, None] + 0.0
    >>> net = GRUClassifier(8, 1, lr=0.02, max_epochs=20, random_state=0)
    >>> detector = EventDetector(net, hop=0.1, median_length=3).fit(X[:24], y[:24])
    >>> curve = event_operating_curve(y[24:], detector.predict_proba(X[24:]), detector, time_resolution=0.1)
    >>> recall = curve.loc["siren", "recall"]
    >>> bool(recall[0.05] >= recall[0.5] >= recall[0.95])
    True
    """
    if by not in SCORES:
        raise ValueError(f"by={shortened(by)} is neither 'segment' nor 'event'. Use one of these.")
    thresholds = _check_thresholds(thresholds)
    curves = _check_curves(curves, detector.classes_)
    true = check_events(y_true, len(curves), name="y_true")
    if by == "segment":
        settings = {"durations": durations_of_frames(map(len, curves), detector.hop, true)} | settings
    if settings.get("labels") is None:
        found = set(detector.classes_.tolist()).union(*(events.label for events in true))
        settings["labels"] = sorted_labels(found, "y_true and detector")
    tables = {}
    for threshold in thresholds:
        predicted = [detector.events_of(curve, threshold=threshold) for curve in curves]
        tables[threshold] = SCORES[by](y_true, predicted, **settings)
    labels = tables[thresholds[0]].index
    by_label = pd.MultiIndex.from_product([labels, thresholds], names=["label", "threshold"])
    return pd.concat(tables, names=["threshold"]).swaplevel().reindex(by_label)


def _check_thresholds(thresholds):
    """Sort the thresholds, each once: list of float."""
    values = np.unique(column_or_1d(thresholds).astype(float))
    if not len(values) or not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"thresholds={shortened(thresholds)} must be numbers in [0, 1], at least one of them.")
    return values.tolist()


def _check_curves(curves, labels):
    """Return a list of (n_frames_i, n_labels), each in [0, 1]."""
    curves = [np.asarray(curve, dtype=np.float64) for curve in curves]
    for clip, curve in enumerate(curves):
        if curve.ndim != 2 or curve.shape[1] != len(labels):
            raise ValueError(
                f"curves[{clip}] is of shape {curve.shape}, not (n_frames, {len(labels)}). Pass what predict_proba "
                "returns: for each clip a column for each label of the detector."
            )
        if not ((curve >= 0) & (curve <= 1)).all():
            raise ValueError(f"curves[{clip}] holds numbers outside of [0, 1]. Pass what predict_proba returns.")
    return curves
