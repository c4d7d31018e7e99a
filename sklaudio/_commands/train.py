"""``sklaudio train FOLDER --out MODEL``."""

import argparse
import ast
import json
import os
import sys
import time

from .._text import one_line
from ._command import (
    CLASS_FOLDERS,
    GROUP_BY,
    JOBS,
    WrongUseError,
    argument,
    command,
    count,
    new_file,
    positive_seconds,
)
from ._names import KINDS, PUBLISHED
from ._output import without_notes_of_decoders


def net(text):
    """Type of an argument: a kind of make_classifier, or the name of a published system."""
    if text in (*KINDS, *PUBLISHED):
        return text
    raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(KINDS)} (sklaudio models lists those published)")


def share_or_folds(text):
    """Type of an argument: 0, a share below 1, or a number of folds from 2 on."""
    number = float(text)
    if 0 < number < 1:
        return number
    if number != 1 and number >= 0 and number.is_integer():
        return int(number)
    raise argparse.ArgumentTypeError(f"{text} must be a share between 0 and 1, a number of folds from 2 on, or 0")


def setting(text):
    """Type of an argument: NAME=VALUE, where the value is one of Python's or else text."""
    name, is_given, value = text.partition("=")
    if not (is_given and name):
        raise argparse.ArgumentTypeError(f"{text!r} must be NAME=VALUE, such as lr=0.003")
    try:
        return name, ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return name, value


@command(
    CLASS_FOLDERS,
    argument("--out", "-o", type=new_file, required=True, metavar="FILE", complete="file", help="the model to write"),
    argument(
        "--model",
        type=net,
        default="crnn",
        metavar="NAME",
        complete=(*KINDS, *PUBLISHED),
        help=f"{', '.join(KINDS)}, or a published system (%(default)s)",
    ),
    argument("--sr", type=count, metavar="HZ", help="rate that files are resampled to (22050)"),
    argument("--duration", type=positive_seconds, metavar="S", help="seconds of each clip to use (all)"),
    argument("--segment", type=positive_seconds, metavar="S", help="cut clips into segments of S seconds, which vote"),
    argument("--epochs", type=count, metavar="N", help="times to go through all clips (the default of the net)"),
    argument("--seed", type=int, default=0, metavar="N", help="of weights, order and splits (%(default)s)"),
    argument(
        "--set",
        type=setting,
        action="append",
        dest="settings",
        metavar="NAME=VALUE",
        help="a parameter of the net, such as lr=0.003; may be given several times",
    ),
    argument("--device", default="auto", metavar="NAME", help="cpu, cuda, … (%(default)s: a GPU where there is one)"),
    GROUP_BY,
    argument(
        "--validate",
        type=share_or_folds,
        default=0.2,
        metavar="N",
        help="share of the groups to hold out for a score, number of folds, or 0 for none (%(default)s)",
    ),
    argument("--memory", metavar="DIR", complete="folder", help="keep features there, for the next training"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    JOBS,
)
def train(folder, *, out, model, epochs, seed, settings, device, group_by, validate, memory, as_json, jobs, **sizes):
    r"""Train a classifier on a folder per class, score it honestly, and save it.

    First a part of the clips is held out (--validate), and a model trained on the
    others tells their classes: that is the accuracy to expect. Clips of one group
    are never on both sides; without --group-by each clip is a group of its own, so
    give it where several clips are of one recording, speaker or artist. Then the
    model is trained on all clips, and saved as one file without pickles, whole or
    not at all. Files that cannot be read are named and left out.

    Such as:
      sklaudio train recordings/ --out model.skops
      sklaudio train words/ -o words.skops --sr 16000 --duration 1 --validate 5
      sklaudio train speech/ -o speech.skops --group-by 'speaker(\d+)' --model gru
      sklaudio train music/ -o music.skops --segment 3 --set lr=0.003 --epochs 30
    """
    began = time.monotonic()
    is_watched = sys.stderr.isatty()
    parameters = dict(settings or []) | {"random_state": seed, "device": device, "verbose": int(is_watched)}
    if epochs is not None:
        parameters["max_epochs"] = epochs
    pipeline = _made(model, parameters, **sizes)

    from ..datasets import load_folder
    from ..persistence import save
    from ..train import train_on_files

    clips = load_folder(folder, groups=group_by)
    options = {"validate": validate, "seed": seed, "memory": memory, "n_jobs": jobs}
    with without_notes_of_decoders():
        training = train_on_files(
            pipeline, clips.data, clips.target, clips.groups, tell=_tell if is_watched else None, **options
        )
    save(training.model, out)
    told = _summary(training, model, out, time.monotonic() - began)
    print(json.dumps(told, indent=1) if as_json else _as_text(told))


def _made(name, parameters, sr, duration, segment):
    """The unfitted Pipeline, with wrong parameters told as wrong use."""
    if name in PUBLISHED and (sr, duration, segment) != (None, None, None):
        raise WrongUseError(f"--sr, --duration and --segment are no options of {name}, which has its own")
    from .. import published
    from ..recipes import make_classifier, segment_frames

    try:
        if name in PUBLISHED:
            pipeline = published.make(name, **parameters)
        else:
            sr = sr or 22050
            segment_length = segment and segment_frames(segment, sr)
            pipeline = make_classifier(name, sr=sr, duration=duration, segment_length=segment_length, **parameters)
        net = pipeline[-1]
        getattr(net, "estimator", net)._validate_params()  # before hours of reading
        return pipeline
    except ValueError as error:
        raise WrongUseError(f"--set: {error}") from error


def _summary(training, name, out, seconds):
    from .._plots._training import net_of

    history = net_of(training.model).history_
    last = history.iloc[-1]
    held_out = training.held_out
    return {
        "out": out,
        "bytes": os.path.getsize(out),
        "model": name,
        "classes": [str(label) for label in training.model.classes_],
        "n_clips": training.n_clips,
        "n_groups": training.n_groups,
        "unreadable": training.unreadable,
        "held_out": held_out
        and {
            "accuracy": held_out.accuracy,
            "interval": held_out.interval,
            "accuracies": held_out.accuracies,
            "deviation": held_out.deviation,
            "n_clips": held_out.n_clips,
            "n_groups": held_out.n_groups,
        },
        "epochs": len(history),
        "train_loss": float(last["train_loss"]),
        "seconds": round(seconds, 1),
    }


def _as_text(told):
    lines = []
    if told["unreadable"]:
        lines.append(f"files that cannot be read, and were left out: {len(told['unreadable'])}")
    if held_out := told["held_out"]:
        spread, (low, high) = held_out["deviation"], held_out["interval"]
        folds = f" ± {spread:.3f} over {len(held_out['accuracies'])} folds" if spread is not None else ""
        lines.append(
            f"held-out accuracy {held_out['accuracy']:.3f}{folds} (95% interval {low:.3f} to {high:.3f}; "
            f"{held_out['n_clips']} clips of {held_out['n_groups']} groups)"
        )
    lines += [
        f"trained {told['model']} on all {told['n_clips']} clips of {len(told['classes'])} classes "
        f"in {told['n_groups']} groups: {told['epochs']} epochs, loss {told['train_loss']:.3f}",
        f"written to {told['out']} ({told['bytes'] / 1e6:.1f} MB) after {told['seconds']:.0f} s",
    ]
    return "\n".join(map(one_line, lines))


def _tell(text):
    print(one_line(f"sklaudio train: {text}"), file=sys.stderr, flush=True)
