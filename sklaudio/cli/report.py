"""``sklaudio report MODEL DATA``."""

import os
import shlex
import sys

from .._utils.terminal import one_line
from ._command import GROUP_BY, JOBS, argument, command, count, model, new_file, seconds
from ._data import GROUP, LABELS, PATH, ROOT, SEP, SPANS, data_or_events_argument
from ._evaluated import clips_for, jobs_for
from ._streams import without_notes_of_decoders

MAX_CLIPS, MAX_SECONDS, MAX_EXPLAINED = 100, 10.0, 10


def name_of_model(text):
    """Parse an argument: as `model`, for what takes names and shows them."""
    model(text)
    return text


MODEL = argument(
    "model",
    type=name_of_model,
    metavar="MODEL",
    complete="model",
    help="file of a saved model, or name of a pretrained one",
)


@command(
    MODEL,
    data_or_events_argument("data", "DATA"),
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
    LABELS,
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
    argument(
        "--max-explained",
        type=count,
        default=MAX_EXPLAINED,
        metavar="N",
        help="mistakes with a picture of what speaks for the prediction, which takes time (%(default)s)",
    ),
    argument("--no-map", action="store_true", help="leave out the map of the clips, which takes time"),
    argument("--title", metavar="TEXT", help="heading (name of the model)"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
    JOBS,
)
def report(
    model, data, *, out, group_by, max_clips, max_seconds, max_explained, no_map, title, as_json, jobs, **columns
):
    """Write one HTML page about a model: scores, and the mistakes to look at and listen to.

    DATA should be recordings that the model was not trained on. The page is one
    file, needs no network and loads nothing from elsewhere; it holds the sound of
    mistakes.

    What is on it goes by what the model predicts. Classes: their scores, and which
    are taken for which. Several labels, of a table with --sep, or --label for each
    column of 0 and 1: scores, threshold and curve of each label. Numbers, of a table
    with --label for each column: scores of each, predicted against actual ones, and
    the clips that are furthest off. Events, of annotations (Audacity, Raven, CSV), a
    file or a quoted pattern: scores by event and by segment, hits, missed events and
    false alarms, drawn and played.

    Of a file of sklaudio export (.onnx) the page has scores and mistakes, without what
    takes the parts of the model: explanations, map, parameters.

    Files that cannot be read count as wrong (numbers: are counted); they are listed
    on the page and counted on stderr, and the exit code is 1 then.

    Such as:
      sklaudio report model.skops test/ -o report.html
      sklaudio report model.skops test.csv --path file --label species
      sklaudio report tags.skops test.csv --label tags --sep ';'
      sklaudio report mood.skops test.csv --label valence --label arousal
      sklaudio report detector.skops 'labels/*.txt' --root recordings
      sklaudio report words recordings/ --group-by '([^/]+)_nohash' -o words.html
    """
    from ..plots._display import require_matplotlib
    from ..reporting._write import check_page, load_named, write

    require_matplotlib("report")
    limits = check_page(out, max_clips, max_seconds, max_explained, not no_map)
    named = load_named(model)
    X, y, groups, caveat = _clips(named.model, data, group_by, columns)
    options = {**{f"--{name}": value for name, value in columns.items()}, "--group-by": group_by, "--title": title}
    options |= {"--max-clips": max_clips if max_clips != MAX_CLIPS else None}
    options |= {"--max-seconds": max_seconds if max_seconds != MAX_SECONDS else None}
    options |= {"--max-explained": max_explained if max_explained != MAX_EXPLAINED else None}
    flags = ["--no-map"] if no_map else []
    line = shlex.join(["sklaudio", "report", model, data, "-o", out, *_as_words(options), *flags])
    with without_notes_of_decoders():
        about = {"title": title, "command": line, "caveat": caveat}
        done = write(named, X, y, out, limits, groups=groups, n_jobs=jobs_for(named.model, jobs), **about)
    if as_json:
        import json

        from ._texts.reports import without_nan

        print(json.dumps(without_nan(done._asdict())))
    else:
        from ._texts.reports import report_line

        print(one_line(report_line(done)))
    if done.n_unreadable:
        print(f"sklaudio report: {done.n_unreadable} of {done.n_clips} files cannot be predicted", file=sys.stderr)
    return int(done.n_unreadable > 0)


def _as_words(options):
    """Return the options as they are typed; those that are given several times stand there as often."""
    lists = [(name, value if isinstance(value, list) else [value]) for name, value in options.items()]
    return [word for name, values in lists for value in values if value is not None for word in (name, str(value))]


def _clips(model, data, group_by, columns):
    """Return clips, what they are and groups, as `sklaudio.report` takes them, and what to say of them, or None."""
    from .._inference import kind_of

    clips = clips_for(model, data, command="report", group_by=group_by, **columns)
    if os.path.isdir(data) and kind_of(model) == "classes":
        return data, None, group_by, clips.caveat
    has_groups = group_by is not None or clips.columns.get("group") is not None
    return clips.data.tolist(), clips.target, clips.groups if has_groups else None, clips.caveat
