"""Predictions as HTML, for notebooks: a player, and what was predicted."""

import os
from html import escape

from .._utils.terminal import one_line
from ..audio._playable import player
from ..audio._sources import path_of

MAX_SECONDS = 10  # that are played of a clip
MAX_ROWS = 5  # probabilities
MAX_TABLE_ROWS = 20


def prediction_html(path, text, scores=None, *, error=None):
    """Return HTML of one prediction.

    Parameters
    ----------
    path : str
        The clip, as predictions name it; it is played where that is a file that can be read.
    text : str
        What was predicted.
    scores : dict of str to float or None, default=None
        Probabilities by name, of which the highest are shown.
    error : str or None, default=None
        Why there is no prediction.

    Returns
    -------
    str
        HTML.
    """
    below = f"<p>{escaped(error or text)}</p>"
    if scores:
        below += rows_html(sorted(scores.items(), key=lambda item: -item[1])[:MAX_ROWS])
    return f"<div>{player_html(path)}{below}</div>"


def rows_html(items):
    """Return a table of names and fractions, as HTML."""
    rows = (
        f"<tr><td>{escaped(name)}</td><td>{value:.3f}</td><td><meter min=0 max=1 value={value:.3f}></meter></td></tr>"
        for name, value in items
    )
    return f"<table>{''.join(rows)}</table>"


def table_html(table):
    """Return a DataFrame as HTML: numbers with three digits, at most 20 rows, words escaped."""
    return table.to_html(max_rows=MAX_TABLE_ROWS, float_format="{:.3f}".format, na_rep="", border=0, escape=True)


def player_html(name):
    """Return a player of a clip, by its name in a prediction or as a Clip; the name alone where it cannot be read."""
    clip = getattr(name, "clip", name)  # a span
    if os.path.isfile(path_of(clip)):
        try:
            return player(str(name), clip, max_seconds=MAX_SECONDS)
        except (OSError, ValueError):
            pass  # one that cannot be read is named
    return f"<p>{escaped(name)}</p>"


def escaped(text):
    """Return text in one line that HTML takes as it is."""
    return escape(one_line(str(text)))
