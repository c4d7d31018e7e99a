"""A net for microcontrollers on words: accuracy in float32 and int8, size, products and time.

    python benchmarks/small.py                                            # on synthetic words, which need no data
    python benchmarks/small.py --data-home FOLDER --results docs/results.md    # on Speech Commands, folds by speaker

Each fold trains ``make_classifier("tiny")``, exports it with each kind of weights, and tests Pipeline and graphs on the
speakers left out.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from lib.presentation import spread, table, write_section
from lib.small import KINDS, fit_fold, measure, products_per_second
from lib.tasks import TASKS, make_folds

from sklaudio.datasets import make_words

N_SYNTHETIC, SYNTHETIC_EPOCHS = 60, 3


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="folder of Speech Commands; synthetic words without")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", type=Path, help="a folder to keep trained models in: what is there is not trained")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    return parser.parse_args(argv)


def load(arguments):
    """Return the recordings, what to call them, and the parameters of the net."""
    task = TASKS["words"]
    if arguments.data_home is not None:
        bunch = task.load(arguments.data_home)
        about = f"{len(bunch.data)} clips of {len(bunch.target_names)} words, {len(set(bunch.groups))} speakers"
        return task.data(bunch, about), {}
    bunch = make_words(N_SYNTHETIC, random_state=0)
    data = task.data(bunch, f"{N_SYNTHETIC} synthetic words (random_state=0)", label="[synthetic] ")
    return data, {"max_epochs": SYNTHETIC_EPOCHS}


def main(argv=None):
    """Run the benchmark; returns the exit status."""
    from lib.evaluation import versions

    arguments, start = parse(argv), time.perf_counter()
    try:
        data, settings = load(arguments)
        folds, split = make_folds(data, arguments.folds, "folds")
    except (OSError, ValueError) as error:
        print(f"small.py: {error}", file=sys.stderr)
        return 1
    settings["random_state"] = arguments.seed
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.models or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for number, fold in enumerate(folds):
            model, core_seconds = fit_fold(data, fold, settings, folder / f"fold{number}")
            outcomes.append(measure(model, data, fold, Path(scratch)) | {"core_seconds": core_seconds})
            print(f"{data.label}fold {number}: {outcomes[-1]['accuracy']}", flush=True)
    text = report(outcomes, products_per_second(model))
    print(f"\n{text}")
    about = {"data": f"{data.name}, {data.description}", "split": split, "seeds": [arguments.seed]}
    about |= {"versions": versions(), "command": " ".join(["python benchmarks/small.py", *(argv or sys.argv[1:])])}
    about["seconds"] = round(time.perf_counter() - start)
    if arguments.results is not None:
        write_section(arguments.results, f"{data.label}Small: {data.name}, {len(data.clips)} clips", about, text)
    return 0


def report(outcomes, products):
    """Return the table and what is said of the net, as text."""

    def of_all(name, kind):
        return [outcome[name][kind] for outcome in outcomes]

    rows = [
        [
            kind,
            spread(of_all("accuracy", kind)),
            f"{np.min(of_all('agreement', kind)):.4f}",
            f"{np.max(of_all('n_bytes', kind)):,}",
            f"{np.max(of_all('n_bytes_of_net', kind)):,}",
            f"{np.median(of_all('milliseconds', kind)):.2f}",
        ]
        for kind in KINDS
    ]
    header = ["", "accuracy/clip", "same class", "file, bytes", "weights of the net, bytes", "ms a clip of 1 s"]
    return "\n".join(
        [
            f"make_classifier('tiny'), mean ± standard deviation over {len(outcomes)} folds",
            "",
            table(header, rows),
            "",
            f"parameters {outcomes[0]['n_parameters']:,}; multiplications and additions of the net for a second of sound "
            f"{products:,}; core-seconds of a training {spread([outcome['core_seconds'] for outcome in outcomes], 0)}",
            "same class: fraction of the tested clips that have the class of the Pipeline, the least of all folds; time: one",
            "core, the best of 15 calls, median over folds.",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
