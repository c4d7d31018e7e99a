"""Valence and arousal of music: a linear model on summarized MFCCs against an LSTM and a CRNN.

    python benchmarks/emotion.py                                       # on synthetic songs, which need no data
    python benchmarks/emotion.py --clips 400 --results docs/results.md
    python benchmarks/emotion.py --table songs.csv --targets valence arousal --groups song

Each song is predicted by models that were trained without it; scores are over all clips, and their intervals draw whole
songs.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from lib.evaluation import data_hash, versions
from lib.presentation import Printer, save_json, table, write_section
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, make_regressor
from sklaudio.datasets import load_table, make_emotions
from sklaudio.encoders import GroupedRidge
from sklaudio.metrics import regression_table

SR = 22050


def parse(argv):
    """Arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=120, help="synthetic clips, two of each song (%(default)s)")
    parser.add_argument("--duration", type=float, default=6.0, help="seconds of each clip (%(default)s)")
    parser.add_argument("--table", type=Path, help="a table of recordings in place of the synthetic ones")
    parser.add_argument("--path", default="path", help="its column of files (%(default)s)")
    parser.add_argument("--targets", nargs="+", default=["valence", "arousal"], help="its columns of numbers")
    parser.add_argument("--groups", help="its column of songs or artists, which no fold divides")
    parser.add_argument("--models", nargs="+", choices=list(models(None, 0, None)), help="rows; all of them")
    parser.add_argument("--folds", type=int, default=5, help="of whole songs (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of songs, folds and nets (%(default)s)")
    parser.add_argument("--epochs", type=int, help="of the nets, in place of their defaults")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put a section into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "emotion")
    return parser.parse_args(argv)


def models(duration, seed, epochs):
    """Unfitted regressors by their names, cheap ones first."""
    epochs = {} if epochs is None else {"max_epochs": epochs}
    net = {"sr": SR, "duration": duration, "random_state": seed, **epochs}
    mfccs = make_regressor("lstm", sr=SR, duration=duration)["features"]
    ridge = [("summary", FrameSummary(("mean", "std"))), ("scaler", StandardScaler()), ("head", GroupedRidge())]
    return {
        "mean of training": Pipeline([("features", mfccs), ("summary", FrameSummary()), ("head", DummyRegressor())]),
        "MFCCs + ridge": Pipeline([("features", mfccs), *ridge]),
        "LSTM": make_regressor("lstm", **net),
        "CRNN": make_regressor("crnn", **net),
        "CRNN, loss ccc": make_regressor("crnn", loss="ccc", **net),
    }


def load(arguments):
    """Clips, numbers, their names, groups and what they are."""
    if arguments.table is None:
        data = make_emotions(arguments.clips, duration=arguments.duration, sr=SR, random_state=arguments.seed)
        return data.data, data.target, data.target_names, data.groups, f"make_emotions, {arguments.clips} clips"
    data = load_table(arguments.table, path=arguments.path, target=arguments.targets, groups=arguments.groups)
    target = np.asarray(data.target, dtype=float).reshape(len(data.data), -1)
    groups = np.arange(len(target)) if data.groups is None else np.asarray(data.groups)
    return data.data, target, arguments.targets, groups, f"{arguments.table.name}, {len(target)} clips"


def predictions(model, X, y, groups, folds):
    """What a model that was trained without a clip predicts for it: the shape of `y`."""
    predicted = np.empty_like(y)
    name, last = model.steps[-1]
    for train, test in folds:
        passed = {} if isinstance(last, DummyRegressor) else {f"{name}__groups": groups[train]}
        predicted[test] = model.fit(X[train], y[train], **passed).predict(X[test])
    return predicted


def scores_table(found):
    """Format a line per model and target, with intervals of R² and CCC."""
    rows = []
    for model, (scores, seconds) in found.items():
        for target, row in scores.iterrows():
            intervals = [f"{row[name]:.3f} ({row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f})" for name in
                         ("r2", "ccc")]  # fmt: skip
            rows.append([model, target, *intervals, f"{row['mae']:.2f}", f"{row['rmse']:.2f}", f"{seconds:.0f}"])
    return table(["model", "target", "R²", "CCC", "MAE", "RMSE", "s"], rows)


def run(arguments, say):
    """Compare the models, print and write what came of it."""
    X, y, target_names, groups, description = load(arguments)
    X = np.asarray(X) if isinstance(X, np.ndarray) else np.array([str(clip) for clip in X], dtype=object)
    folds = list(GroupKFold(arguments.folds, shuffle=True, random_state=arguments.seed).split(X, y, groups))
    about = {
        "data": description,
        "data_hash": data_hash(X),
        "split": f"{arguments.folds} folds, disjoint by song; each clip is predicted once",
        "seeds": [arguments.seed],
        "versions": versions(),
        "command": " ".join(["python benchmarks/emotion.py", *arguments.given]),
    }
    say("\n".join(f"{key}: {value}" for key, value in about.items()))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, model in models(arguments.duration, arguments.seed, arguments.epochs).items():
            if arguments.models is None or name in arguments.models:
                start = time.perf_counter()
                predicted = predictions(model.set_params(features__memory=folder), X, y, groups, folds)
                scores = regression_table(y, predicted, target_names=target_names, groups=groups)
                found[name] = scores, time.perf_counter() - start
                say(f"{name}: R² {scores['r2'].mean():.3f}, CCC {scores['ccc'].mean():.3f}")
    text = "(95% intervals, by a bootstrap of songs); s: frames, fits and predictions\n\n" + scores_table(found)
    say(f"\n{text}")
    results = {name: {"scores": scores.T.to_dict(), "seconds": seconds} for name, (scores, seconds) in found.items()}
    save_json(arguments.output / "results.json", **about, results=results)
    if arguments.results is not None:
        title = f"{say.label}Valence and arousal: {description}"
        write_section(arguments.results, title, about, text)


def main(argv=None):
    """Return the exit status."""
    arguments = parse(argv)
    arguments.given = sys.argv[1:] if argv is None else argv
    arguments.output.mkdir(parents=True, exist_ok=True)
    say = Printer("[synthetic] " if arguments.table is None else "")
    try:
        run(arguments, say)
    except (OSError, ValueError) as error:
        print(f"emotion.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
