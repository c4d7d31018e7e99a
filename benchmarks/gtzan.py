"""Genre classifiers on GTZAN: classical baselines against nets, under the same folds disjoint by track.

    python benchmarks/gtzan.py                             # on synthetic music, which needs no data
    python benchmarks/gtzan.py --data-home FOLDER          # on the tracks in FOLDER/genres/<genre>/
    python benchmarks/gtzan.py --data-home FOLDER --download
    python benchmarks/gtzan.py --study layers              # a grid search; --help names them all
    python benchmarks/gtzan.py --published                 # the genre systems of the literature beside ours
    python benchmarks/gtzan.py --folder FOLDER             # on any folder with a folder per class

CNN and CRNN are those of `make_classifier`; that of the CRNN was chosen inside training parts, see docs/recipe.md. LSTM
and BLSTM have settings chosen on synthetic music (make_genres), none on the folds of GTZAN.
"""

import sys
from pathlib import Path

from evaluation import Model
from runner import common_arguments, published_models, recipe_models, run
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from studies import NET, crossed, of_net, of_segments
from tasks import TASKS, Data

from sklaudio import (
    ChromaTransformer,
    CNNClassifier,
    DenseClassifier,
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
SETTINGS = {"hidden_size": 64, "num_layers": 2, "pooling": "mean", "lr": 3e-3, "dropout": 0.2}
TASK = TASKS["genres"]
STUDIES = {
    "lr": "learning rate and schedule, LSTM",
    "layers": "number of layers, LSTM",
    "layers-features": "one more layer, fewer features, LSTM",
    "features": "features, LSTM",
    "direction": "LSTM against BLSTM",
    "optimizer": "SGD against Adam and their rates, LSTM",
    "segments": "length of segments, LSTM",
    "networks": "dense against CNN against LSTM, on mel bands",
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
    rows = {
        "logistic regression": LogisticRegression(max_iter=2000),
        "SVM (rbf)": SVC(C=10),
        "random forest": RandomForestClassifier(300, random_state=0),
    }
    models = [Model(name, "mfcc", make_features("mfcc"), classical(row)) for name, row in rows.items()]
    models += recipe_models(arguments, TASK, ("lstm", "blstm"), **SETTINGS)
    models += recipe_models(arguments, TASK)
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


def make_study(arguments, memory):
    """The study asked for, and the Pipeline that it varies; features are kept in the folder `memory`."""
    epochs = {"max_epochs": arguments.epochs} if arguments.epochs else {}
    lstm = LSTMClassifier(**SETTINGS, **epochs)

    def features(*names):
        return {own: {"features": make_features(own, memory=memory)} for own in names}

    rates = {"adam": (1e-3, 3e-3), "sgd": (3e-2, 1e-1)}  # each near its usual one
    optimizers = {
        f"{optimizer} {lr:g}": {f"{NET}__optimizer": optimizer, f"{NET}__lr": lr}
        for optimizer, own in rates.items()
        for lr in own
    }
    schedules = of_net("lr_schedule", ["constant", "piecewise", "plateau", "cosine", "one-cycle"])
    directions = {"LSTM": {f"{NET}__bidirectional": False}, "BLSTM": {f"{NET}__bidirectional": True}}
    nets = {"dense": DenseClassifier(**epochs), "CNN": CNNClassifier(**epochs), "LSTM": lstm}
    nets = {title: features("mel")["mel"] | {NET: net} for title, net in nets.items()}
    varied = {
        "lr": {"schedule": schedules, "lr": of_net("lr", [1e-3, 3e-3, 1e-2])},
        "layers": {"layers": of_net("num_layers", [1, 2, 3])},
        "layers-features": {"features": features("genre-33", "mfcc"), "layers": of_net("num_layers", [2, 3])},
        "features": {"features": features("chroma", "mfcc", "mfcc-delta", "mel", "genre-33")},
        "direction": {"net": directions},
        "optimizer": {"optimizer": optimizers},
        "segments": {"segments": of_segments([1, 2, 3, 5, 10])},
        "networks": {"net": nets},
    }
    pipeline = Pipeline([("features", make_features("genre-33", memory=memory)), ("vote", recurrent(lstm))])
    return crossed(STUDIES[arguments.study], **varied[arguments.study]), pipeline


def load(arguments):
    """The clips, and what to say about them."""
    if arguments.folder is not None:
        data = load_folder(arguments.folder)
        about = arguments.folder.name, f"{len(data.data)} clips of {len(data.target_names)} classes"
        return Data(*about, data.data, data.target, data.groups, "clip", {})
    if arguments.data_home is None and not arguments.download:
        data = make_genres(arguments.clips, random_state=0)
        about = "make_genres", f"{arguments.clips} clips of synthetic music (random_state=0), not GTZAN"
        return Data(*about, data.data, data.target, data.groups, TASK.groups_are, {}, label="[synthetic] ")
    split = None if arguments.split == "folds" else arguments.split
    data = fetch_gtzan(arguments.data_home, download_if_missing=arguments.download, split=split)
    about = TASK.title, f"{len(data.data)} of 1000 tracks, {len(data.target_names)} genres"
    return Data(*about, data.data, data.target, data.groups, TASK.groups_are, data.splits)


def parse(argv):
    """Arguments of the command line."""
    parser = common_arguments(__doc__, "gtzan")
    parser.add_argument("--split", default="folds", choices=["folds", "fault-filtered", "six-genres"])
    parser.add_argument("--study", choices=list(STUDIES), help="run a grid search instead")
    parser.add_argument("--folder", type=Path, help="a folder with a folder per class, in place of GTZAN")
    return parser.parse_args(argv)


def main(argv=None):
    """Run the benchmark; see `runner.run`."""
    return run("gtzan.py", parse(argv), argv, load, make_models, make_study)


if __name__ == "__main__":
    sys.exit(main())
