"""Genre classifiers on GTZAN: classical baselines against LSTM and BLSTM, under the same folds disjoint by track.

    python benchmarks/gtzan.py                             # on synthetic music, which needs no data
    python benchmarks/gtzan.py --data-home FOLDER          # on the tracks in FOLDER/genres/<genre>/
    python benchmarks/gtzan.py --data-home FOLDER --download
    python benchmarks/gtzan.py --study lr                  # a grid search: lr, layers, features or schedule
    python benchmarks/gtzan.py --published                 # the genre systems of the literature beside ours
    python benchmarks/gtzan.py --folder FOLDER             # on any folder with a folder per class

The settings of the nets were chosen on synthetic music (make_genres), none on the folds of GTZAN.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from evaluation import Model, as_json, data_hash, evaluate, extract, search_with_bar, versions
from presentation import (
    Printer,
    classes_table,
    confusion_table,
    draw,
    save_json,
    spread,
    summary_table,
    table,
    write_section,
)
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklaudio import (
    BLSTMClassifier,
    ChromaTransformer,
    CNNClassifier,
    CRNNClassifier,
    FrameScaler,
    FrameSummary,
    LSTMClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    SegmentVotingClassifier,
    genre_features,
    published,
)
from sklaudio.datasets import fetch_gtzan, load_folder, make_genres

SEGMENTS = {"segment_length": 130, "hop_length": 65}  # 3 s, half overlapped
NET = {"hidden_size": 64, "num_layers": 2, "pooling": "mean", "lr": 3e-3, "dropout": 0.2}


PROTOCOLS = {
    "grouped": "protocol grouped: all segments of a recording on one side of a split",
    "published": "protocol published: segments shuffled, those of a recording on both sides of a split",
}


def classical(estimator):
    """Mean and deviation of each dim over a segment, and a classifier of tables."""
    voting = "soft" if hasattr(estimator, "predict_proba") else "hard"
    return SegmentVotingClassifier(
        make_pipeline(FrameSummary(), StandardScaler(), estimator), voting=voting, **SEGMENTS
    )


def recurrent(net):
    """Scaled frames of a segment, and a net."""
    return SegmentVotingClassifier(Pipeline([("scaler", FrameScaler()), ("net", net)]), **SEGMENTS)


def make_models(arguments):
    """The rows of the table."""
    epochs = {"max_epochs": arguments.epochs or 30}
    rows = {
        "logistic regression": ("mfcc", classical(LogisticRegression(max_iter=2000))),
        "SVM (rbf)": ("mfcc", classical(SVC(C=10))),
        "random forest": ("mfcc", classical(RandomForestClassifier(300, random_state=0))),
        "LSTM": ("genre-33", recurrent(LSTMClassifier(**NET, **epochs))),
        "BLSTM": ("genre-33", recurrent(BLSTMClassifier(**NET, **epochs))),
    }
    if arguments.published:
        rows["CNN"] = ("mel", recurrent(CNNClassifier(**epochs)))
        rows["CRNN"] = ("mel", recurrent(CRNNClassifier(**epochs)))
    models = [Model(name, features, make_features(features), model) for name, (features, model) in rows.items()]
    return models + (published_models(arguments.epochs) if arguments.published else [])


def published_models(epochs):
    """The genre systems of the literature, with the epochs that were published, or so many."""
    models = []
    for name in published.names():
        if name.startswith("genre"):
            pipeline = published.make(name, **({"max_epochs": epochs} if epochs else {}))
            n_dims = len(pipeline["features"].get_feature_names_out())
            figure = published.system(name).figure
            models.append(Model(name, f"{n_dims} dims", pipeline["features"], pipeline[-1], figure))
    return models


def make_features(name, **settings):
    """A feature extractor by name."""
    return {
        "mfcc": MFCCTransformer,
        "mfcc-delta": lambda **settings: MFCCTransformer(delta=2, **settings),
        "mel": lambda **settings: MelSpectrogramTransformer(64, **settings),
        "chroma": ChromaTransformer,
        "genre-33": genre_features,
    }[name](**settings)


def study_grid(name, memory):
    """Parameters of a study, as GridSearchCV takes them: a title for each value shown, and the grid."""
    if name == "features":
        names = ["chroma", "mfcc", "mfcc-delta", "mel", "genre-33"]
        return names, {"features": [make_features(each, memory=memory) for each in names]}
    values = {
        "lr": ("lr", [1e-4, 3e-4, 1e-3, 3e-3, 1e-2]),
        "layers": ("num_layers", [1, 2, 3]),
        "schedule": ("lr_schedule", ["constant", "step", "piecewise", "plateau", "cosine", "one-cycle", "warm-up"]),
    }
    parameter, grid = values[name]
    return [f"{parameter}={value}" for value in grid], {f"vote__estimator__net__{parameter}": grid}


def load(arguments):
    """The clips (files or waveforms), a label for every line, and what to say about them: name and description."""
    if arguments.folder is not None:
        data = load_folder(arguments.folder)
        return data, "", arguments.folder.name, f"{len(data.data)} clips of {len(data.target_names)} classes"
    if arguments.data_home is None and not arguments.download:
        data = make_genres(arguments.clips, random_state=0)
        return (
            data,
            "[synthetic] ",
            "make_genres",
            f"{arguments.clips} clips of synthetic music (random_state=0), not GTZAN",
        )
    split = None if arguments.split == "folds" else arguments.split
    data = fetch_gtzan(arguments.data_home, download_if_missing=arguments.download, split=split)
    return data, "", "GTZAN", f"{len(data.data)} of 1000 tracks, {len(data.target_names)} genres"


def make_folds(data, arguments):
    """Pairs of train and test indices, and how they came about."""
    if data.splits:
        parts = [data.splits[part] for part in ("train", "valid", "test")]
        train, test = np.concatenate(parts[:2]), parts[2]
        if len(set(data.target[train])) < 2 or len(test) == 0:
            raise ValueError(
                f"--split {arguments.split}: of the tracks here {len(train)} are to train and {len(test)} to test on. "
                "Take --split folds, or get the whole archive with --download."
            )
        return [(train, test)], f"{arguments.split}: {len(train)} tracks to train, {len(test)} to test"
    splitter = StratifiedGroupKFold(arguments.folds, shuffle=True, random_state=0)
    folds = list(splitter.split(data.data, data.target, data.groups))
    return folds, f"{arguments.folds} folds, stratified, disjoint by track (random_state=0)"


def compare(data, folds, arguments, say):
    """Fit and score all models under each protocol, and print it all; returns the results and the tables."""
    models = make_models(arguments)
    frames = extract(models, data.data, n_jobs=arguments.n_jobs, say=say)
    protocols = ["grouped", "published"] if arguments.protocol == "both" else [arguments.protocol]
    outcomes, tables = {}, []
    for protocol in protocols:
        results = evaluate(
            models,
            frames,
            data.target,
            folds,
            arguments.seeds,
            n_jobs=arguments.n_jobs,
            label=say.label,
            protocol=protocol,
        )
        for result in results:
            say(
                f"\n{result.name}: clips of all folds and seeds\n\n{classes_table(result)}\n\n{confusion_table(result)}"
            )
        outcomes[protocol] = results
        tables.append(f"{PROTOCOLS[protocol]}\n\n{summary_table(results)}")
    say(f"\nmean ± standard deviation over {len(folds)} folds x {len(arguments.seeds)} seeds\n")
    say("\n\n".join(tables))
    return outcomes, "\n\n".join(tables)


def study(data, folds, arguments, say):
    """Run one study as a grid search, and print its table."""
    net = LSTMClassifier(**NET, max_epochs=arguments.epochs or 30, random_state=arguments.seeds[0])
    with tempfile.TemporaryDirectory() as memory:
        titles, grid = study_grid(arguments.study, memory)
        pipeline = Pipeline([("features", make_features("genre-33", memory=memory)), ("vote", recurrent(net))])
        search = GridSearchCV(pipeline, grid, cv=folds, refit=False, n_jobs=arguments.n_jobs, error_score="raise")
        search_with_bar(search, data.data, data.target, n_fits=len(titles) * len(folds), label=say.label)
    scores = np.array([search.cv_results_[f"split{k}_test_score"] for k in range(len(folds))]).T
    best = scores.mean(axis=1).argmax()
    rows = [
        [title, spread(own), f"{seconds:.1f}", "<- best" if index == best else ""]
        for index, (title, own, seconds) in enumerate(
            zip(titles, scores, search.cv_results_["mean_fit_time"], strict=True)
        )
    ]
    say(f"\nstudy of {arguments.study}: LSTM, mean ± standard deviation over {len(folds)} folds, ")
    say(f"seed {arguments.seeds[0]}\n")
    say(table([arguments.study, "accuracy/clip", "fit s", ""], rows))
    return [{"setting": title, "clip_accuracy": own.tolist()} for title, own in zip(titles, scores, strict=True)]


def parse(argv):
    """Arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="where GTZAN is, or shall be with --download")
    parser.add_argument("--download", action="store_true", help="download GTZAN if it is missing (1.2 GB)")
    parser.add_argument("--split", default="folds", choices=["folds", "fault-filtered", "six-genres"])
    parser.add_argument("--study", choices=["lr", "layers", "features", "schedule"], help="run a grid search instead")
    parser.add_argument("--folder", type=Path, help="a folder with a folder per class, in place of GTZAN")
    parser.add_argument("--published", action="store_true", help="the systems of the literature as well")
    parser.add_argument("--protocol", default="grouped", choices=["grouped", "published", "both"])
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, help="30, and for published systems as published, unless given")
    parser.add_argument("--clips", type=int, default=100, help="clips of synthetic music, where there is no data")
    parser.add_argument("--n-jobs", type=int, default=2, help="processes")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "gtzan")
    return parser.parse_args(argv)


