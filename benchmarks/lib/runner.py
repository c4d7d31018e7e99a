"""How a benchmark of a dataset runs: arguments, folds, models under each protocol, tables, figures, files."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from sklaudio.encoders import card
from sklaudio.encoders._registry import installed_names

from .calibration import check_temperature
from .configurations import BENCHMARKS
from .evaluation import as_json, data_hash, evaluate, extract, versions
from .models import chosen
from .presentation import (
    Printer,
    classes_table,
    confusion_table,
    draw,
    save_figure,
    save_json,
    summary_table,
)
from .results_page import write_section
from .studies import conclusions, draw_study, run_study, study_table
from .tasks import TASKS, make_folds

PROTOCOLS = {
    "grouped": "protocol grouped: folds disjoint by {groups}, all segments of a recording on one side",
    "published": "protocol published: segments or clips shuffled, whatever {groups} they are of",
}


SYNTHETIC_EPOCHS = 15  # a look at the tables, in minutes
EPOCHS_HELP = f"those of each net, unless given; {SYNTHETIC_EPOCHS} on synthetic sound"


def parse(name, description, argv):
    """Read the command line of a benchmark."""
    benchmark = BENCHMARKS[name]
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="where the data is, or shall be with --download")
    parser.add_argument("--download", action="store_true", help="download the data if it is missing")
    parser.add_argument("--published", action="store_true", help="the systems of the literature as well")
    parser.add_argument("--calibrate", action="store_true", help="a temperature for our nets, by 3 more fits each")
    parser.add_argument("--ensemble", type=int, metavar="N", help="a row of the mean of N of our CRNNs, by seed")
    parser.add_argument("--models", nargs="+", metavar="NAME", help="these rows of the table alone")
    parser.add_argument("--protocol", default="grouped", choices=["grouped", "published", "both"])
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", help="0 1 2; 0 alone on synthetic sound")
    parser.add_argument("--epochs", type=int, help=EPOCHS_HELP)
    parser.add_argument("--clips", type=int, default=100, help="clips of synthetic sound, where there is no data")
    parser.add_argument(
        "--on-error", default="raise", choices=["raise", "warn"],
        help="what becomes of files that cannot be read: end, or go on and count them as wrong",
    )  # fmt: skip
    parser.add_argument("--n-jobs", type=int, default=2, help="processes")
    parser.add_argument("--output", type=Path, default=Path(__file__).parents[1] / "results" / name)
    parser.set_defaults(split=TASKS[benchmark.task].split)
    parser.add_argument(f"--{benchmark.option}", **benchmark.option_settings)
    if benchmark.studies:
        parser.add_argument("--study", choices=list(benchmark.studies), help="run a grid search instead")
    if benchmark.takes_folders:
        parser.add_argument("--folder", type=Path, help="a folder with a folder per class, in place of the set")
    return parser.parse_args(argv)


def compare(models, data, folds, arguments, title, about, say):
    """Fit and score all models under each protocol, print it and write it down; returns title, files, and tables."""
    frames = extract(models, data.clips, n_jobs=arguments.n_jobs, on_error=arguments.on_error, say=say)
    protocols = list(PROTOCOLS) if arguments.protocol == "both" else [arguments.protocol]
    settings = {"n_jobs": arguments.n_jobs, "label": say.label, "groups": data.groups}
    outcomes, tables = {}, []
    for protocol in protocols:
        results = evaluate(models, frames, data.target, folds, arguments.seeds, protocol=protocol, **settings)
        for result in results:
            say(f"\n{result.name}: clips of all folds and seeds\n")
            say(f"{classes_table(result)}\n\n{confusion_table(result)}")
        outcomes[protocol] = results
        tables.append(f"{PROTOCOLS[protocol].format(groups=data.groups_are)}\n\n{summary_table(results)}")
    say(f"\nmean ± standard deviation over {len(folds)} folds x {len(arguments.seeds)} seeds\n")
    say("\n\n".join(tables))
    title += f": {', '.join(arguments.models)}" if arguments.models else ""
    written = draw(arguments.output, next(iter(outcomes.values())), title, about)
    written.append(arguments.output / "results.json")
    save_json(written[-1], **about, results={name: as_json(results) for name, results in outcomes.items()})
    return title, written, "\n\n".join(tables)


def explore(make_study, data, folds, arguments, title, about, say):
    """Run a study, print it and write it down; returns title, files, and what was printed."""
    with tempfile.TemporaryDirectory() as memory:
        study, pipeline = make_study(arguments, memory)
        scores, seconds = run_study(study, pipeline, data, folds, arguments, label=say.label)
    sentences = conclusions(study, scores, folds)
    text = "\n\n".join([study_table(study, scores, seconds), *sentences])
    say(f"\n{study.title}: mean ± standard deviation over {len(folds)} folds x {len(arguments.seeds)} seeds\n\n{text}")
    title = f"{title}: {study.title}"
    written = [arguments.output / f"study-{arguments.study}.{kind}" for kind in ("png", "json")]
    save_figure(written[0], draw_study(study, scores, title), about)
    rows = [
        {"setting": names, "clip_accuracy": accuracies.tolist(), "fit_seconds": duration}
        for (names, _), accuracies, duration in zip(study.settings, scores, seconds.tolist(), strict=True)
    ]
    save_json(written[1], **about, results=rows, conclusions=sentences)
    return title, written, text


def run(name, description, argv=None):
    """Run a benchmark, and write what it found to a folder.

    Parameters
    ----------
    name : str
        One of `BENCHMARKS`, as the script that runs it is called.
    description : str
        Text above the list of options.
    argv : list of str or None, default=None
        Arguments of the command line; None takes those of this process.

    Returns
    -------
    int
        The exit status.
    """
    start, benchmark, arguments = time.perf_counter(), BENCHMARKS[name], parse(name, description, argv)
    is_study = getattr(arguments, "study", None) is not None
    try:
        data = benchmark.load(arguments)
        folds, split = make_folds(data, arguments.folds, arguments.split)
        if arguments.calibrate:
            check_temperature(data.target, folds)
        if arguments.seeds is None:
            arguments.seeds = [0] if data.label else [0, 1, 2]
        if arguments.epochs is None and data.label:
            arguments.epochs = SYNTHETIC_EPOCHS
        models = [] if is_study else chosen(benchmark.make_models(arguments), arguments.models)
    except (OSError, ValueError) as error:
        print(f"{name}.py: {error}", file=sys.stderr)
        return 1
    say = Printer(data.label)
    about = {
        "data": f"{data.name}, {data.description}",
        "data_hash": data_hash(data.clips),
        "split": split,
        "seeds": arguments.seeds,
        "versions": versions(),
        "command": " ".join([f"python benchmarks/{name}.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    say("\n".join(f"{key}: {value}" for key, value in about.items()))
    if not (is_study or installed_names()):
        get = card("google-speech")["how_to_get"]
        say(f"no pretrained encoder is installed, so that none is in the table. To get one: {get}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    title = f"{data.label}{data.name}, {len(data.clips)} clips"
    if is_study:
        title, written, tables = explore(benchmark.study, data, folds, arguments, title, about, say)
    else:
        title, written, tables = compare(models, data, folds, arguments, title, about, say)
    if arguments.results is not None:
        about["seconds"] = round(time.perf_counter() - start)
        group = "other" if getattr(arguments, "folder", None) is not None else benchmark.task
        write_section(arguments.results, group, title, about, tables)
        written.append(arguments.results)
    say(f"\n{time.perf_counter() - start:.0f} s in all; wrote {', '.join(str(path) for path in written)}")
    return 0
