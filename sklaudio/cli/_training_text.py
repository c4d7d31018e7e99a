"""What came of a training, as JSON and as text."""

import os

from .._utils.terminal import one_line
from . import _label_evaluation_text
from ._evaluation_text import accuracy_line, class_lines, scores


def summary(training, evaluation, name, out, seconds):
    """Collect the facts of a training.

    Parameters
    ----------
    training : Training
        As :func:`~sklaudio.train.train_on_files` returns it.
    evaluation : Evaluation, LabelEvaluation or None
        Of the model on clips that were given for it.
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
    from .._inference import label_names_of

    labels = label_names_of(training.model)
    kind, names = ("classes", training.model.classes_) if labels is None else ("labels", labels)
    scores_of = scores if labels is None else _label_evaluation_text.scores
    return {
        "out": out,
        "bytes": os.path.getsize(out),
        "model": name,
        kind: list(map(str, names)),
        "n_clips": training.n_clips,
        "n_groups": training.n_groups,
        "unreadable": list(map(str, training.unreadable)),
        "held_out": training.held_out
        and (_classes_held_out if labels is None else _labels_held_out)(training.held_out),
        "test": evaluation and scores_of(evaluation),
        **_learned(training.model),
        "seconds": round(seconds, 1),
    }


def _classes_held_out(held_out):
    names = ("accuracy", "interval", "accuracies", "std", "n_clips", "n_groups")
    return {name: getattr(held_out, name) for name in names}


def _labels_held_out(held_out):
    names = ("mean_average_precision", "mean_average_precisions", "std", "f1", "f1s", "n_clips", "n_groups")
    found = _label_evaluation_text.scores(held_out.evaluation)
    tables = {name: found[name] for name in ("subset_accuracy", "interval", "per_label", "averages")}
    numbers = {name: _with_none(getattr(held_out, name)) for name in names}
    return numbers | tables


def _with_none(value):
    """Scores with None in place of NaN, of a fold that has no clip with any label."""
    if isinstance(value, list):
        return [_with_none(one) for one in value]
    return None if value is None or value != value else value


def _learned(model):
    """What there is to say of the training of a net, or of a linear model."""
    from .._introspect import parts_with

    nets = parts_with(model, lambda part: hasattr(part, "history_"))
    if not nets:
        return {"C": parts_with(model, lambda part: hasattr(part, "C_"))[0].C_}
    history = nets[0].history_
    found = {"epochs": len(history), "train_loss": float(history["train_loss"].iloc[-1])}
    valid_loss = history["valid_loss"]
    if valid_loss.notna().any():
        found["valid_loss"] = float(valid_loss.min() if nets[0].early_stopping else valid_loss.iloc[-1])
    return found


def training_as_text(facts, evaluation, held_out=None):
    """Lines of what :func:`summary` collects, with a table of the classes where there is an evaluation.

    Of several labels `held_out` is what the training has of this name, and there is a table of what was held out too.
    """
    lines = []
    if facts["unreadable"]:
        lines.append(f"files that cannot be read, and were left out: {len(facts['unreadable'])}")
    if facts["held_out"]:
        lines += _held_out_lines(facts["held_out"])
        if "labels" in facts:
            lines += ["", *_label_evaluation_text.label_lines(held_out.evaluation), ""]
    if evaluation is not None and "labels" in facts:
        first, second = _label_evaluation_text.score_lines(evaluation)
        lines += [f"test {first}", f"test {second}", "", *_label_evaluation_text.label_lines(evaluation), ""]
    elif evaluation is not None:
        lines += [f"test {accuracy_line(evaluation)}", "", *class_lines(evaluation.per_class), ""]
    kind = "labels" if "labels" in facts else "classes"
    lines += [
        f"trained {facts['model']} on all {facts['n_clips']} clips of {len(facts[kind])} {kind} "
        f"in {facts['n_groups']} groups: {_as_learned(facts)}",
        f"written to {facts['out']} ({facts['bytes'] / 1e6:.1f} MB) after {facts['seconds']:.0f} s",
    ]
    return "\n".join(map(one_line, lines))


def _held_out_lines(held_out):
    """The score to expect of classes, or the scores of labels."""
    spread, (low, high) = held_out["std"], held_out["interval"]
    counted = f"{held_out['n_clips']} clips of {held_out['n_groups']} groups"
    interval = f"95% interval {low:.3f} to {high:.3f}"
    if "accuracies" in held_out:
        folds = f" ± {spread:.3f} over {len(held_out['accuracies'])} folds" if spread is not None else ""
        return [f"held-out accuracy {held_out['accuracy']:.3f}{folds} ({interval}; {counted})"]
    n_folds = len(held_out["f1s"])
    folds = f" ± {_score(spread)} over {n_folds} folds" if n_folds > 1 else ""
    lines = [
        f"held-out mean average precision {_score(held_out['mean_average_precision'])}{folds}, "
        f"F1 {_score(held_out['f1'])} (subset accuracy {_score(held_out['subset_accuracy'])}, {interval}; {counted})"
    ]
    if n_folds > 1:
        pairs = zip(held_out["mean_average_precisions"], held_out["f1s"], strict=True)
        for number, (precision, f1) in enumerate(pairs, start=1):
            lines.append(f"fold {number}  mean average precision {_score(precision)}  F1 {_score(f1)}")
    return lines


def _score(value):
    return "-" if value is None else f"{value:.3f}"


def _as_learned(facts):
    if "epochs" not in facts:
        return f"C={facts['C']:g}"
    valid = f", validation loss {facts['valid_loss']:.3f}" if "valid_loss" in facts else ""
    return f"{facts['epochs']} epochs, loss {facts['train_loss']:.3f}{valid}"
