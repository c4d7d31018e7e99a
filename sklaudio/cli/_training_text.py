"""What came of a training, as JSON and as text."""

import os

from .._utils.terminal import one_line
from ._evaluation_text import accuracy_line, class_lines, scores


def summary(training, evaluation, name, out, seconds):
    """Collect the facts of a training.

    Parameters
    ----------
    training : Training
        As :func:`~sklaudio.train.train_on_files` returns it.
    evaluation : Evaluation or None
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
    held_out = training.held_out
    return {
        "out": out,
        "bytes": os.path.getsize(out),
        "model": name,
        "classes": [str(label) for label in training.model.classes_],
        "n_clips": training.n_clips,
        "n_groups": training.n_groups,
        "unreadable": list(map(str, training.unreadable)),
        "held_out": held_out
        and {
            "accuracy": held_out.accuracy,
            "interval": held_out.interval,
            "accuracies": held_out.accuracies,
            "std": held_out.std,
            "n_clips": held_out.n_clips,
            "n_groups": held_out.n_groups,
        },
        "test": evaluation and scores(evaluation),
        **_learned(training.model),
        "seconds": round(seconds, 1),
    }


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


def training_as_text(facts, evaluation):
    """Lines of what :func:`summary` collects, with a table of the classes where there is an evaluation."""
    lines = []
    if facts["unreadable"]:
        lines.append(f"files that cannot be read, and were left out: {len(facts['unreadable'])}")
    if held_out := facts["held_out"]:
        spread, (low, high) = held_out["std"], held_out["interval"]
        folds = f" ± {spread:.3f} over {len(held_out['accuracies'])} folds" if spread is not None else ""
        lines.append(
            f"held-out accuracy {held_out['accuracy']:.3f}{folds} (95% interval {low:.3f} to {high:.3f}; "
            f"{held_out['n_clips']} clips of {held_out['n_groups']} groups)"
        )
    if evaluation is not None:
        lines += [f"test {accuracy_line(evaluation)}", "", *class_lines(evaluation.per_class), ""]
    lines += [
        f"trained {facts['model']} on all {facts['n_clips']} clips of {len(facts['classes'])} classes "
        f"in {facts['n_groups']} groups: {_as_learned(facts)}",
        f"written to {facts['out']} ({facts['bytes'] / 1e6:.1f} MB) after {facts['seconds']:.0f} s",
    ]
    return "\n".join(map(one_line, lines))


def _as_learned(facts):
    if "epochs" not in facts:
        return f"C={facts['C']:g}"
    valid = f", validation loss {facts['valid_loss']:.3f}" if "valid_loss" in facts else ""
    return f"{facts['epochs']} epochs, loss {facts['train_loss']:.3f}{valid}"
