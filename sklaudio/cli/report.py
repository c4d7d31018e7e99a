"""``sklaudio report MODEL DATA``."""

import os
import shlex
import sys

from .._utils.terminal import one_line
from ._command import GROUP_BY, JOBS, WrongUseError, argument, command, count, model, new_file, seconds
from ._data import GROUP, LABEL, PATH, ROOT, SEP, SPANS, clips_of, data_argument
from ._streams import without_notes_of_decoders

MAX_CLIPS, MAX_SECONDS = 100, 10.0


def name_of_model(text):
    """Type of an argument: as `model`, for what takes names and shows them."""
    model(text)
    return text


@command(
    argument(
        "model",
        type=name_of_model,
        metavar="MODEL",
        complete="model",
        help="file of a saved model, or name of a pretrained one",
    ),
    data_argument("data", "DATA"),
    argument(
        "--out",
        "-o",
        type=new_file,
        default="report.html",
        metavar="FILE",
        complete="file",
        help="the page to write (%(default)s)",
    ),
    PATH,
    LABEL,
    SEP,
    GROUP,
    *SPANS,
    ROOT,
    GROUP_BY,
    argument(
        "--max-clips", type=count, default=MAX_CLIPS, metavar="N", help="mistakes with player and picture (%(default)s)"
    ),
    argument(
        "--max-seconds", type=seconds, default=MAX_SECONDS, metavar="S", help="sound of each of them (%(default)s)"
    ),
    argument("--title", metavar="TEXT", help="heading (name of the model)"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    JOBS,
)
def report(model, data, *, out, group_by, max_clips, max_seconds, title, as_json, jobs, **columns):
    """Write one HTML page about a model: scores, confusions, and every mistake to listen to.

    DATA should be recordings that the model was not trained on. The page is one
    file, needs no network and loads nothing from elsewhere; it holds the sound of
    mistakes.

    Files that cannot be read count as wrong; they are listed on the page and
    counted on stderr, and the exit code is 1 then.

    Such as:
      sklaudio report model.skops test/ -o report.html
      sklaudio report model.skops test.csv --path file --label species
      sklaudio report words recordings/ --group-by '([^/]+)_nohash' -o words.html
    """
    if columns.pop("sep") is not None:
        raise WrongUseError(
            "--sep: a report is of the one class of each clip. Of several labels there is sklaudio evaluate --sep"
        )
    from ..reporting import report as write

    X, y, groups = _clips(data, group_by, columns)
    options = {**{f"--{name}": value for name, value in columns.items()}, "--group-by": group_by, "--title": title}
    options |= {"--max-clips": max_clips if max_clips != MAX_CLIPS else None}
    options |= {"--max-seconds": max_seconds if max_seconds != MAX_SECONDS else None}
    given = [text for name, value in options.items() if value is not None for text in (name, str(value))]
    line = shlex.join(["sklaudio", "report", model, data, "-o", out, *given])
    limits = {"max_clips": max_clips, "max_seconds": max_seconds}
    with without_notes_of_decoders():
        done = write(model, X, y, path=out, groups=groups, title=title, command=line, n_jobs=jobs, **limits)
    if as_json:
        import json

        print(json.dumps(done._asdict()))
    else:
        low, high = done.accuracy_interval
        right = f"{done.n_right} of {done.n_clips} clips right, {done.accuracy:.1%} ({low:.1%} to {high:.1%})"
        print(one_line(f"{done.path}: {done.n_bytes / 1e6:.1f} MB; {right}"))
    if done.n_unreadable:
        print(f"sklaudio report: {done.n_unreadable} of {done.n_clips} files cannot be predicted", file=sys.stderr)
    return int(done.n_unreadable > 0)


def _clips(data, group_by, columns):
    """Clips, classes and groups, as `sklaudio.report` takes them."""
    if os.path.isdir(data) and not any(columns.values()):
        return data, None, group_by
    clips = clips_of(data, command="report", group_by=group_by, **columns)
    has_groups = group_by is not None or clips.columns["group"] is not None
    return clips.data.tolist(), clips.target, clips.groups if has_groups else None
