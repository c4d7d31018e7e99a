"""How every benchmark runs: arguments, folds, models under each protocol, tables, figures, files."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from calibration import check_temperature
from evaluation import Model, as_json, data_hash, evaluate, extract, seeded, versions
from presentation import (
    Printer,
    classes_table,
    confusion_table,
    draw,
    save_figure,
    save_json,
    summary_table,
    write_section,
)
from sklearn.ensemble import VotingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from studies import conclusions, draw_study, run_study, study_table
from tasks import make_folds

from sklaudio import FrameSummary, published
from sklaudio.recipes import ON_MELS

PROTOCOLS = {
    "grouped": "protocol grouped: folds disjoint by {groups}, all segments of a recording on one side",
    "published": "protocol published: segments or clips shuffled, whatever {groups} they are of",
}


SYNTHETIC_EPOCHS = 15  # a look at the tables, in minutes
EPOCHS_HELP = f"those of each net, unless given; {SYNTHETIC_EPOCHS} on synthetic sound"
OTHER_MEMBER = 1000  # from the seed of one member of an ensemble to that of the next


def common_arguments(description, name):
    """A parser with the arguments that all benchmarks share."""
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
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / name)
    parser.set_defaults(split="folds")
    return parser


def published_models(prefix, epochs):
    """The systems of the literature whose names begin so, with the epochs that were published, or so many."""
    models = []
    for name in published.names():
        if name.startswith(prefix):
            pipeline = published.make(name, **({"max_epochs": epochs} if epochs else {}))
            n_dims = len(pipeline["features"].get_feature_names_out())
            figure = published.system(name).figure
            models.append(Model(name, f"{n_dims} dims", pipeline["features"], pipeline[-1], figure))
    return models


def recipe_models(arguments, task, kinds=("cnn", "crnn"), **settings):
    """Our nets, as `make_classifier` makes them for a task; `settings` are of the net."""
    settings |= {"max_epochs": arguments.epochs} if arguments.epochs else {}
    models = []
    for kind in kinds:
        pipeline = task.make(kind, **settings)
        row = {"features_name": "mel" if kind in ON_MELS else "mfcc", "features": pipeline[:-1]}
        row |= {"calibrate": arguments.calibrate}
        models.append(Model(kind.upper(), classifier=pipeline[-1], **row))
        if kind == "crnn" and arguments.ensemble:
            models.append(Model(f"CRNN x {arguments.ensemble}", classifier=ensemble(models[-1], arguments), **row))
    return models


def ensemble(model, arguments):
    """The mean of the probabilities of several models that differ in their seeds."""
    members = [
        (f"member{index}", seeded(model.classifier, index * OTHER_MEMBER)) for index in range(arguments.ensemble)
    ]
    return VotingClassifier(members, voting="soft")


def spectral_models(arguments, task):
    """Ours on spectra: a linear baseline on summarized MFCCs of whole clips, and nets on mel bands."""
    linear = make_pipeline(FrameSummary(), StandardScaler(), LogisticRegression(max_iter=2000))
    baseline = Model("logistic regression", "mfcc", task.make("lstm")["features"], linear)
    return [baseline, *recipe_models(arguments, task)]


def chosen(models, names):
    """The models of these names, or all for None."""
    known = [model.name for model in models]
    unknown = sorted(set(names or ()) - set(known))
    if unknown:
        raise ValueError(f"--models {', '.join(unknown)}: no row of this table, which has {', '.join(known)}.")
    return [model for model in models if names is None or model.name in names]


def compare(models, data, folds, arguments, say):
    """Fit and score all models under each protocol, and print it all; returns the results and the tables."""
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
    return outcomes, "\n\n".join(tables)


def explore(make_study, data, folds, arguments, title, about, say):
    """Run a study, print it and write it down; returns its title, the files and what was printed."""
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
        {"setting": names, "clip_accuracy": own.tolist(), "fit_seconds": duration}
        for (names, _), own, duration in zip(study.settings, scores, seconds.tolist(), strict=True)
    ]
    save_json(written[1], **about, results=rows, conclusions=sentences)
    return title, written, text


def run(script, arguments, argv, load, make_models, make_study=None):
    """Run a benchmark, and write what it found to a folder; returns the exit status.

    Parameters
    ----------
    script : str
        Its file name.
    arguments : argparse.Namespace
        The parsed arguments.
    argv : list of str or None
        What was parsed.
    load : callable
        Arguments in, Data out.
    make_models : callable
        Arguments in, list of Model out.
    make_study : callable or None
        Arguments and a folder for features in, the Study of ``--study`` and its Pipeline out.
    """
    start = time.perf_counter()
    try:
        data = load(arguments)
        folds, split = make_folds(data, arguments.folds, arguments.split)
        if arguments.calibrate:
            check_temperature(data.target, folds)
        if arguments.seeds is None:
            arguments.seeds = [0] if data.label else [0, 1, 2]
        if arguments.epochs is None and data.label:
            arguments.epochs = SYNTHETIC_EPOCHS
        is_study = make_study is not None and arguments.study
        models = [] if is_study else chosen(make_models(arguments), arguments.models)
    except (OSError, ValueError) as error:
        print(f"{script}: {error}", file=sys.stderr)
        return 1
    say = Printer(data.label)
    about = {
        "data": f"{data.name}, {data.description}",
        "data_hash": data_hash(data.clips),
        "split": split,
        "seeds": arguments.seeds,
        "versions": versions(),
        "command": " ".join([f"python benchmarks/{script}", *(sys.argv[1:] if argv is None else argv)]),
    }
    say("\n".join(f"{name}: {value}" for name, value in about.items()))
    arguments.output.mkdir(parents=True, exist_ok=True)
    title = f"{data.label}{data.name}, {len(data.clips)} clips"
    if is_study:
        title, written, tables = explore(make_study, data, folds, arguments, title, about, say)
    else:
        title += f": {', '.join(arguments.models)}" if arguments.models else ""
        outcomes, tables = compare(models, data, folds, arguments, say)
        written = draw(arguments.output, next(iter(outcomes.values())), title, about)
        written.append(arguments.output / "results.json")
        save_json(written[-1], **about, results={name: as_json(results) for name, results in outcomes.items()})
    if arguments.results is not None:
        about["seconds"] = round(time.perf_counter() - start)
        write_section(arguments.results, title, about, tables)
        written.append(arguments.results)
    say(f"\n{time.perf_counter() - start:.0f} s in all; wrote {', '.join(str(path) for path in written)}")
    return 0
