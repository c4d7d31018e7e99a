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
import onnxruntime
from lib.evaluation import versions
from lib.presentation import spread, table
from lib.results_page import write_section
from lib.small import EXPORTS, KINDS, fit_fold, measure, products_per_second
from lib.tasks import TASKS, make_folds

from sklaudio.datasets import make_words

N_SYNTHETIC, SYNTHETIC_EPOCHS = 60, 3


def parse(argv):
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="folder of Speech Commands; synthetic words without")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only-folds", type=int, metavar="N", help="run the first N of the folds alone")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--models", type=Path, help="a folder to keep trained models in: what is there is not trained")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    return parser.parse_args(argv)


def load(arguments):
    """Return the recordings, with what they are called, and the parameters of the net."""
    task = TASKS["words"]
    if arguments.data_home is not None:
        bunch = task.load(arguments.data_home)
        about = (
            f"{len(bunch.data)} clips of {len(bunch.target_names)} words, {len(set(bunch.groups.tolist()))} speakers"
        )
        return task.data(bunch, about), {"random_state": arguments.seed}
    data = task.data(make_words(N_SYNTHETIC, random_state=0), "synthetic (random_state=0)", label="[synthetic] ")
    return data, {"max_epochs": SYNTHETIC_EPOCHS, "random_state": arguments.seed}


def report(outcomes, products):
    """Return the table and what is said of the net, as text."""
    rows = [
        [
            kind,
            spread([outcome["accuracy"][kind] for outcome in outcomes]),
            f"{min(outcome['agreement'][kind] for outcome in outcomes):.4f}" if kind in EXPORTS else "",
            f"{max(outcome['n_bytes'][kind] for outcome in outcomes):,}" if kind in EXPORTS else "",
            f"{np.median([outcome['milliseconds'][kind] for outcome in outcomes]):.2f}",
        ]
        for kind in KINDS
    ]
    seconds = spread([outcome["core_seconds"] for outcome in outcomes], 0)
    return "\n".join(
        [
            f"make_classifier('tiny'), mean ± standard deviation over {len(outcomes)} folds",
            "",
            table(["", "accuracy/clip", "same class", "bytes", "ms a clip"], rows),
            "",
            f"parameters: {outcomes[0]['n_parameters']:,}",
            f"multiplications of the net for a second of sound: {products:,}",
            f"core-seconds of a training: {seconds}",
            "same class: fraction of the tested clips that have the class of the Pipeline, the least of all folds.",
            "bytes: the largest file of all folds. ms a clip of 1 s, on one core (OMP_NUM_THREADS=1): the best of 15",
            "calls, median over folds.",
        ]
    )


def main(argv=None):
    """Run the benchmark; returns the exit status."""
    arguments, start, outcomes = parse(argv), time.perf_counter(), []
    try:
        data, settings = load(arguments)
        folds, split = make_folds(data, arguments.folds, "folds")
        folds = folds[: arguments.only_folds]
    except (OSError, ValueError) as error:
        print(f"small.py: {error}", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.models or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for number, fold in enumerate(folds):
            model, core_seconds = fit_fold(data, fold, settings, folder / f"fold{number}")
            outcomes.append(measure(model, data, fold, Path(scratch)) | {"core_seconds": core_seconds})
            print(f"{data.label}fold {number}: {outcomes[-1]['accuracy']}", flush=True)
    text = report(outcomes, products_per_second(model))
    print("\n".join(data.label + line for line in text.split("\n")))
    if arguments.results is not None:
        command = " ".join(["python benchmarks/small.py", *(sys.argv[1:] if argv is None else argv)])
        about = {"data": f"{data.name}, {data.description}", "split": split, "seeds": [arguments.seed]}
        about["versions"] = versions() | {"onnxruntime": onnxruntime.__version__}
        about |= {"command": command, "seconds": round(time.perf_counter() - start)}
        title = f"{data.label}Small: {data.name}, {len(data.clips)} clips"
        write_section(arguments.results, "size", title, about, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
