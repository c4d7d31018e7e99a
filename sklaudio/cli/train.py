"""``sklaudio train DATA --out MODEL``."""

import argparse
import ast
import copy
import json
import os
import sys
import time

from .._utils.near_names import did_you_mean
from .._utils.terminal import one_line
from ._command import GROUP_BY, JOBS, WrongUseError, argument, command, count, new_file, positive_seconds
from ._data import FOLD, GROUP, LABELS, PATH, ROOT, SEP, SPANS, data_or_events_argument, folds_of
from ._fixed_parts import parts_of
from ._group_hint import hint_for
from ._model_names import ENCODERS, KINDS, PUBLISHED
from ._streams import without_notes_of_decoders
from ._tasks import CLASS, EVENTS, NUMBERS, TASK
from ._texts.training import summary, training_as_text
from .compare import budget, compared, write_card

ENCODER = "encoder"  # the kind that is no net
AUTO = "auto"  # the best of sklaudio compare
DEFAULT = "crnn"
OPTION_OF = {"sr": "--sr", "duration": "--duration", "segment_length": "--segment", "kind": "--model"}


def net(text):
    """Parse an argument: a kind of make_classifier, or the name of a published system."""
    if text in (*KINDS, ENCODER, AUTO, *PUBLISHED):
        return text
    kinds = (*KINDS, ENCODER, AUTO)
    near = did_you_mean(text, (*kinds, *PUBLISHED), after=".")
    raise argparse.ArgumentTypeError(
        f"{text!r} is none of {', '.join(kinds)} (sklaudio models lists those published){near}"
    )


def segment(text):
    """Parse an argument: seconds above 0, "auto" or "whole"."""
    return text if text in ("auto", "whole") else positive_seconds(text)


def fraction_or_folds(text):
    """Parse an argument: 0, a fraction below 1, or a number of folds from 2 on."""
    number = float(text)
    if 0 < number < 1:
        return number
    if number != 1 and number >= 0 and number.is_integer():
        return int(number)
    raise argparse.ArgumentTypeError(f"{text} must be a fraction between 0 and 1, a number of folds from 2 on, or 0")


def setting(text):
    """Parse an argument: NAME=VALUE, where the value is one of Python's or else text."""
    name, is_given, value = text.partition("=")
    if not (is_given and name):
        raise argparse.ArgumentTypeError(f"{text!r} must be NAME=VALUE, such as lr=0.003")
    try:
        return name, ast.literal_eval(value)
    except (SyntaxError, ValueError):
        return name, value