def main(argv=None):
    """Run the benchmark, and write what it found to a folder."""
    arguments = parse(argv)
    start = time.perf_counter()
    try:
        data, label, name, description = load(arguments)
        folds, split = make_folds(data, arguments)
    except (OSError, ValueError) as error:
        print(f"gtzan.py: {error}", file=sys.stderr)
        return 1
    say = Printer(label)
    about = {
        "data": f"{name}, {description}",
        "data_hash": data_hash(data.data),
        "split": split,
        "seeds": arguments.seeds,
    }
    about["versions"] = versions()
    about["command"] = " ".join(["python benchmarks/gtzan.py", *(sys.argv[1:] if argv is None else argv)])
    say("\n".join(f"{name}: {value}" for name, value in about.items()))
    arguments.output.mkdir(parents=True, exist_ok=True)
    if arguments.study:
        path = arguments.output / f"study-{arguments.study}.json"
        save_json(path, **about, results=study(data, folds, arguments, say))
        written = [path]
    else:
        outcomes, tables = compare(data, folds, arguments, say)
        title = f"{label}{name}, {len(data.data)} clips"
        written = draw(arguments.output, next(iter(outcomes.values())), title, about)
        written.append(arguments.output / "results.json")
        save_json(written[-1], **about, results={name: as_json(results) for name, results in outcomes.items()})
        about["seconds"] = round(time.perf_counter() - start)
        if arguments.results is not None:
            write_section(arguments.results, f"Genres: {title}", about, tables)
            written.append(arguments.results)
    say(f"\n{time.perf_counter() - start:.0f} s in all; wrote {', '.join(str(path) for path in written)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
