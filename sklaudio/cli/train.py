"""``sklaudio train DATA --out MODEL``."""

import argparse
import ast
import json
import os
import sys
import time

from .._utils.terminal import one_line
from ._command import GROUP_BY, JOBS, WrongUseError, argument, command, count, new_file, positive_seconds
from ._data import FOLD, GROUP, LABEL, PATH, ROOT, SPANS, clips_of, data_argument, folds_of
from ._model_names import ENCODERS, KINDS, PUBLISHED
from ._streams import without_notes_of_decoders
from .compare import budget, compared

ENCODER = "encoder"  # the kind that is no net
AUTO = "auto"  # the best of sklaudio compare
DEFAULT = "crnn"


def net(text):
    """Type of an argument: a kind of make_classifier, or the name of a published system."""
    if text in (*KINDS, ENCODER, AUTO, *PUBLISHED):
        return text
    kinds = ", ".join((*KINDS, ENCODER, AUTO))
    raise argparse.ArgumentTypeError(f"{text!r} is none of {kinds} (sklaudio models lists those published)")


def segment(text):
    """Type of an argument: seconds above 0, "auto" or "whole"."""
    return text if text in ("auto", "whole") else positive_seconds(text)


def fraction_or_folds(text):
    """Type of an argument: 0, a fraction below 1, or a number of folds from 2 on."""
    number = float(text)
    if 0 < number < 1:
        return number
    if number != 1 and number >= 0 and number.is_integer():
        return int(number)
    raise argparse.ArgumentTypeError(f"{text} must be a fraction between 0 and 1, a number of folds from 2 on, or 0")


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
    data_argument("data", "DATA"),
    argument("--out", "-o", type=new_file, required=True, metavar="FILE", complete="file", help="the model to write"),
    argument(
        "--model",
        type=net,
        metavar="NAME",
        complete=(*KINDS, ENCODER, AUTO, *PUBLISHED),
        help=f"{', '.join((*KINDS, ENCODER))}, a published system, or {AUTO}: the best of sklaudio compare ({DEFAULT})",
    ),
    argument(
        "--encoder",
        metavar="NAME",
        complete="encoder",
        help=f"pretrained network for --model {ENCODER}: a name that sklaudio models lists, or a file ({ENCODERS[0]})",
    ),
    argument("--sr", type=count, metavar="HZ", help="rate that files are resampled to (22050)"),
    argument("--duration", type=positive_seconds, metavar="S", help="seconds of each clip to use (all)"),
    argument(
        "--segment",
        type=segment,
        metavar="S",
        help="cut clips into segments of S seconds, that vote; whole: never; auto: of 3 s if clips are longer (auto)",
    ),
    argument("--epochs", type=count, metavar="N", help="times to go through all clips (the default of the net)"),
    argument("--seed", type=int, default=0, metavar="N", help="of weights, order and splits (%(default)s)"),
    argument(
        "--set",
        type=setting,
        action="append",
        dest="settings",
        metavar="NAME=VALUE",
        help="a parameter of the net (or linear model), such as lr=0.003; may be given several times",
    ),
    argument("--device", default="auto", metavar="NAME", help="cpu, cuda, … (%(default)s: a GPU where there is one)"),
    PATH,
    LABEL,
    GROUP,
    FOLD,
    *SPANS,
    ROOT,
    GROUP_BY,
    argument(
        "--validate",
        type=fraction_or_folds,
        metavar="N",
        help="fraction of the groups to hold out for a score, number of folds, or 0 (0.2, or the folds of a table)",
    ),
    argument("--budget", type=budget, metavar="TIME", help=f"of --model {AUTO}, such as 10m (as long as it takes)"),
    argument("--memory", metavar="DIR", complete="folder", help="keep features there, for the next training"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    JOBS,
)
def train(
    data,
    *,
    out,
    model,
    encoder,
    epochs,
    seed,
    settings,
    device,
    path,
    label,
    group,
    fold,
    start,
    end,
    root,
    group_by,
    validate,
    budget,
    memory,
    as_json,
    jobs,
    **sizes,
):
    r"""Train a classifier on a folder per class or a table, score it honestly, and save it.

    First a part of the clips is held out (--validate), and a model trained on the
    others tells their classes: that is the accuracy to expect. Clips of one group
    are never on both sides; without --group-by each clip is a group of its own, so
    give it where several clips are of one recording, speaker or artist. Then the
    model is trained on all clips, and saved as one file without pickles, whole or
    not at all. Files that cannot be read are named and left out.

    Of a table (CSV, TSV, Parquet) the columns are options, guessed and printed where
    their names are obvious. Its folds, where it has them, are those of the score.

    Such as:
      sklaudio train recordings/ --out model.skops
      sklaudio train words/ -o words.skops --sr 16000 --duration 1 --validate 5
      sklaudio train speech/ -o speech.skops --group-by 'speaker(\d+)' --model gru
      sklaudio train esc50.csv -o esc.skops --root audio --label category --fold fold
      sklaudio train music/ -o music.skops --segment 3 --set lr=0.003 --epochs 30
      sklaudio train speech/ -o speech.skops --encoder google-speech
      sklaudio train birds/ -o birds.skops --model auto --budget 10m
    """
    began = time.monotonic()
    is_watched = sys.stderr.isatty()
    columns = {"path": path, "label": label, "group": group, "fold": fold, "root": root, "start": start, "end": end}
    if model == AUTO:
        given = {"encoder": encoder, "epochs": epochs, "set": settings, **sizes, "sr": None}
        given["device"] = None if device == "auto" else device
        shared = {"group_by": group_by, "seed": seed, "memory": memory, "jobs": jobs, "sr": sizes["sr"] or 22050}
        print(_best(data, out, as_json, columns, given, validate, budget=budget, **shared))
        return
    if budget is not None:
        raise WrongUseError(f"--budget is an option of --model {AUTO} alone")
    model = model or (DEFAULT if encoder is None else ENCODER)
    parameters = dict(settings or []) | {"random_state": seed}
    if model == ENCODER:
        if epochs is not None:
            raise WrongUseError(f"--epochs is no option of --model {ENCODER}, which trains no net")
        parameters |= {"encoder": encoder, "features": {"device": device}}
    elif encoder is not None:
        raise WrongUseError(f"--encoder is no option of --model {model}; leave one of them out")
    else:
        parameters |= {"device": device, "verbose": int(is_watched)} | ({"max_epochs": epochs} if epochs else {})
    pipeline = _made(model, parameters, **sizes)

    from ..persistence import save
    from ..segments._voting import without_idle_vote
    from ..train import train_on_files

    clips = clips_of(data, command="train", group_by=group_by, **columns)
    splits = folds_of(clips, columns, validate)
    options = {
        "validate": 0.2 if validate is None else validate,
        "splits": splits,
        "seed": seed,
        "memory": memory,
        "n_jobs": jobs,
    }
    with without_notes_of_decoders():
        training = train_on_files(
            pipeline, clips.data, clips.target, clips.groups, tell=_tell if is_watched else None, **options
        )
    training.model = without_idle_vote(training.model)
    save(training.model, out)
    facts = _summary(training, model, out, time.monotonic() - began)
    print(json.dumps(facts, indent=1) if as_json else _as_text(facts))


