"""``sklaudio compare DATA``."""

import argparse
import json
import os
import sys

from .._utils.terminal import one_line
from ._command import GROUP_BY, JOBS, WrongUseError, argument, command, count, new_file, positive_seconds
from ._data import FOLD, GROUP, LABELS, PATH, ROOT, SEP, SPANS, clips_of, data_or_events_argument, folds_of
from ._group_hint import hint_for
from ._model_names import ENCODERS, KINDS
from ._streams import without_notes_of_decoders
from ._tasks import EVENTS, NUMBERS, TASK

DEFAULT_FOLDS = 5
SUMMARIES = ("majority", "mfcc-logistic", "mfcc-svm", "mean", "mfcc-ridge")
UNITS = {"s": 1, "m": 60, "h": 3600}


def budget(text):
    """Parse an argument: seconds, minutes or hours above 0, as in 90, 90s, 10m and 1.5h."""
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, "s")
    try:
        return positive_seconds(number) * UNITS[unit]
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} must be a time such as 90s, 10m or 1.5h") from None


def names(text):
    """Parse an argument: names with commas between them."""
    return [name for name in text.split(",") if name]


def folds(text):
    """Parse an argument: 2 or more."""
    if count(text) < 2:
        raise argparse.ArgumentTypeError(f"{text} must be 2 or more")
    return int(text)


