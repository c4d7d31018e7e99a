"""The first lines of a report: how well the model does, and what it gets wrong most often, in plain words."""

from collections import Counter

import numpy as np

from .._utils.terminal import one_line
from ..audio import Clip as Span

MAX_NAMED = 3  # targets of which the summary has a sentence


def noun_of(sources):
    """Return what a row is called: a recording, or a clip where some are a part of one."""
    return "clip" if any(isinstance(source, Span) for source in sources) else "recording"


def of_classes(scores, mistakes, noun):
    """Sum up one class of each clip.

    Parameters
    ----------
    scores : Scores
        What was counted.
    mistakes : list of (str, str)
        Class and prediction of each clip whose prediction is wrong.
    noun : str
        What a row is called, in the singular.

    Returns
    -------
    list of str
        Sentences; the most important first.
    """
    interval = _interval(scores.accuracy_interval, scores.by_group, scores.n_groups)
    says = [_right("Right", scores.n_right, scores.n, noun, interval)]
    if mistakes:
        says.append(_most_confused(mistakes, {row.name: row.n for row in scores.classes}, noun))
    chance = _percent(scores.most_frequent)
    says.append(f"For comparison: always naming the most frequent class would be right on {chance}.")
    return says


def of_labels(evaluation, true, found, noun, by_group=None, n_groups=None):
    """Sum up several labels of each clip; labels and predicted labels are bool, (n_clips, n_labels)."""
    interval = _interval(evaluation.interval, by_group, n_groups)
    n_right = int(evaluation.predictions["correct"].sum())
    says = [_right("All labels are right", n_right, len(true), noun, interval)]
    says.append(_found(int(true.sum()), int((true & found).sum()), int(found.sum()), "label", "false", "false"))
    names = [one_line(name) for name in evaluation.per_label.index]
    missed, false = (true & ~found).sum(axis=0), (found & ~true).sum(axis=0)
    return says + _worst(names, missed, true.sum(axis=0), false, noun)


def of_numbers(scores, true, names):
    """Sum up numbers; `scores` has a row for each target, `true` is (n_clips, n_targets)."""
    says = []
    for row, name, values in list(zip(scores.to_dict("records"), names, true.T, strict=True))[:MAX_NAMED]:
        off = f"{'Off' if len(names) == 1 else f'“{name}” is off'} by {row['mae']:.3g} on average"
        has_interval = np.isfinite(row["mae_low"]) and np.isfinite(row["mae_high"])
        off += f" (95 % interval {row['mae_low']:.3g} to {row['mae_high']:.3g})" if has_interval else ""
        baseline = np.abs(values - values.mean()).mean()
        says.append(f"{off}; always predicting the mean of these clips would be off by {baseline:.3g}.")
    if len(names) > MAX_NAMED:
        says.append(f"{_count(len(names) - MAX_NAMED, 'target')} more {_are(len(names) - MAX_NAMED)} in the table.")
    return says


def of_events(evaluation, totals, labels):
    """Sum up events; `totals` has their counts, `labels` the rows of the table."""
    counts = totals["n_true"], totals["n_hits"], totals["n_predicted"]
    says = [_found(*counts, "event", "a false alarm", "false alarms")]
    low, high = evaluation.interval
    if np.isfinite(evaluation.event_f1):
        interval = f", 95 % interval {low:.2f} to {high:.2f}" if np.isfinite(low) else ""
        says.append(f"F1 of events is {evaluation.event_f1:.2f} (1 is best{interval}).")
    names = [row["name"] for row in labels]
    rows = [(row["n_missed"], int(row["event"]["n_ref"]), row["n_false"]) for row in labels]
    missed, n_true, false = np.array(rows, dtype=int).reshape(-1, 3).T
    return says + _worst(names, missed, n_true, false, "event")


def _right(what, n_right, n, noun, interval):
    if n_right == 0:
        return f"{what} on none of {_count(n, noun)} ({interval})."
    if n_right == n:
        return f"{what} on {'all ' if n > 1 else ''}{_count(n, noun)} ({interval})."
    return f"{what} on {n_right:,} of {_count(n, noun)} ({_percent(n_right / n)}, {interval})."


def _most_confused(mistakes, n_of_class, noun):
    """Return the pair of classes that is confused most often; of equal ones that with the larger part of its class."""
    pairs = Counter(mistakes)
    largest = max(pairs.values())
    if largest == 1 and len(pairs) > 1:
        return "No class is taken for the same other one more than once."
    tied = [pair for pair, n in pairs.items() if n == largest]
    true, said = min(tied, key=lambda pair: (n_of_class[pair[0]], pair))
    others = f"; {_count(len(tied) - 1, 'other pair')} as often" if len(tied) > 1 else ""
    return f"Most often, “{true}” is taken for “{said}” ({largest:,} of {_count(n_of_class[true], noun)}{others})."


def _found(n_true, n_hits, n_found, noun, one_wrong, wrong):
    """Return how many of the labels, or events, are found, and how many of those that are predicted are not there."""
    if not n_true:
        says = f"There is no {noun} to find"
    else:
        says = f"Of {_count(n_true, noun)}, {n_hits:,} {_are(n_hits)} found ({_percent(n_hits / n_true)})"
    if not n_found:
        return f"{says}; none is predicted."
    n_false = n_found - n_hits
    what = f"{_are(n_false)} {one_wrong if n_false == 1 else wrong}"
    return f"{says}; of {n_found:,} predicted, {n_false:,} {what} ({_percent(n_false / n_found)})."


def _worst(names, missed, n_true, false, noun):
    """Return the label that is missed most often, and that with most false predictions."""
    says = []
    if missed.max(initial=0):
        at = int(missed.argmax())
        says.append(f"Most often missed is “{names[at]}” ({missed[at]:,} of {_count(n_true[at], noun)})")
    if false.max(initial=0):
        at = int(false.argmax())
        often = f"“{names[at]}” ({_count(false[at], 'time')})"
        says.append(f"{'most' if says else 'Most'} often predicted where it is not is {often}")
    return ["; ".join(says) + "."] if says else []


def _interval(bounds, by_group, n_groups):
    """Write the interval in words: that over groups where there is one, as clips of a group are not independent."""
    low, high = (_percent(bound) for bound in by_group or bounds)
    over = f" over {_count(n_groups, 'group')}" if by_group else ""
    return f"95 % interval {low.removesuffix(' %')} to {high}{over}"


def _percent(fraction):
    """Write percent without digits after the point, but where these would pass for none or all."""
    text = f"{100 * fraction:.0f}"
    if text in ("0", "100") and 0 < fraction < 1:
        text = f"{np.clip(100 * fraction, 0.1, 99.9):.1f}"
    return f"{text} %"


def _count(n, noun):
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _are(n):
    return "is" if n == 1 else "are"
