"""Valence and arousal of music: a linear model on summarized MFCCs against an LSTM and a CRNN.

    python benchmarks/emotion.py                                       # on synthetic songs, which need no data
    python benchmarks/emotion.py --clips 400 --results docs/results.md
    python benchmarks/emotion.py --set emomusic --data-home FOLDER     # or deam: what its fetcher finds there
    python benchmarks/emotion.py --table songs.csv --targets valence arousal --groups song

Each song is predicted by models that were trained without it; scores are over all clips, and their intervals draw whole
songs, or artists. emoMusic is tested on its evaluation set, as papers have it, whose figures are shown; DEAM by folds
of artists on its excerpts of 45 s.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from lib.evaluation import data_hash, versions
from lib.presentation import Printer, save_json, table
from lib.results_page import write_section
from sklearn.dummy import DummyRegressor
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import FrameSummary, make_regressor
from sklaudio.datasets import fetch_deam, fetch_emomusic, load_table, make_emotions
from sklaudio.encoders import GroupedRidge
from sklaudio.metrics import regression_table

SR = 22050
OFFICIAL = "trained on the development set of MediaEval 2013, tested on its evaluation set"
PUBLISHED = {  # R² of that partition of emoMusic: Castellon, Donahue and Liang, ISMIR 2021, arXiv:2107.05677
    "Jukebox, a layer + shallow net (Castellon et al. 2021)": {"valence": 0.617, "arousal": 0.721},
    "CLMR + shallow net (Castellon et al. 2021)": {"valence": 0.458, "arousal": 0.678},
}


class Songs(NamedTuple):
    """What is predicted: clips, their numbers and groups, and how the fetched sets are split and were predicted."""

    X: object
    y: np.ndarray
    target_names: list
    groups: np.ndarray
    description: str
    splits: dict | None = None
    published: dict | None = None


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=120, help="synthetic clips, two of each song (%(default)s)")
    parser.add_argument("--duration", type=float, help="seconds of each clip: 6, or all of those of --set")
    parser.add_argument(
        "--set", choices=["deam", "emomusic"], help="a set of the literature in place of synthetic songs"
    )
    parser.add_argument("--data-home", type=Path, help="the folder that --set is in")
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
    arguments = parser.parse_args(argv)
    if arguments.set is None and arguments.duration is None:
        arguments.duration = 6.0
    return arguments


def models(duration, seed, epochs):
    """Return unfitted regressors by their names, cheap ones first."""
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
    """Load clips, numbers, their names and groups, and what they are."""
    if arguments.set is not None:
        return load_set(arguments.set, arguments.data_home)
    if arguments.table is None:
        data = make_emotions(arguments.clips, duration=arguments.duration, sr=SR, random_state=arguments.seed)
        description = f"make_emotions, {arguments.clips} clips"
        return Songs(data.data, data.target, data.target_names, data.groups, description)
    data = load_table(arguments.table, path=arguments.path, target=arguments.targets, groups=arguments.groups)
    target = np.asarray(data.target, dtype=float).reshape(len(data.data), -1)
    groups = np.arange(len(target)) if data.groups is None else np.asarray(data.groups)
    clips = np.array([str(clip) for clip in data.data], dtype=object)
    return Songs(clips, target, arguments.targets, groups, f"{arguments.table.name}, {len(target)} clips")


def load_set(name, data_home):
    """Load a set of the literature, as its fetcher lists it; nothing is downloaded."""
    if name == "deam":
        data = fetch_deam(data_home, split="train", download_if_missing=False)
        about = f"DEAM, {len(data.data)} excerpts of 45 s"
        return Songs(data.data, data.target, data.target_names, data.groups, about)
    data = fetch_emomusic(data_home, download_if_missing=False)
    about = f"emoMusic, {len(data.data)} excerpts of 45 s"
    return Songs(data.data, data.target, data.target_names, data.groups, about, data.splits, PUBLISHED)


def make_folds(songs, arguments):
    """Return pairs of train and test indices, and how they came about."""
    if songs.splits is not None:
        return [(songs.splits["train"], songs.splits["test"])], OFFICIAL
    splitter = GroupKFold(arguments.folds, shuffle=True, random_state=arguments.seed)
    folds = list(splitter.split(songs.X, songs.y, songs.groups))
    group = "artist" if arguments.set else "song"
    return folds, f"{arguments.folds} folds, disjoint by {group}; each clip is predicted once"


def predictions(model, songs, folds):
    """Predict each clip by a model trained without it: (n_clips, n_targets), NaN of those not tested."""
    predicted = np.full_like(songs.y, np.nan)
    name, last = model.steps[-1]
    for train, test in folds:
        passed = {} if isinstance(last, DummyRegressor) else {f"{name}__groups": songs.groups[train]}
        predicted[test] = model.fit(songs.X[train], songs.y[train], **passed).predict(songs.X[test])
    return predicted


def scores_table(found, published):
    """Format a line per model and target, with intervals of R² and CCC."""
    rows = []
    for model, (scores, seconds) in found.items():
        for target, row in scores.iterrows():
            intervals = [f"{row[name]:.3f} ({row[f'{name}_low']:.2f} to {row[f'{name}_high']:.2f})" for name in
                         ("r2", "ccc")]  # fmt: skip
            rows.append([model, target, *intervals, f"{row['mae']:.2f}", f"{row['rmse']:.2f}", f"{seconds:.0f}"])
    for name, figures in (published or {}).items():
        rows += [[name, target, f"{figure:.3f}", "", "", "", ""] for target, figure in figures.items()]
    return table(["model", "target", "R²", "CCC", "MAE", "RMSE", "s"], rows)


def run(arguments, say):
    """Compare the models, print and write what came of it."""
    songs = load(arguments)
    folds, about_split = make_folds(songs, arguments)
    about = {
        "data": songs.description,
        "data_hash": data_hash(songs.X),
        "split": about_split,
        "seeds": [arguments.seed],
        "versions": versions(),
        "command": " ".join(["python benchmarks/emotion.py", *arguments.given]),
    }
    say("\n".join(f"{key}: {value}" for key, value in about.items()))
    tested, found = np.sort(np.concatenate([test for _, test in folds])), {}
    with tempfile.TemporaryDirectory() as folder:
        for name, model in models(arguments.duration, arguments.seed, arguments.epochs).items():
            if arguments.models is None or name in arguments.models:
                start = time.perf_counter()
                predicted = predictions(model.set_params(features__memory=folder), songs, folds)[tested]
                scores = regression_table(
                    songs.y[tested], predicted, target_names=songs.target_names, groups=songs.groups[tested]
                )
                found[name] = scores, time.perf_counter() - start
                say(f"{name}: R² {scores['r2'].mean():.3f}, CCC {scores['ccc'].mean():.3f}")
    text = "(95% intervals, by a bootstrap of songs or artists); s: frames, fits and predictions\n\n"
    text += scores_table(found, songs.published)
    say(f"\n{text}")
    results = {name: {"scores": scores.T.to_dict(), "seconds": seconds} for name, (scores, seconds) in found.items()}
    save_json(arguments.output / "results.json", **about, results=results)
    if arguments.results is not None:
        write_section(arguments.results, "numbers", f"{say.label}Valence and arousal: {songs.description}", about, text)


def main(argv=None):
    """Return the exit status."""
    arguments = parse(argv)
    arguments.given = sys.argv[1:] if argv is None else argv
    arguments.output.mkdir(parents=True, exist_ok=True)
    say = Printer("[synthetic] " if arguments.table is None and arguments.set is None else "")
    try:
        run(arguments, say)
    except (OSError, ValueError) as error:
        print(f"emotion.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