@command(
    data_or_events_argument("data", "DATA"),
    TASK,
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
    LABELS,
    SEP,
    GROUP,
    FOLD,
    *SPANS,
    ROOT,
    GROUP_BY,
    data_or_events_argument(
        "--test", "DATA", help="folder, table or annotations of the clips to score on, which are not trained on"
    ),
    data_or_events_argument(
        "--valid", "DATA", help="folder or table of the clips that a net is validated on after each epoch"
    ),
    argument(
        "--validate",
        type=fraction_or_folds,
        metavar="N",
        help="fraction of the groups to hold out for a score, number of folds, or 0 (0.2, or the folds of a table)",
    ),
    argument("--budget", type=budget, metavar="TIME", help=f"of --model {AUTO}, such as 10m (as long as it takes)"),
    argument("--card", type=new_file, metavar="FILE", complete="file", help="write a card of the model, in Markdown"),
    argument("--memory", metavar="DIR", complete="folder", help="keep features there, for the next training"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    JOBS,
)
def train(
    data,
    *,
    task,
    out,
    model,
    encoder,
    epochs,
    seed,
    settings,
    device,
    path,
    label,
    sep,
    group,
    fold,
    start,
    end,
    root,
    group_by,
    test,
    valid,
    validate,
    budget,
    card,
    memory,
    as_json,
    jobs,
    **sizes,
):
    r"""Train a model on a folder per class, a table or annotations, score it honestly, and save it.

    First a part of the clips is held out (--validate), and a model trained on the
    others predicts them: that is the score to expect. Clips of one group
    are never on both sides; without --group-by each clip is a separate group, so
    give it where several clips are of one recording, speaker or artist. Then the
    model is trained on all clips, and saved as one file without pickles, whole or
    not at all, with a hash of each of its files, by which sklaudio evaluate and report
    know them. Files that cannot be read are named and left out.

    Of a table (CSV, TSV, Parquet) the columns are options, guessed and printed where
    their names are obvious. Its folds, where it has them, are those of the score.

    What is predicted is what the columns hold, which is said on stderr, or --task.
    Text and whole numbers are classes. Where clips have several labels, --sep says
    what stands between them in their column, or a --label is given for each of several
    columns of 0 and 1: the score is the mean average precision and F1 of each fold
    then, with a table by label. Numbers with a fraction, or several columns of
    numbers, are predicted as such (--task regression): the score is the mean absolute
    error, R2 and concordance. Annotations of recordings, as load_annotations reads
    them (Audacity, Raven, CSV), are events: the score is the F1 of segments and of
    events. Folds keep groups, and labels where they can.

    Fixed parts are other folders or tables, and the options of tables are of
    all that are tables. With --test the score is that of the model that is saved,
    trained on DATA alone. With --valid a net is validated on these clips after each
    epoch; --set early_stopping=True keeps the epoch that was best there. A clip in
    two parts is an error, and so are classes that DATA has not; parts that share
    recordings or groups are a warning.

    With --card a page goes with the model: what it predicts, what it was trained on
    (with a hash of it), its scores, and the licences of pretrained networks in it.
    What only you know, such as the licence of the recordings, is "not stated" there.

    Such as:
      sklaudio train recordings/ --out model.skops
      sklaudio train words/ -o words.skops --sr 16000 --duration 1 --validate 5
      sklaudio train speech/ -o speech.skops --group-by 'speaker(\d+)' --model gru
      sklaudio train esc50.csv -o esc.skops --root audio --label category --fold fold
      sklaudio train music/ -o music.skops --segment 3 --set lr=0.003 --epochs 30
      sklaudio train speech/ -o speech.skops --encoder google-speech
      sklaudio train birds/ -o birds.skops --model auto --budget 10m
      sklaudio train tags.csv -o tags.skops --label tags --sep ';' --validate 5
      sklaudio train songs.csv -o mood.skops --label valence --label arousal --group song
      sklaudio train 'labels/*.txt' -o detector.skops --root recordings --validate 5
      sklaudio train train.csv -o m.skops --valid valid.csv --test test.csv
    """
    began = time.monotonic()
    columns = {"path": path, "label": label, "group": group, "fold": fold, "root": root, "start": start, "end": end}
    columns["sep"] = sep
    if card is not None and os.path.realpath(card) == os.path.realpath(out):
        raise WrongUseError(f"--card {card} is the file of the model; give the card another name, such as card.md")
    if model == AUTO:
        given = {"encoder": encoder, "epochs": epochs, "set": settings, **sizes, "sr": None}
        given |= {"device": None if device == "auto" else device, "test": test, "valid": valid}
        shared = {
            "card": card,
            "group_by": group_by,
            "seed": seed,
            "memory": memory,
            "jobs": jobs,
            "sr": sizes["sr"] or 22050,
        }
        print(_best(data, out, as_json, columns, given, validate, task=task, budget=budget, **shared))
        return
    if budget is not None:
        raise WrongUseError(f"--budget is an option of --model {AUTO} alone")
    if test is not None and (validate is not None or fold is not None):
        raise WrongUseError("--test is what the score is of: leave out --validate and --fold")
    model = model or (DEFAULT if encoder is None else ENCODER)
    parameters = _parameters(model, encoder, epochs, device, valid) | dict(settings or []) | {"random_state": seed}
    if task == EVENTS:
        _check_model(task, model, valid, sizes)
    parts = {"--test": test, "--valid": valid}
    if test is not None:
        del columns["fold"]
    clips, parts = parts_of(data, parts, command="train", columns=columns, group_by=group_by, task=task)
    _check_model(clips.task, model, valid, sizes)
    pipeline = _made(clips.task, model, parameters, **sizes)
    if test is None and validate != 0:
        hint_for("train", clips, columns, group_by)
    if test is None:
        score = {"validate": 0.2 if validate is None else validate, "splits": folds_of(clips, columns, validate)}
    else:
        score = {"validate": 0}
    with without_notes_of_decoders():
        training = _trained(pipeline, clips, parts["--valid"], out, score, seed=seed, memory=memory, n_jobs=jobs)
        evaluation = _tested(training.model, parts["--test"], memory, jobs)
        if card is not None:
            write_card(card, training.model, clips, evaluation or training)
    facts = summary(training, evaluation, clips.task, model, out, time.monotonic() - began)
    print(json.dumps(facts, indent=1) if as_json else training_as_text(facts, evaluation, training.held_out))


def _parameters(model, encoder, epochs, device, valid):
    """Return parameters of the recipe that options stand for; wrong use of those that are not of the model."""
    if model == ENCODER:
        wrong = {"--epochs": epochs, "--valid": valid}
        if given := [name for name, value in wrong.items() if value is not None]:
            raise WrongUseError(f"{given[0]} is no option of --model {ENCODER}, which trains no net")
        return {"encoder": encoder, "features": {"device": device}}
    if encoder is not None:
        raise WrongUseError(f"--encoder is no option of --model {model}; leave one of them out")
    return {"device": device, "verbose": int(sys.stderr.isatty())} | ({"max_epochs": epochs} if epochs else {})


def _check_model(task, model, valid, sizes):
    """Raise an error if a kind of model, or an option, is not for a task."""
    if task == CLASS:
        return
    if task == EVENTS:
        from ..recipes._detector import KINDS as DETECTORS

        if model not in DETECTORS:
            raise WrongUseError(f"--model {model} predicts no events. Take one of {', '.join(DETECTORS)}")
        if valid is not None:
            raise WrongUseError("--valid is no option of a detector of events, which is not validated in training")
        if sizes["duration"] is not None:
            raise WrongUseError("--duration is no option of a detector: events are in all of a recording")
    elif model in PUBLISHED:
        what = "numbers" if task == NUMBERS else "several labels"
        kinds = ", ".join((*KINDS, ENCODER))
        raise WrongUseError(f"--model {model} takes one class for each clip. Of {what} take one of {kinds}")


def _trained(pipeline, clips, valid, out, score, **options):
    """Train, and write the model."""
    from ..persistence._files import write
    from ..persistence._training_clips import with_training_clips
    from ..segments._voting import without_idle_vote
    from ..train import train_on_files

    options["tell"] = _tell if sys.stderr.isatty() else None
    options["validation"] = valid and (valid.data, valid.target)
    training = train_on_files(pipeline, clips.data, clips.target, clips.groups, **score, **options)
    training.model = without_idle_vote(training.model)
    write(with_training_clips(training.model, clips.data.tolist()), out)
    return training


def _tested(model, test, memory, jobs):
    """Evaluate a model on the clips to score on, and name those that cannot be read; None where there are none."""
    if test is None:
        return None
    from .._introspect import with_features
    from ..evaluate import evaluate_files

    if memory is not None:
        model = with_features(model, lambda features: copy.deepcopy(features).set_params(memory=memory))
    target = test.target.tolist() if test.task == CLASS else test.target
    evaluation = evaluate_files(model, test.data.tolist(), target, n_jobs=jobs)
    for error in evaluation.predictions["error"].dropna():
        _tell(error)
    return evaluation


def _best(data, out, as_json, columns, given, validate, **options):
    """Compare, and write the best: what to print."""
    wrong = [f"--{name}" for name, value in given.items() if value is not None]
    if wrong:
        raise WrongUseError(f"{', '.join(wrong)}: no options of --model {AUTO}, which compares models as they are")
    if validate == 0:
        raise WrongUseError(f"--validate 0 leaves --model {AUTO} nothing to compare by")
    folds = validate and max(2, round(1 / validate) if validate < 1 else validate)
    return compared(data, out, as_json, columns, command="train", models=None, folds=folds, **options)


def _made(task, name, parameters, sr, duration, segment):
    """Make the unfitted Pipeline; wrong parameters are wrong use."""
    if name in PUBLISHED and (sr, duration, segment) != (None, None, None):
        raise WrongUseError(f"--sr, --duration and --segment are no options of {name}, which has fixed ones")
    if given := [name for name in OPTION_OF if name in parameters]:
        raise WrongUseError(f"--set {given[0]}: give {OPTION_OF[given[0]]} in place of it")
    from .. import published
    from .._introspect import last_step
    from ..recipes import make_classifier, make_detector, make_regressor
    from ..recipes._sizes import segment_frames

    if task == NUMBERS and name == ENCODER:
        parameters = {key: value for key, value in parameters.items() if key != "random_state"}  # a ridge has none
    try:
        if name in PUBLISHED:
            pipeline = published.make(name, **parameters)
        else:
            sr = sr or 22050
            segment_length = {None: "auto", "auto": "auto", "whole": None}.get(segment, segment)
            if isinstance(segment, float):
                segment_length = segment_frames(segment, sr)
            sizes = {"sr": sr, "segment_length": segment_length}
            if task == EVENTS:
                pipeline = make_detector(name, **sizes, **parameters)
            else:
                make = make_regressor if task == NUMBERS else make_classifier
                pipeline = make(name, **sizes, duration=duration, **parameters)
        last = pipeline[-1]
        last_step(getattr(last, "estimator", last))._validate_params()  # before hours of reading
        return pipeline
    except ValueError as error:
        raise WrongUseError(f"--set: {error}") from error


def _tell(text):
    print(one_line(f"sklaudio train: {text}"), file=sys.stderr, flush=True)
