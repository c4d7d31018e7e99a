"""What report returns: the page that was written, and the scores on it, of each kind of task."""

from pathlib import PurePath
from typing import NamedTuple
from urllib.parse import quote

from ..evaluate import Evaluation, EventEvaluation, LabelEvaluation, RegressionEvaluation
from ..predict._html import escaped


def report_html(report):
    """Return HTML of a report, for notebooks: a link to the page, and the scores on it."""
    facts = {
        name.replace("_", " "): value for name, value in report._asdict().items() if name not in ("path", "scores")
    }
    rows = "".join(
        f"<tr><td>{escaped(name)}</td><td>{escaped(_shown(value))}</td></tr>" for name, value in facts.items()
    )
    link = f'<a href="{address_of(PurePath(report.path))}" target="_blank">{escaped(report.path)}</a>'
    return f"<div><p>{link}</p><table>{rows}</table></div>"


def address_of(path):
    """Return the address of a file in a link: relative where the path is, and a URL of a file on a drive of Windows."""
    return path.as_uri() if path.drive and path.is_absolute() else quote(path.as_posix())


def _shown(value):
    if isinstance(value, tuple):
        return " to ".join(map(_shown, value))
    return f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


class Report(NamedTuple):
    """Hold what a report of classes contains.

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

    def _repr_html_(self):
        return report_html(self)


class LabelReport(NamedTuple):
    """Hold what a report of several labels contains.

    Attributes
    ----------
    path : str
        The page.
    n_bytes : int
        Its size.
    n_clips, n_right, n_unreadable : int
        Clips, those of which all labels are right, and those that could not be read or predicted.
    mean_average_precision : float
        Over the labels that a clip has.
    subset_accuracy : float
        Fraction of the clips of which all labels are right.
    interval : tuple of float
        Its bounds of 95 percent, after Wilson.
    """

    path: str
    n_bytes: int
    n_clips: int
    n_right: int
    n_unreadable: int
    mean_average_precision: float
    subset_accuracy: float
    interval: tuple

    def _repr_html_(self):
        return report_html(self)


class RegressionReport(NamedTuple):
    """Hold what a report of numbers contains.

    Attributes
    ----------
    path : str
        The page.
    n_bytes : int
        Its size.
    n_clips, n_unreadable : int
        Clips, and those that could not be read or predicted.
    scores : dict
        By target: r2, mae, rmse, pearson and ccc with their intervals, see :func:`~sklaudio.metrics.regression_table`.
    """

    path: str
    n_bytes: int
    n_clips: int
    n_unreadable: int
    scores: dict

    def _repr_html_(self):
        return report_html(self)


class EventReport(NamedTuple):
    """Hold what a report of events contains.

    Attributes
    ----------
    path : str
        The page.
    n_bytes : int
        Its size.
    n_clips, n_unreadable : int
        Clips, and those that could not be read or predicted.
    n_hits, n_missed, n_false : int
        Events that were found, those that were not, and predicted ones that are none.
    event_f1 : float
        F1 over all labels, by event.
    interval : tuple of float
        Its bounds of 95 percent, over draws of clips or groups.
    segment_f1 : float
        F1 over all labels, by segment.
    """

    path: str
    n_bytes: int
    n_clips: int
    n_unreadable: int
    n_hits: int
    n_missed: int
    n_false: int
    event_f1: float
    interval: tuple
    segment_f1: float

    def _repr_html_(self):
        return report_html(self)


def is_without_prediction(evaluation):
    """Find which clips have no prediction, for whatever reason: a Series of bool."""
    predictions = evaluation.predictions
    if isinstance(evaluation, RegressionEvaluation):
        return predictions[evaluation.scores.index.tolist()].isna().any(axis=1)
    name = {Evaluation: "label", LabelEvaluation: "labels"}.get(type(evaluation))
    return predictions["error"].notna() if name is None else predictions[name].isna()


def written(path, n_bytes, evaluation):
    """Make the result of `report` for a page that was written, by the kind of evaluation."""
    predictions = evaluation.predictions
    counts = {"path": path, "n_bytes": n_bytes, "n_clips": len(predictions)}
    counts["n_unreadable"] = int(is_without_prediction(evaluation).sum())
    if isinstance(evaluation, EventEvaluation):
        n_events = {name: int(predictions[name].sum()) for name in ("n_hits", "n_missed", "n_false")}
        scores = {name: getattr(evaluation, name) for name in ("event_f1", "interval", "segment_f1")}
        return EventReport(**counts, **n_events, **scores)
    if isinstance(evaluation, LabelEvaluation):
        scores = {name: getattr(evaluation, name) for name in ("mean_average_precision", "subset_accuracy", "interval")}
        return LabelReport(**counts, n_right=int(predictions["correct"].sum()), **scores)
    if isinstance(evaluation, Evaluation):
        n_right = int(predictions["correct"].sum())
        return Report(**counts, n_right=n_right, accuracy=evaluation.accuracy, accuracy_interval=evaluation.interval)
    return RegressionReport(**counts, scores=evaluation.scores.to_dict("index"))
