"""Events that are there and events that were found, above each other in a row for each label, by outcome."""

import pandas as pd

from ..evaluate import EventEvaluation
from ._display import add_legend, drawable_text

LOOKS = {  # of a bar, by outcome
    "hit": {"facecolor": "#2f9e8f"},
    "missed": {"facecolor": "none", "edgecolor": "#e0782f", "hatch": "////"},
    "false alarm": {"facecolor": "#8250c4"},
}
PLACES = {"true": -0.2, "predicted": 0.2}  # of the middle of a bar in its row, downwards
HEIGHT = 0.36


def outcomes_of(spans, y_true, collar):
    """Return the outcome of each event: the table of events of an EventEvaluation, without its clip.

    Parameters
    ----------
    spans : DataFrame
        The predicted events: start, end, label and probability.
    y_true : DataFrame, dict of columns or list of (start, end, label)
        The events that are there.
    collar : float
        Seconds by which a hit may be off.
    """
    events = EventEvaluation.from_predictions([y_true], [spans], collar=collar).events
    return events.drop(columns="clip")


def draw_outcomes(ax, events):
    """Draw a row for each label, the first on top: events that are there above those that were found.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Where to draw.
    events : DataFrame
        What :func:`outcomes_of` returned.
    """
    labels, handles = sorted(pd.unique(events["label"])), {}
    for (label, kind, outcome), rows in events.groupby(["label", "kind", "outcome"], sort=True):
        place = labels.index(label) + PLACES[kind]
        width = rows["end"] - rows["start"]
        bars = ax.barh([place] * len(rows), width, HEIGHT, rows["start"], **LOOKS[outcome])
        handles[outcome] = bars
    ax.set_yticks(range(len(labels)), [drawable_text(label, 30) for label in labels])
    ax.set(ylim=(max(1, len(labels)) - 0.5, -0.5), ylabel="label, true above found")
    found = [outcome for outcome in LOOKS if outcome in handles]
    if found:
        add_legend(ax, [handles[outcome] for outcome in found], found)
