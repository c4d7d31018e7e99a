"""What came of a training, as JSON and as text."""

import os

from ..._utils.terminal import one_line
from . import class_evaluation, event_evaluation, label_evaluation, number_evaluation

EVALUATIONS = {
    "class": class_evaluation,
    "multi-label": label_evaluation,
    "regression": number_evaluation,
    "events": event_evaluation,
}
NAMED = {"class": "classes", "multi-label": "labels", "regression": "targets", "events": "labels"}
KEPT = {  # of what was held out
    "class": ("accuracy", "interval", "accuracies", "std", "n_clips", "n_groups"),
    "multi-label": ("mean_average_precision", "mean_average_precisions", "std", "f1", "f1s", "n_clips", "n_groups"),
    "regression": ("mae", "r2", "ccc", "std", "n_clips", "n_groups"),
    "events": ("segment_f1", "segment_f1s", "std", "event_f1", "event_f1s", "n_clips", "n_groups"),
}
TABLES = {  # of its evaluation
    "multi-label": ("subset_accuracy", "interval", "per_label", "averages"),
    "regression": ("per_target",),
    "events": ("interval", "by_segment", "by_event"),
}


def summary(training, evaluation, task, name, out, seconds):
    """Collect the facts of a training.

    Parameters
    ----------
    training : Training
        As :func:`~sklaudio.train.train_on_files` returns it.
    evaluation : Evaluation, LabelEvaluation, RegressionEvaluation, EventEvaluation or None
        Of the model on clips that were given for it.
    task : str
        What is predicted: "class", "multi-label", "regression" or "events".
    name : str
        Kind of the model.
    out : str
        File that the model is in.
    seconds : float
        How long it took.

    Returns
    -------
    dict
        What JSON can hold.
    """
    return {
        "out": out,
        "bytes": os.path.getsize(out),
        "task": task,
        "model": name,
        NAMED[task]: list(map(str, _names(training.model, task))),
        "n_clips": training.n_clips,
        "n_groups": training.n_groups,
        "unreadable": list(map(str, training.unreadable)),
        "held_out": training.held_out and _held_out(training.held_out, task),
        "test": evaluation and EVALUATIONS[task].scores(evaluation),
        **_learned(training.model),
        "seconds": round(seconds, 1),
    }


def _names(model, task):
    """Return the classes, labels or targets of a model."""
    from ..._inference import label_names_of, target_names_of
    from ..._introspect import stages_of

    if task == "class":
        return model.classes_
    if task == "events":
        return stages_of(model)[-1][1].classes_
    return label_names_of(model) if task == "multi-label" else target_names_of(model)


def _held_out(held_out, task):
    numbers = {name: _with_none(getattr(held_out, name)) for name in KEPT[task]}
    if task == "class":
        return numbers
    found = EVALUATIONS[task].scores(held_out.evaluation)
    if task == "regression":
        folds = {name: list(map(_with_none, held_out.by_fold[name].tolist())) for name in held_out.by_fold}
        numbers["folds"] = folds
    return numbers | {name: found[name] for name in TABLES[task]}


def _with_none(value):
    """Return scores with None in place of NaN, of a fold that has no clip with any label."""
    if isinstance(value, list):
        return [_with_none(one) for one in value]
    return None if value is None or value != value else value


def _learned(model):
    """Return what there is to say of the training of a net, or of a linear model."""
    from ..._introspect import parts_with

    nets = parts_with(model, lambda part: hasattr(part, "history_"))
    if not nets:
        [head] = parts_with(model, lambda part: hasattr(part, "C_") or hasattr(part, "alpha_"))
        return {"C": head.C_} if hasattr(head, "C_") else {"alpha": head.alpha_}
    history = nets[0].history_
    found = {"epochs": len(history), "train_loss": float(history["train_loss"].iloc[-1])}
    valid_loss = history["valid_loss"]
    if valid_loss.notna().any():
        found["valid_loss"] = float(valid_loss.min() if nets[0].early_stopping else valid_loss.iloc[-1])
    return found


def training_as_text(facts, evaluation, held_out=None):
    """Format what :func:`summary` collects, with the table of a score on clips to test on where there is one.

    Of all but classes, `held_out` is what the training has of this name, and there is a table of what was held out.
    """
    task, lines = facts["task"], []
    if facts["unreadable"]:
        lines.append(f"files that cannot be read, and were left out: {len(facts['unreadable'])}")
    if facts["held_out"]:
        lines += HELD_OUT_LINES[task](facts["held_out"])
        if task != "class":
            lines += ["", *_table_lines(held_out.evaluation, task), ""]
    if evaluation is not None:
        lines += [*(f"test {line}" for line in _score_lines(evaluation, task)), "", *_table_lines(evaluation, task), ""]
    of_clips = {"events": "recordings"}.get(task, "clips")
    lines += [
        f"trained {facts['model']} on all {_number_of(facts['n_clips'], of_clips)} of {_counted_names(facts)} in "
        f"{_number_of(facts['n_groups'], 'groups')}: {_as_learned(facts)}",
        f"written to {facts['out']} ({facts['bytes'] / 1e6:.1f} MB) after {facts['seconds']:.0f} s",
    ]
    return "\n".join(map(one_line, lines))


