"""New classes from five clips of each: trained weights to begin with, against none.

    python benchmarks/transfer.py                        # synthetic words, which need no data
    python benchmarks/transfer.py --data-home FOLDER     # the spoken digits in FOLDER, by a speaker not trained on

Three ways to the same classes, with the same clips: the recipe from scratch; the same net from the weights of
`load_pretrained`, all of it trained on with a new output layer; and a linear model on what that net makes of a clip.
Nothing here was chosen on the clips tested on.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from lib.evaluation import versions
from lib.going_on import RATE
from lib.presentation import Printer, spread
from lib.results_page import write_section
from lib.tasks import TASKS
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import load_pretrained
from sklaudio.datasets import fetch_fsdd, make_words

SETTINGS = {"max_epochs": 30, "lr": RATE}  # of so few clips an epoch is two steps


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="the folder of the spoken digits")
    parser.add_argument("--weights", default="words", help="name of pretrained weights (%(default)s)")
    parser.add_argument("--clips", type=int, default=5, help="clips of each class to train on (%(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, help="of all trainings, in place of 60 from scratch and 30 from weights")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    return parser.parse_args(argv)


def load(arguments):
    """Load clips, classes, speakers, and what to say about them."""
    if arguments.data_home is None:
        data = make_words(200, random_state=0)
        return data, "[synthetic] make_words, 200 clips (random_state=0)"
    data = fetch_fsdd(arguments.data_home, download_if_missing=False)
    return data, f"Free Spoken Digits, {len(data.data)} clips of {len(set(data.groups.tolist()))} speakers"


def few_of_each(target, candidates, n_clips, rng):
    """Draw indices of `n_clips` clips of each class among the candidates."""
    chosen = [rng.permutation(candidates[target[candidates] == label])[:n_clips] for label in np.unique(target)]
    return np.concatenate(chosen)


def fit_and_score(weights, train, test, seed, epochs):
    """Measure the accuracy of each way; `train` and `test` are pairs of frames and classes."""
    net_epochs = {"max_epochs": epochs} if epochs else {}
    scratch = TASKS[weights].make(random_state=seed, **net_epochs)[-1].fit(*train)
    net = load_pretrained(weights)[-1]
    embedded, others = (net.transform(frames) for frames, _ in (train, test))
    linear = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)).fit(embedded, train[1])
    scores = {"from scratch": scratch.score(*test), "linear model on its embedding": linear.score(others, test[1])}
    settings = {"warm_start": True, "random_state": seed, **SETTINGS, **net_epochs}
    inside = "estimator__" if hasattr(net, "estimator") else ""  # votes train the net inside
    net.set_params(**{inside + name: value for name, value in settings.items()})
    return {**scores, "trained on from its weights": net.fit(*train).score(*test)}


def main(argv=None):
    """Run the benchmark; returns the exit status."""
    arguments, say = parse(argv), Printer()
    try:
        data, description = load(arguments)
        model = load_pretrained(arguments.weights)
    except (OSError, ValueError) as error:
        print(f"transfer.py: {error}", file=sys.stderr)
        return 1
    frames, target, groups = model[:-1].transform(data.data), data.target, data.groups
    folds = list(GroupKFold(min(5, len(set(groups.tolist())))).split(frames, target, groups))
    scores = {}
    for seed in arguments.seeds:
        for candidates, test in folds:
            train = few_of_each(target, candidates, arguments.clips, np.random.default_rng(seed))
            pairs = (frames[train], target[train]), (frames[test], target[test])
            for way, score in fit_and_score(arguments.weights, *pairs, seed, arguments.epochs).items():
                scores.setdefault(way, []).append(score)
    rows = [f"| {way} | {spread(accuracies)} |" for way, accuracies in scores.items()]
    table = "\n".join(["| way | accuracy |", "|---|---|", *rows])
    about = {
        "data": description,
        "weights": arguments.weights,
        "split": f"{arguments.clips} clips of each class to train on; {len(folds)} folds, disjoint by speaker",
        "seeds": arguments.seeds,
        "versions": versions(),
        "command": " ".join(["python benchmarks/transfer.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    say("\n".join(f"{name}: {value}" for name, value in about.items()) + f"\n\n{table}")
    if arguments.results is not None:
        write_section(arguments.results, "digits", f"Few clips: {description}", about, table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
