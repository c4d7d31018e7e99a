"""EventOperatingCurveDisplay: what an event detector finds at each threshold, and how right that is."""

import numpy as np

from .._inference import check_is_no_graph
from .._introspect import stages_of
from ..metrics import event_operating_curve
from ..metrics._event_tables import MACRO, MICRO
from ._display import Display, add_legend, drawable_text, require_matplotlib

MAX_LABELS = 10  # curves whose colours the eye can separate; of more labels, the average alone is drawn


class EventOperatingCurveDisplay(Display):
    """Draw precision against recall, and F1 against the threshold, of each label of an event detector and of all.

    Parameters
    ----------
    curve : DataFrame
        What :func:`~sklaudio.metrics.event_operating_curve` returns: index (label, threshold), columns precision,
        recall and f1.

    Attributes
    ----------
    best_thresholds_ : dict of label to float
        Threshold of the largest F1 of each label, and of all at the same threshold as ``"(micro)"``, marked by a star;
        NaN where F1 is defined nowhere. It is best on the clips that are drawn: choose it on others than those that
        are scored with it.
    ax_, axes_, figure_
        The first axes, both, and their figure.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklaudio import EventOperatingCurveDisplay
    >>> index = pd.MultiIndex.from_product([["siren", "(micro)"], [0.3, 0.6]], names=["label", "threshold"])
    >>> scores = {"precision": [0.5, 1.0] * 2, "recall": [1.0, 0.8] * 2, "f1": [0.67, 0.89] * 2}
    >>> display = EventOperatingCurveDisplay(pd.DataFrame(scores, index)).plot()
    >>> display.best_thresholds_["siren"]
    0.6
    """

    def __init__(self, curve):
        self.curve = curve

    @classmethod
    def from_estimator(cls, model, X, y, *, ax=None, **settings):
        """Predict clips, score the events at each threshold, and draw that.

        Parameters
        ----------
        model : fitted EventDetector, or Pipeline or search that ends in one
            The detector.
        X, y
            Clips, as ``model.predict`` takes them, and the table of events of each; others than those of `fit`.
        ax : matplotlib Axes, list of two Axes or None, default=None
            As in :meth:`plot`.
        **settings
            `by`, `thresholds` and the others of :func:`~sklaudio.metrics.event_operating_curve`.

        Returns
        -------
        EventOperatingCurveDisplay
            The display, drawn.

        Raises
        ------
        TypeError
            If `model` does not end in an EventDetector, or is a graph of ONNX.
        ImportError
            If matplotlib is not installed.
        """
        require_matplotlib(cls.__name__)
        check_is_no_graph(model)
        _, detector = (stages_of(model) or [("model", model)])[-1]
        if not getattr(detector, "_predicts_events", False):
            raise TypeError(
                f"model ends in {type(detector).__name__}, not in an EventDetector. Pass a fitted detector, or a "
                "Pipeline that ends in one."
            )
        return cls(event_operating_curve(y, model.predict_proba(X), detector, **settings)).plot(ax=ax)

    def plot(self, ax=None):
        """Draw precision against recall, and F1 against the threshold.

        Parameters
        ----------
        ax : matplotlib Axes, list of two Axes or None, default=None
            Where to draw; a single one is divided. None makes a new figure.

        Returns
        -------
        self : EventOperatingCurveDisplay
            The display itself.

        Raises
        ------
        TypeError, ValueError
            If `curve` is no such table.
        """
        require_matplotlib(type(self).__name__)
        labels = _labels_of(self.curve)
        by_recall, by_threshold = self._prepare(ax, 1, 2, figsize=(10, 4.2))
        self.best_thresholds_ = {label: _best(self.curve.loc[label, "f1"]) for label in labels}
        drawn = labels if len(labels) <= MAX_LABELS + 1 else [MICRO]
        handles = [self._draw(label, number) for number, label in enumerate(drawn)]
        by_recall.set(xlabel="recall", ylabel="precision", xlim=(-0.02, 1.02))
        by_threshold.set(xlabel="threshold", ylabel="F1")
        for axes in self.axes_:
            axes.set_ylim(-0.02, 1.02)
            axes.grid(alpha=0.3)
        names = ["all labels" if label == MICRO else drawable_text(label, 30) for label in drawn]
        add_legend(by_threshold, handles, names)
        return self

    def _draw(self, label, number):
        """Draw both curves of a label, and a star at its largest F1; return the handle for the legend."""
        rows, best = self.curve.loc[label], self.best_thresholds_[label]
        style = {"color": "black", "linewidth": 2.5} if label == MICRO else {"color": f"C{number}"}
        by_recall, by_threshold = self.axes_
        by_recall.plot(rows["recall"], rows["precision"], ".-", **style)
        (handle,) = by_threshold.plot(rows.index, rows["f1"], ".-", **style)
        if not np.isnan(best):
            star = {"color": style["color"], "markersize": 13, "markeredgecolor": "white", "zorder": 3}
            by_recall.plot(rows.loc[best, "recall"], rows.loc[best, "precision"], "*", **star)
            by_threshold.plot(best, rows.loc[best, "f1"], "*", **star)
        return handle


def _labels_of(curve):
    """Return the labels of a table, those over all labels last and without their mean; raise an error for others."""
    if not hasattr(curve, "index") or list(curve.index.names) != ["label", "threshold"]:
        raise TypeError("curve is no table by label and threshold. Pass what metrics.event_operating_curve returns.")
    missing = [name for name in ("precision", "recall", "f1") if name not in curve]
    if missing:
        raise ValueError(f"curve has no column {', '.join(missing)}. Pass what metrics.event_operating_curve returns.")
    labels = [label for label in curve.index.unique("label") if label not in (MICRO, MACRO)]
    return [*labels, MICRO] if MICRO in curve.index.unique("label") else labels


def _best(f1):
    """Return the threshold of the largest F1, NaN where there is none."""
    return float("nan") if f1.isna().all() else float(f1.idxmax())