@command(
    data_or_events_argument("data", "DATA"),
    TASK,
    argument("--out", "-o", type=new_file, metavar="FILE", complete="file", help="write the best, fitted on all clips"),
    PATH,
    LABELS,
    SEP,
    GROUP,
    FOLD,
    *SPANS,
    ROOT,
    GROUP_BY,
    argument("--budget", type=budget, metavar="TIME", help="such as 90s, 10m or 1.5h (as long as it takes)"),
    argument(
        "--models",
        type=names,
        metavar="NAME,…",
        complete=(*SUMMARIES, *ENCODERS, *KINDS),
        help=f"of {', '.join(SUMMARIES)}, the encoders and kinds that sklaudio models lists (a choice of them)",
    ),
    argument("--folds", type=folds, metavar="N", help="number of folds (5, or as many as groups, or those of a table)"),
    argument("--sr", type=count, default=22050, metavar="HZ", help="rate that files are resampled to (%(default)s)"),
    argument("--seed", type=int, default=0, metavar="N", help="of folds and nets (%(default)s)"),
    argument("--memory", metavar="DIR", complete="folder", help="keep features there, for the next time"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    JOBS,
)
def compare(data, *, task, out, as_json, path, label, sep, group, fold, start, end, root, **options):
    r"""Compare models on a folder per class, a table or annotations: which of them for these recordings?

    All are scored on the same clips that their training did not have: folds of
    whole groups (--group-by names the speaker, artist or recording; each clip is a
    separate group without), or those of a table. Prints a row for each, the best
    first: accuracy and its 95% interval, the p-value of a corrected t-test against
    the best, log loss, seconds and size. Of several labels (--sep, or a --label for
    each column of 0 and 1) the score is the mean average precision; of numbers (what
    columns hold, or --task regression) it is R2, with the mean absolute error beside.
    Of events (annotations of recordings) it is the F1 of events, with that of segments
    of 1 s beside, and models are the nets that sklaudio train takes for them.

    A model that fails, or does not fit into --budget, is a row that says why. Cheap
    ones come first. With --out the best is fitted on all clips and written. Files that
    cannot be read are named and left out.

    Such as:
      sklaudio compare recordings/ --budget 10m --out best.skops
      sklaudio compare speech/ --group-by 'speaker(\d+)' --sr 16000
      sklaudio compare meta.csv --path filename --label category --fold fold
      sklaudio compare music/ --models mfcc-svm,musicnn-msd,crnn --json
      sklaudio compare tags.csv --label tags --sep ';'
      sklaudio compare songs.csv --label valence --label arousal --group song
      sklaudio compare 'labels/*.txt' --root recordings --models lstm,cnn,crnn
    """
    columns = {"path": path, "label": label, "group": group, "fold": fold, "root": root, "start": start, "end": end}
    columns["sep"] = sep
    print(compared(data, out, as_json, columns, command="compare", task=task, **options))


def compared(
    data, out, as_json, columns, *, command, task, group_by, budget, models, folds, sr, seed, memory, jobs, card=None
):
    """Compare, write the best, and return what to print."""
    from sklearn.utils import _safe_indexing

    from .._utils.group_split import splits_of_kept
    from ..comparison import candidates, compare
    from ..persistence._files import write
    from ..persistence._training_clips import with_training_clips
    from ..segments._voting import without_idle_vote

    clips = clips_of(data, command=command, group_by=group_by, task=task, **columns)
    try:
        models = candidates(models or "auto", sr=sr, random_state=seed, task=clips.task)
    except ValueError as error:
        raise WrongUseError(f"--{error}") from error
    splits = folds_of(clips, columns, folds)
    hint_for(command, clips, columns, group_by)
    with without_notes_of_decoders():
        is_readable = _readable(clips.data, sr, jobs)
        comparison = compare(
            clips.data[is_readable],
            _safe_indexing(clips.target, is_readable),
            groups=clips.groups[is_readable],
            models=models,
            cv=splits_of_kept(splits, is_readable) if splits else folds or _default_folds(clips.groups[is_readable]),
            budget=budget,
            random_state=seed,
            memory=memory,
            n_jobs=jobs,
            task=clips.task,
        )
    if out is not None:
        best = without_idle_vote(comparison.best_estimator_)
        write(with_training_clips(best, clips.data[is_readable].tolist()), out)
    if card is not None:
        with without_notes_of_decoders():
            write_card(card, comparison.best_estimator_, clips, comparison)
    unreadable = list(map(str, clips.data[~is_readable]))
    if as_json:
        return _as_json(comparison, clips, out, unreadable)
    return _as_text(comparison, out, unreadable)


def _default_folds(groups):
    """Return five folds, or as many as there are groups; a note says so."""
    n_groups = len(set(groups.tolist()))
    if not 2 <= n_groups < DEFAULT_FOLDS:
        return DEFAULT_FOLDS
    print(f"sklaudio compare: {n_groups} groups, so --folds {n_groups}", file=sys.stderr, flush=True)
    return n_groups


def write_card(path, model, clips, evaluation):
    """Write the card of a model, whole or not at all."""
    from .._utils.atomic_write import atomic_write
    from ..reporting import card

    text = card(model, clips, evaluation=evaluation).render()
    with atomic_write(path, "card.md") as file:
        file.write(text.encode())


def _readable(files, sr, jobs):
    """List which of the files can be decoded; a warning names each of the others."""
    import numpy as np

    from ..features import RMSTransformer

    frames = RMSTransformer(sr=sr, on_error="warn", n_jobs=jobs)
    is_readable = np.array([len(clip) > 0 for clip in frames.fit_transform(files.tolist())], dtype=bool)
    if not is_readable.any():
        raise ValueError(f"none of the {len(files)} files can be read.")
    return is_readable


def _as_text(comparison, out, unreadable):
    lines = [f"files that cannot be read, and were left out: {len(unreadable)}"] if unreadable else []
    lines += [line.rstrip() for line in repr(comparison).splitlines()]
    if out is not None:
        lines.append(
            f"{comparison.best_} fitted on all clips and written to {out} ({os.path.getsize(out) / 1e6:.1f} MB)"
        )
    return "\n".join(map(one_line, lines))


def _as_json(comparison, clips, out, unreadable):
    rows = json.loads(comparison.table_.reset_index().to_json(orient="records", double_precision=6))
    kind, names = _named(clips, comparison.best_estimator_)
    found = {"best": comparison.best_, "out": out, "task": clips.task, kind: list(map(str, names))}
    found |= {"folds": len(comparison.folds_)}
    return json.dumps(found | {"unreadable": unreadable, "models": rows}, indent=1)


def _named(clips, best):
    """Return what the classes, labels or targets are called, and these."""
    if clips.task == EVENTS:
        return "labels", best.classes_
    if clips.target.ndim == 2:
        return "targets" if clips.task == NUMBERS else "labels", clips.target.columns
    return ("targets", [clips.target.name]) if clips.task == NUMBERS else ("classes", best.classes_)
