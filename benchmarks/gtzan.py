"""Genre classifiers on GTZAN: classical baselines against LSTM and BLSTM, under the same folds disjoint by track.

    python benchmarks/gtzan.py                             # on synthetic music, which needs no data
    python benchmarks/gtzan.py --data-home FOLDER          # on the tracks in FOLDER/genres/<genre>/
    python benchmarks/gtzan.py --data-home FOLDER --download
    python benchmarks/gtzan.py --study lr                  # a grid search: lr, layers, features or schedule
    python benchmarks/gtzan.py --published                 # the genre systems of the literature beside ours
    python benchmarks/gtzan.py --folder FOLDER             # on any folder with a folder per class

The settings of the nets were chosen on synthetic music (make_genres), none on the folds of GTZAN.
"""

import sys
import tempfile
from pathlib import Path

import numpy as np
from evaluation import Model, search_with_bar
from presentation import spread, table
from runner import Data, common_arguments, published_models, run
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
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
)
from sklaudio.datasets import fetch_gtzan, load_folder, make_genres

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
    return models + (published_models("genre", arguments.epochs) if arguments.published else [])


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
    """The clips, and what to say about them."""
    if arguments.folder is not None:
        data = load_folder(arguments.folder)
        about = arguments.folder.name, f"{len(data.data)} clips of {len(data.target_names)} classes"
        return Data(*about, data.data, data.target, data.groups, "clip", {})
    if arguments.data_home is None and not arguments.download:
        data = make_genres(arguments.clips, random_state=0)
        about = "make_genres", f"{arguments.clips} clips of synthetic music (random_state=0), not GTZAN"
        return Data(*about, data.data, data.target, data.groups, "track", {}, label="[synthetic] ")
    split = None if arguments.split == "folds" else arguments.split
    data = fetch_gtzan(arguments.data_home, download_if_missing=arguments.download, split=split)
    about = "GTZAN", f"{len(data.data)} of 1000 tracks, {len(data.target_names)} genres"
    return Data(*about, data.data, data.target, data.groups, "track", data.splits)


def study(data, folds, arguments, say):
    """Run one study as a grid search, and print its table."""
    net = LSTMClassifier(**NET, max_epochs=arguments.epochs or 30, random_state=arguments.seeds[0])
    with tempfile.TemporaryDirectory() as memory:
        titles, grid = study_grid(arguments.study, memory)
        pipeline = Pipeline([("features", make_features("genre-33", memory=memory)), ("vote", recurrent(net))])
        search = GridSearchCV(pipeline, grid, cv=folds, refit=False, n_jobs=arguments.n_jobs, error_score="raise")
        search_with_bar(search, data.clips, data.target, n_fits=len(titles) * len(folds), label=say.label)
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
    parser = common_arguments(__doc__, "gtzan", epochs_help="30, and for published systems as published, unless given")
    parser.add_argument("--split", default="folds", choices=["folds", "fault-filtered", "six-genres"])
    parser.add_argument("--study", choices=["lr", "layers", "features", "schedule"], help="run a grid search instead")
    parser.add_argument("--folder", type=Path, help="a folder with a folder per class, in place of GTZAN")
    return parser.parse_args(argv)


def main(argv=None):
    """Run the benchmark; see `runner.run`."""
    return run("gtzan.py", parse(argv), argv, load, make_models, study)


if __name__ == "__main__":
    sys.exit(main())