def _counted_names(facts):
    kind = NAMED[facts["task"]]
    return f"{len(facts[kind])} {kind}" if len(facts[kind]) != 1 else f"1 {kind.removesuffix('s')}"


def _number_of(number, what):
    return f"{number} {what.removesuffix('s') if number == 1 else what}"


def _score_lines(evaluation, task):
    if task == "class":
        return [class_evaluation.accuracy_line(evaluation)]
    if task == "regression":
        found = number_evaluation.scores(evaluation)
        return [f"{_numbers(found)} ({found['n_clips'] - found['n_unreadable']} clips)"]
    return EVALUATIONS[task].score_lines(evaluation)


def _table_lines(evaluation, task):
    if task == "class":
        return class_evaluation.class_lines(evaluation.per_class)
    module = EVALUATIONS[task]
    lines = {"multi-label": "label_lines", "regression": "number_lines", "events": "event_lines"}[task]
    return getattr(module, lines)(evaluation)


def _class_lines(held_out):
    """Return the accuracy to expect."""
    spread, (low, high) = held_out["std"], held_out["interval"]
    folds = f" ± {spread:.3f} over {len(held_out['accuracies'])} folds" if spread is not None else ""
    interval = f"95% interval {low:.3f} to {high:.3f}"
    return [f"held-out accuracy {held_out['accuracy']:.3f}{folds} ({interval}; {_counted(held_out)})"]


def _label_lines(held_out):
    """Return the scores of labels to expect, and those of each fold."""
    low, high = held_out["interval"]
    n_folds = len(held_out["f1s"])
    lines = [
        f"held-out mean average precision {_score(held_out['mean_average_precision'])}{_folds(held_out, n_folds)}, "
        f"F1 {_score(held_out['f1'])} (subset accuracy {_score(held_out['subset_accuracy'])}, 95% interval {low:.3f} "
        f"to {high:.3f}; {_counted(held_out)})"
    ]
    pairs = zip(held_out["mean_average_precisions"], held_out["f1s"], strict=True)
    return lines + _fold_lines(
        [f"mean average precision {_score(precision)}  F1 {_score(f1)}" for precision, f1 in pairs]
    )


def _number_lines(held_out):
    """Return the errors of numbers to expect, and those of each fold."""
    folds = held_out["folds"]
    spread = "" if held_out["std"] is None else f" ± {held_out['std']:.3g} over {len(folds['mae'])} folds"
    mean = "; mean over targets" if len(held_out["per_target"]) > 1 else ""
    lines = [f"held-out {_numbers(held_out, spread)} ({_counted(held_out)}{mean})"]
    rows = zip(folds["mae"], folds["r2"], folds["ccc"], strict=True)
    return lines + _fold_lines([_numbers(dict(zip(("mae", "r2", "ccc"), row, strict=True))) for row in rows])


def _event_lines(held_out):
    """Return the F1 of events to expect, and that of each fold."""
    n_folds = len(held_out["segment_f1s"])
    lines = [
        f"held-out segment F1 {_score(held_out['segment_f1'])}{_folds(held_out, n_folds)}, event F1 "
        f"{_score(held_out['event_f1'])} ({_counted(held_out, 'recordings')})"
    ]
    pairs = zip(held_out["segment_f1s"], held_out["event_f1s"], strict=True)
    return lines + _fold_lines([f"segment F1 {_score(segment)}  event F1 {_score(event)}" for segment, event in pairs])


HELD_OUT_LINES = {
    "class": _class_lines,
    "multi-label": _label_lines,
    "regression": _number_lines,
    "events": _event_lines,
}


def _fold_lines(folds):
    return [f"fold {number}  {line}" for number, line in enumerate(folds, start=1)] if len(folds) > 1 else []


def _folds(held_out, n_folds):
    return f" ± {_score(held_out['std'])} over {n_folds} folds" if n_folds > 1 else ""


def _counted(held_out, what="clips"):
    return f"{_number_of(held_out['n_clips'], what)} of {_number_of(held_out['n_groups'], 'groups')}"


def _numbers(scores, spread=""):
    mae = "-" if scores["mae"] is None else f"{scores['mae']:.4g}"
    return f"mean absolute error {mae}{spread}, R2 {_score(scores['r2'])}, concordance {_score(scores['ccc'])}"


def _score(value):
    return "-" if value is None else f"{value:.3f}"


def _as_learned(facts):
    if "epochs" not in facts:
        return f"C={facts['C']:g}" if "C" in facts else f"alpha={facts['alpha']:g}"
    valid = f", validation loss {facts['valid_loss']:.3f}" if "valid_loss" in facts else ""
    return f"{_number_of(facts['epochs'], 'epochs')}, loss {facts['train_loss']:.3f}{valid}"
