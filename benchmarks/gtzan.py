"""Genre classifiers on GTZAN: classical baselines against LSTM and BLSTM, under the same folds disjoint by track.

    python benchmarks/gtzan.py                             # on synthetic music, which needs no data
    python benchmarks/gtzan.py --data-home FOLDER          # on the tracks in FOLDER/genres/<genre>/
    python benchmarks/gtzan.py --data-home FOLDER --download
    python benchmarks/gtzan.py --study lr                  # a grid search: lr, layers, features or schedule

The settings of the nets were chosen on synthetic music (make_genres), none on the folds of GTZAN.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from evaluation import as_json, data_hash, evaluate, search_with_bar, versions
from presentation import Printer, classes_table, confusion_table, draw, save_json, spread, summary_table, table
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from sklaudio import (
    BLSTMClassifier,
    ChromaTransformer,
    FrameScaler,
    FrameSummary,
    LSTMClassifier,
    MelSpectrogramTransformer,
    MFCCTransformer,
    SegmentVotingClassifier,
    genre_features,
)
from sklaudio.datasets import fetch_gtzan, make_genres

SEGMENTS = {"segment_length": 130, "hop_length": 65}  # 3 s, half overlapped
NET = {"hidden_size": 64, "num_layers": 2, "pooling": "mean", "lr": 3e-3, "dropout": 0.2}


def classical(estimator):
    """Mean and deviation of each dim over a segment, and a classifier of tables."""
    voting = "soft" if hasattr(estimator, "predict_proba") else "hard"
    return SegmentVotingClassifier(
        make_pipeline(FrameSummary(), StandardScaler(), estimator), voting=voting, **SEGMENTS
    )


def recurrent(net):
    """Scaled frames of a segment, and a net."""
    return SegmentVotingClassifier(Pipeline([("scaler", FrameScaler()), ("net", net)]), **SEGMENTS)


def make_models(epochs):
    """Features and classifier of each row of the table."""
    return {
        "logistic regression": ("mfcc", classical(LogisticRegression(max_iter=2000))),
        "SVM (rbf)": ("mfcc", classical(SVC(C=10))),
        "random forest": ("mfcc", classical(RandomForestClassifier(300, random_state=0))),
        "LSTM": ("genre-33", recurrent(LSTMClassifier(**NET, max_epochs=epochs))),
        "BLSTM": ("genre-33", recurrent(BLSTMClassifier(**NET, max_epochs=epochs))),
    }


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
    """The clips (files or waveforms), and what to say about them."""
    if arguments.data_home is None and not arguments.download:
        data = make_genres(arguments.clips, random_state=0)
        return data, "[synthetic] ", f"make_genres({arguments.clips}, random_state=0): synthetic music, not GTZAN"
    split = None if arguments.split == "folds" else arguments.split
    data = fetch_gtzan(arguments.data_home, download_if_missing=arguments.download, split=split)
    return data, "", f"GTZAN, {len(data.data)} of 1000 tracks, {len(data.target_names)} genres"


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
    """Fit and score all models, and print it all."""
    models = make_models(arguments.epochs)
    frames = {}
    for name in sorted({features for features, _ in models.values()}):
        start = time.perf_counter()
        frames[name] = make_features(name, n_jobs=arguments.n_jobs).fit_transform(data.data)
        say(f"{name}: {frames[name][0].shape[1]} dims of {len(data.data)} clips in {time.perf_counter() - start:.1f} s")
    results = evaluate(models, frames, data.target, folds, arguments.seeds, n_jobs=arguments.n_jobs, label=say.label)
    for result in results:
        say(f"\n{result.name}: clips of all folds and seeds\n\n{classes_table(result)}\n\n{confusion_table(result)}")
    say(f"\nmean ± standard deviation over {len(folds)} folds x {len(arguments.seeds)} seeds\n")
    say(summary_table(results))
    return results


def study(data, folds, arguments, say):
    """Run one study as a grid search, and print its table."""
    net = LSTMClassifier(**NET, max_epochs=arguments.epochs, random_state=arguments.seeds[0])
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
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--clips", type=int, default=100, help="clips of synthetic music, where there is no data")
    parser.add_argument("--n-jobs", type=int, default=2, help="processes")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "gtzan")
    return parser.parse_args(argv)


def main(argv=None):
    """Run the benchmark, and write what it found to a folder."""
    arguments = parse(argv)
    start = time.perf_counter()
    try:
        data, label, description = load(arguments)
        folds, split = make_folds(data, arguments)
    except (OSError, ValueError) as error:
        print(f"gtzan.py: {error}", file=sys.stderr)
        return 1
    say = Printer(label)
    about = {"data": description, "data_hash": data_hash(data.data), "split": split, "seeds": arguments.seeds}
    about["versions"] = versions()
    say("\n".join(f"{name}: {value}" for name, value in about.items()))
    arguments.output.mkdir(parents=True, exist_ok=True)
    if arguments.study:
        path = arguments.output / f"study-{arguments.study}.json"
        save_json(path, **about, results=study(data, folds, arguments, say))
        written = [path]
    else:
        results = compare(data, folds, arguments, say)
        title = f"{label}{'make_genres' if label else 'GTZAN'}, {len(data.data)} clips"
        written = draw(arguments.output, results, title, about)
        written.append(arguments.output / "results.json")
        save_json(written[-1], **about, results=as_json(results))
    say(f"\n{time.perf_counter() - start:.0f} s in all; wrote {', '.join(str(path) for path in written)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
