"""Evaluations as HTML, for notebooks: the score, its table, and the first mistakes to listen to."""

from ..audio import Clip
from ..predict._html import escaped, player_html, table_html

MAX_MISTAKES = 5


def evaluation_html(score, table, mistakes):
    """Return HTML of an evaluation.

    Parameters
    ----------
    score : str
        One line.
    table : DataFrame
        Scores by class, label or number.
    mistakes : DataFrame
        Rows of the predictions that are wrong, the worst first, and in the column `text` what is wrong with each.

    Returns
    -------
    str
        HTML. Clips that are files can be played.
    """
    parts = [f"<p><strong>{escaped(score)}</strong></p>", table_html(table)]
    if len(mistakes):
        n_shown = min(len(mistakes), MAX_MISTAKES)
        which = "The mistakes" if n_shown == len(mistakes) else f"{n_shown} of {len(mistakes)} mistakes"
        parts.append(f"<details open><summary>{which}</summary>{''.join(_mistakes(mistakes[:n_shown]))}</details>")
    return f"<div>{''.join(parts)}</div>"


def _mistakes(rows):
    for place, row in zip(rows.index, rows.to_dict("records"), strict=True):
        name = player_html(row["path"]) if isinstance(row.get("path"), (str, Clip)) else f"<p>clip {place}</p>"
        yield f"{name}<p>{escaped(row.get('error') or row['text'])}</p>"
