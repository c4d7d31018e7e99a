"""Encoders by tasks by layers: logistic regression on mean, std and maximum of the frames, under honest splits.

    python benchmarks/encoders.py --data-home ../shared/data --tasks digits genres

Frames are made once for each encoder and task; layers of an encoder are columns of the same frames. The classifier has
one setting for all (`C`), so that nothing is chosen by the clips that are tested on. With ``--net blstm`` there is a
row of a net on the frames of encoders that make many of a second, and one of the mean of its probabilities and those of
the logistic regression; with ``--beside crnn``, a row of the net that `make_classifier` makes of the recordings, and of
its mean with each logistic regression; with ``--fine-tune head last:1``, rows of an :class:`EncoderClassifier` of
musicnn.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from lib.evaluation import data_hash, versions
from lib.presentation import Printer, spread, table
from lib.results_page import write_section
from lib.tasks import FOLDERS, TASKS, make_folds
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import EncoderClassifier, EncoderTransformer, FrameSummary, encoders, make_classifier
from sklaudio.recipes import ON_MELS, ON_MFCCS

LAYERS = dict.fromkeys(("musicnn-msd", "musicnn-mtt"), ("penultimate", "mean_pool", "max_pool", "tags"))
STATISTICS = ("mean", "std", "max")
C = 0.1
FINE_TUNED = {"lr_encoder": 1e-4, "dropout": 0.5, "batch_size": 8, "max_epochs": 15, "lr_schedule": "one-cycle"}
SIDE_BY_SIDE = ("musicnn-msd", "musicnn-mtt")


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data-home", type=Path, required=True, help="folder of the recordings, a folder for each set")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--encoders", nargs="+", default=encoders.names()[:3], help="names of encoders")
    parser.add_argument("--net", choices=sorted(ON_MFCCS), default=None, help="a net on frames as well")
    parser.add_argument("--beside", choices=sorted(ON_MELS), default=None, help="a net on mel bands as well")
    parser.add_argument("--fine-tune", nargs="+", default=[], help="head, last:1, …, all: what trains of musicnn")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of nets")
    parser.add_argument("--max-clips", type=int, default=None, help="every n-th clip, so that there are no more")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--memory", default=None, help="folder to keep frames in")
    parser.add_argument("--results", type=Path, default=None, help="page to write a section to")
    return parser.parse_args(argv)


def summaries(name, clips, memory):
    """Compute frames of clips, summaries by layer (dict of str to ndarray (n_clips, n_columns)), core seconds."""
    layers, start = LAYERS.get(name), time.process_time()
    encoder = EncoderTransformer(name, layer=layers and list(layers), memory=memory)
    frames = encoder.fit_transform(clips)
    rows = FrameSummary(STATISTICS).fit_transform(frames)
    seconds = time.process_time() - start
    if layers is None:
        return frames, {"": rows}, seconds
    parts = rows.reshape(len(rows), len(STATISTICS), -1)
    first, found = 0, {}
    for layer in layers:
        n_dims = len(EncoderTransformer(name, layer=layer).get_feature_names_out())
        found[layer] = parts[:, :, first : first + n_dims].reshape(len(rows), -1)
        first += n_dims
    return frames, found, seconds


def logistic_regression():
    """Make the classifier of summaries."""
    return make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))


def probabilities(model, X, target, folds):
    """Predict probabilities of the clips of each fold that were held out; return them, and core seconds of a fit."""
    start, proba = time.process_time(), []
    for train, test in folds:
        proba.append(model.fit(X[train], target[train]).predict_proba(X[test]))
    return proba, (time.process_time() - start) / len(folds)


def accuracies(proba, target, folds):
    """Compute the accuracy on each fold."""
    classes = np.unique(target)
    found = zip(proba, folds, strict=True)
    return [float(np.mean(classes[rows.argmax(axis=1)] == target[test])) for rows, (_, test) in found]


def rows_of_net(name, arguments, frames, linear, target, folds):
    """Return rows of a net on the frames, and of its mean with the logistic regression, over folds and seeds."""
    alone, together, seconds = [], [], []
    for seed in arguments.seeds:
        net = make_classifier(arguments.net, encoder=name, random_state=seed)[-1]
        proba, fit = probabilities(net, frames, target, folds)
        alone += accuracies(proba, target, folds)
        together += accuracies([(a + b) / 2 for a, b in zip(proba, linear, strict=True)], target, folds)
        seconds.append(fit)
    label, fit = f"{arguments.net} on frames", f"{np.mean(seconds):.1f}"
    return [[name, label, "", spread(alone), "", fit], [name, f"{label} + linear", "", spread(together), "", fit]]


def rows_beside(arguments, task, clips, linear, target, folds):
    """Return rows of a net on mel bands, and of its mean with each logistic regression, over folds and seeds.

    `linear` has the probabilities of each logistic regression by (encoder, layer).
    """
    alone, together, seconds = [], {key: [] for key in linear}, []
    for seed in arguments.seeds:
        *features, (_, net) = task.make(arguments.beside, random_state=seed).steps
        proba, fit = probabilities(net, features[0][1].fit_transform(clips), target, folds)
        alone += accuracies(proba, target, folds)
        for key, rows in linear.items():
            together[key] += accuracies([(a + b) / 2 for a, b in zip(proba, rows, strict=True)], target, folds)
        seconds.append(fit)
    fit = f"{np.mean(seconds):.1f}"
    rows = [["none", arguments.beside, "", spread(alone), "", fit]]
    return rows + [
        [name, f"{layer} + {arguments.beside}", "", spread(found), "", fit] for (name, layer), found in together.items()
    ]


def rows_of_tuned(name, arguments, clips, target, folds):
    """Return rows of the encoder with a new output layer over folds and seeds, for each choice of what trains."""
    rows = []
    for trainable in arguments.fine_tune:
        scores, seconds = [], []
        for seed in arguments.seeds:
            net = EncoderClassifier(
                name, trainable=trainable, memory=arguments.memory, random_state=seed, verbose=1, **FINE_TUNED
            )
            proba, fit = probabilities(net, clips, target, folds)
            scores += accuracies(proba, target, folds)
            seconds.append(fit)
        rows.append([name, f"fine-tuned, {trainable}", "", spread(scores), "", f"{np.mean(seconds):.1f}"])
    return rows


def run_task(name, arguments, say):
    """Print the table of a task, and write it to the page of results."""
    task = TASKS[name]
    bunch = task.load(arguments.data_home / FOLDERS[name])
    data = task.data(bunch, f"{len(bunch.data)} clips of {len(bunch.target_names)} classes")
    folds, about_split = make_folds(data, arguments.folds, task.split)
    step = 1 if arguments.max_clips is None else -(-len(data.clips) // arguments.max_clips)
    kept = np.arange(0, len(data.clips), step)
    place = {clip: index for index, clip in enumerate(kept)}
    folds = [[np.array([place[i] for i in part if i in place]) for part in fold] for fold in folds]
    clips, target = np.asarray(data.clips)[kept], np.asarray(data.target)[kept]
    parts, rows, found = {}, [], {}
    for encoder in arguments.encoders:
        if not encoders.card(encoder)["installed"]:
            say(f"{encoder} is not installed: {encoders.card(encoder)['how_to_get']}")
            continue
        frames, parts[encoder], seconds = summaries(encoder, clips, arguments.memory)
        for layer, columns in parts[encoder].items():
            linear, row = _row(encoder, layer, columns, target, folds, f"{seconds:.0f}")
            found[encoder, layer] = linear
            rows.append(row)
        if arguments.net is not None and encoder not in LAYERS:
            rows += rows_of_net(encoder, arguments, frames, linear, target, folds)
        if encoder in LAYERS:
            rows += rows_of_tuned(encoder, arguments, clips, target, folds)
    if all(encoder in parts for encoder in SIDE_BY_SIDE):
        for layer in parts[SIDE_BY_SIDE[0]]:
            both = np.concatenate([parts[encoder][layer] for encoder in SIDE_BY_SIDE], axis=1)
            found["both musicnn", layer], row = _row("both musicnn", layer, both, target, folds, "")
            rows.append(row)
    if arguments.beside is not None:
        rows += rows_beside(arguments, task, clips, found, target, folds)
    header = ["encoder", "layer", "columns", "accuracy/clip", "frames core s", "fit core s"]
    text = table(header, rows)
    say(text)
    about = {
        "data": f"{task.title}, {data.description}" + ("" if step == 1 else f", every {step}. of them"),
        "data_hash": data_hash(data.clips),
        "split": about_split,
        "classifier": f"StandardScaler, LogisticRegression(C={C}) on FrameSummary{STATISTICS}",
        "seeds of nets": arguments.seeds,
        "versions": versions(),
        "command": "python benchmarks/encoders.py " + " ".join(sys.argv[1:]),
    }
    if arguments.results is not None:
        write_section(arguments.results, name, f"Encoders: {task.title}, {len(clips)} clips", about, text)


def _row(encoder, layer, columns, target, folds, seconds):
    """Return probabilities by the logistic regression, and the row of the table."""
    proba, fit = probabilities(logistic_regression(), columns, target, folds)
    return proba, [encoder, layer, columns.shape[1], spread(accuracies(proba, target, folds)), seconds, f"{fit:.1f}"]


def main(argv=None):
    """Run the tasks, one after the other."""
    arguments, say = parse(argv), Printer()
    for name in arguments.tasks:
        say(f"== {name}")
        run_task(name, arguments, say)


if __name__ == "__main__":
    main()
