"""The line that the command prints of a report, and its object of JSON without NaN."""

from math import isnan


def report_line(done):
    """Write the page, its size, and the scores on it.

    Parameters
    ----------
    done : Report, LabelReport, RegressionReport or EventReport
        What :func:`sklaudio.report` returned.

    Returns
    -------
    str
        One line, but for names that hold ends of lines.
    """
    if hasattr(done, "accuracy"):
        low, high = done.accuracy_interval
        scores = f"{done.n_right} of {done.n_clips} clips right, {done.accuracy:.1%} ({low:.1%} to {high:.1%})"
    elif hasattr(done, "subset_accuracy"):
        scores = f"mean average precision {done.mean_average_precision:.3f}; all labels of {done.n_right} of "
        scores += f"{done.n_clips} clips right"
    elif hasattr(done, "event_f1"):
        scores = f"F1 of events {done.event_f1:.3f}, of segments {done.segment_f1:.3f}; {done.n_hits} hits, "
        scores += f"{done.n_missed} missed, {done.n_false} false alarms"
    else:
        scores = "; ".join(f"{name} MAE {row['mae']:.3g}, R2 {row['r2']:.3g}" for name, row in done.scores.items())
    return f"{done.path}: {done.n_bytes / 1e6:.1f} MB; {scores}"


def without_nan(value):
    """Put None for numbers that are undefined, however deep, as JSON has no NaN."""
    if isinstance(value, dict):
        return {key: without_nan(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [without_nan(each) for each in value]
    return None if isinstance(value, float) and isnan(value) else value
