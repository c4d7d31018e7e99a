"""What each part of the recipe gives: the recipe without it (or with one more), on clips held out in the training part.

    python benchmarks/ablation.py                                       # on synthetic words, which need no data
    python benchmarks/ablation.py --data-home FOLDER                    # all that lib/tasks.py lists
    python benchmarks/ablation.py --data-home FOLDER --tasks digits

FOLDER holds the recordings as the fetchers of sklaudio.datasets find them. Of each task the first fold's training part
is divided once more in the same manner, by track or by speaker; notes are trained on their training part and tested on
their validation part. No clip of the test part of that fold is used.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from lib.evaluation import Model, data_hash, evaluate, extract, versions
from lib.presentation import Printer, spread, table
from lib.results_page import write_section
from lib.tasks import TASKS, make_folds

from sklaudio import CRNNClassifier
from sklaudio.augment import FilterAugment, FrequencyWarp, SpecAugment, Tempo, TimeShift
from sklaudio.datasets import make_words

AUGMENT = CRNNClassifier().augment


def without(kind):
    """Return the recipe's augmentations but those of a kind."""
    return {"augment": tuple(step for step in AUGMENT if not isinstance(step, kind))}


def filtered(**changes):
    """Return the recipe's augmentations with another filter."""
    return {"augment": tuple(replace(step, **changes) if isinstance(step, FilterAugment) else step for step in AUGMENT)}


RECIPE = "the recipe"
VARIANTS = {
    RECIPE: {},
    "with a time shift": {"augment": (TimeShift(), *AUGMENT)},
    "level as it is": filtered(level=0.0),
    "no filter": filtered(tilt=0.0),
    "no frequency warp": without(FrequencyWarp),
    "no tempo": without(Tempo),
    "no SpecAugment": without(SpecAugment),
    "no augmentation": {"augment": None},
    "no label smoothing": {"label_smoothing": 0.0},
    "no dropout": {"dropout": 0.0},
    "no weight decay": {"weight_decay": 0.0},
    "constant rate of 0.001": {"lr_schedule": "constant", "lr": 0.001},
}


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="the folder of all recordings")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS), metavar="NAME")
    parser.add_argument("--variants", nargs="+", default=list(VARIANTS), choices=list(VARIANTS), metavar="NAME")
    parser.add_argument("--folds", type=int, default=3, help="inside the training part (%(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--epochs", type=int, default=20, help="of each training (%(default)s; the recipe has 60)")
    parser.add_argument("--n-jobs", type=int, default=2, help="processes")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the tables into")
    return parser.parse_args(argv)


def load(name, home):
    """Load clips of a task, or make synthetic words."""
    task = TASKS[name]
    if home is None:
        bunch, label = make_words(200, random_state=0), "[synthetic] "
    else:
        bunch, label = task.load(home), ""
    return task.data(bunch, f"{len(bunch.data)} clips, {len(bunch.target_names)} classes", label)


def inner_folds(data, split, n_folds):
    """Return folds inside the training part of the first fold, and how they came about."""
    if data.splits:
        return [(data.splits["train"], data.splits["valid"])], "its training part, tested on its validation part"
    train, _ = make_folds(data, 5, split)[0][0]
    part = replace(data, clips=data.clips[train], target=data.target[train], groups=data.groups[train])
    folds, text = make_folds(part, n_folds, split)
    return [(train[fit], train[held_out]) for fit, held_out in folds], f"the first fold's training part: {text}"


def ablate(name, arguments):
    """Train and print the table of a task."""
    start, task, data = time.perf_counter(), TASKS[name], load(name, arguments.data_home)
    say = Printer(data.label)
    folds, split = inner_folds(data, task.split, arguments.folds)
    models = []
    for variant in dict.fromkeys([RECIPE, *arguments.variants]):
        pipeline = task.make(max_epochs=arguments.epochs, **VARIANTS[variant])
        models.append(Model(variant, "mel", pipeline[:-1], pipeline[-1]))
    about = {
        "data": f"{data.label}{data.name}, {data.description}",
        "data_hash": data_hash(data.clips),
        "split": split,
        "seeds": arguments.seeds,
        "epochs": arguments.epochs,
        "versions": versions(),
    }
    say("\n".join(f"{key}: {value}" for key, value in about.items()))
    frames = extract(models, data.clips, n_jobs=arguments.n_jobs, on_error="raise", say=say)
    found = evaluate(models, frames, data.target, folds, arguments.seeds, n_jobs=arguments.n_jobs, label=f"{name}: ")
    text = table(["variant", "accuracy", "to the recipe's"], [row(result, found[0]) for result in found])
    say(f"\n{text}\n")
    if arguments.results is not None:
        about["seconds"] = round(time.perf_counter() - start)
        title = f"{data.label}{data.name}: the recipe without its parts"
        write_section(arguments.results, "recipe", title, about, text)


def row(result, recipe):
    """Return a line of the table; differences are those of the same fold and seed."""
    gains = np.subtract(result.clip_accuracy, recipe.clip_accuracy)
    change = "" if result is recipe else f"{gains.mean():+.3f} ± {gains.std():.3f}"
    return [result.name, spread(result.clip_accuracy), change]


def main(argv=None):
    """Run the ablations asked for; returns the exit status."""
    arguments = parse(argv)
    try:
        for name in arguments.tasks if arguments.data_home else ["words"]:
            ablate(name, arguments)
    except (OSError, ValueError) as error:
        print(f"ablation.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
