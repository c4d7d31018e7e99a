"""How every benchmark runs: arguments, folds, models under each protocol, tables, figures, files."""

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from evaluation import Model, as_json, data_hash, evaluate, extract, versions
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
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from studies import conclusions, draw_study, run_study, study_table

from sklaudio import (
    CNNClassifier,
    CRNNClassifier,
    FrameScaler,
    FrameSummary,
    MelSpectrogramTransformer,
    MFCCTransformer,
    published,
)

PROTOCOLS = {
    "grouped": "protocol grouped: folds disjoint by {groups}, all segments of a recording on one side",
    "published": "protocol published: segments or clips shuffled, whatever {groups} they are of",
}


@dataclass
class Data:
    """What a benchmark runs on.

    `clips` are files or waveforms; `label` stands before every line of output, `groups_are` says what the groups are.
    """

    name: str
    description: str
    clips: object
    target: object
    groups: object
    groups_are: str
    splits: dict
    label: str = ""


def common_arguments(description, name, *, epochs_help):
    """A parser with the arguments that all benchmarks share."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="where the data is, or shall be with --download")
    parser.add_argument("--download", action="store_true", help="download the data if it is missing")
    parser.add_argument("--published", action="store_true", help="the systems of the literature as well")
    parser.add_argument("--protocol", default="grouped", choices=["grouped", "published", "both"])
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, help=epochs_help)
    parser.add_argument("--clips", type=int, default=100, help="clips of synthetic sound, where there is no data")
    parser.add_argument(
        "--on-error", default="raise", choices=["raise", "warn"],
        help="what becomes of files that cannot be read: end, or go on and count them as wrong",
    )  # fmt: skip
    parser.add_argument("--n-jobs", type=int, default=2, help="processes")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / name)
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


def spectral_models(arguments, *, n_mels, default_epochs, **frames):
    """Ours on spectra of whole clips: a linear baseline on summarized MFCCs, and nets on mel bands."""
    epochs = {"max_epochs": arguments.epochs or default_epochs}
    mfcc, mel = MFCCTransformer(n_mels=n_mels, **frames), MelSpectrogramTransformer(n_mels, **frames)
    linear = make_pipeline(FrameSummary(), StandardScaler(), LogisticRegression(max_iter=2000))
    models = [Model("logistic regression", "mfcc", mfcc, linear)]
    for name, net in (("CNN", CNNClassifier(**epochs)), ("CRNN", CRNNClassifier(**epochs))):
        models.append(Model(name, "mel", mel, Pipeline([("scaler", FrameScaler()), ("net", net)])))
    return models


def make_folds(data, arguments):
    """Pairs of train and test indices, and how they came about."""
    if data.splits:
        parts = [data.splits[part] for part in ("train", "valid", "test")]
        train, test = np.concatenate(parts[:2]), parts[2]
        if len(set(data.target[train])) < 2 or len(test) == 0:
            raise ValueError(
                f"--split {arguments.split}: of the clips here {len(train)} are to train and {len(test)} to test on. "
                "Take --split folds, or get the whole archive with --download."
            )
        return [(train, test)], f"{arguments.split}: {len(train)} clips to train, {len(test)} to test"
    splitter = StratifiedGroupKFold(arguments.folds, shuffle=True, random_state=0)
    folds = list(splitter.split(data.clips, data.target, data.groups))
    return folds, f"{arguments.folds} folds, stratified, disjoint by {data.groups_are} (random_state=0)"


def compare(models, data, folds, arguments, say):
    """Fit and score all models under each protocol, and print it all; returns the results and the tables."""
    frames = extract(models, data.clips, n_jobs=arguments.n_jobs, on_error=arguments.on_error, say=say)
    protocols = list(PROTOCOLS) if arguments.protocol == "both" else [arguments.protocol]
    settings = {"n_jobs": arguments.n_jobs, "label": say.label}
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
        folds, split = make_folds(data, arguments)
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
    if make_study is not None and arguments.study:
        title, written, tables = explore(make_study, data, folds, arguments, title, about, say)
    else:
        outcomes, tables = compare(make_models(arguments), data, folds, arguments, say)
        written = draw(arguments.output, next(iter(outcomes.values())), title, about)
        written.append(arguments.output / "results.json")
        save_json(written[-1], **about, results={name: as_json(results) for name, results in outcomes.items()})
    if arguments.results is not None:
        about["seconds"] = round(time.perf_counter() - start)
        write_section(arguments.results, title, about, tables)
        written.append(arguments.results)
    say(f"\n{time.perf_counter() - start:.0f} s in all; wrote {', '.join(str(path) for path in written)}")
    return 0