def _best(data, out, as_json, columns, given, validate, **options):
    """Compare, and write the best: what to print."""
    wrong = [f"--{name}" for name, value in given.items() if value is not None]
    if wrong:
        raise WrongUseError(f"{', '.join(wrong)}: no options of --model {AUTO}, which compares models as they are")
    if validate == 0:
        raise WrongUseError(f"--validate 0 leaves --model {AUTO} nothing to compare by")
    folds = validate and max(2, round(1 / validate) if validate < 1 else validate)
    return compared(data, out, as_json, columns, command="train", models=None, folds=folds, **options)


def _made(name, parameters, sr, duration, segment):
    """The unfitted Pipeline; wrong parameters are wrong use."""
    if name in PUBLISHED and (sr, duration, segment) != (None, None, None):
        raise WrongUseError(f"--sr, --duration and --segment are no options of {name}, which has its own")
    from .. import published
    from .._introspect import last_step
    from ..recipes import make_classifier
    from ..recipes._sizes import segment_frames

    try:
        if name in PUBLISHED:
            pipeline = published.make(name, **parameters)
        else:
            sr = sr or 22050
            segment_length = {None: "auto", "auto": "auto", "whole": None}.get(segment, segment)
            if isinstance(segment, float):
                segment_length = segment_frames(segment, sr)
            pipeline = make_classifier(name, sr=sr, duration=duration, segment_length=segment_length, **parameters)
        last = pipeline[-1]
        last_step(getattr(last, "estimator", last))._validate_params()  # before hours of reading
        return pipeline
    except ValueError as error:
        raise WrongUseError(f"--set: {error}") from error


def _summary(training, name, out, seconds):
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
        **_learned(training.model),
        "seconds": round(seconds, 1),
    }


def _learned(model):
    """What there is to say of the training of a net, or of a linear model."""
    from .._introspect import parts_with

    nets = parts_with(model, lambda part: hasattr(part, "history_"))
    if not nets:
        return {"C": parts_with(model, lambda part: hasattr(part, "C_"))[0].C_}
    return {"epochs": len(nets[0].history_), "train_loss": float(nets[0].history_.iloc[-1]["train_loss"])}


def _as_text(facts):
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
    is_net = "epochs" in facts
    learned = f"{facts['epochs']} epochs, loss {facts['train_loss']:.3f}" if is_net else f"C={facts['C']:g}"
    lines += [
        f"trained {facts['model']} on all {facts['n_clips']} clips of {len(facts['classes'])} classes "
        f"in {facts['n_groups']} groups: {learned}",
        f"written to {facts['out']} ({facts['bytes'] / 1e6:.1f} MB) after {facts['seconds']:.0f} s",
    ]
    return "\n".join(map(one_line, lines))


def _tell(text):
    print(one_line(f"sklaudio train: {text}"), file=sys.stderr, flush=True)
