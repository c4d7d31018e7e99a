"""Encoders and the recipe on sounds that no default was chosen on: drums, spoken letters, languages, General MIDI.

    python benchmarks/beyond.py                      # from the Debian packages that are installed here
    python benchmarks/beyond.py --packages FOLDER    # from packages unpacked by dpkg-deb -x PACKAGE FOLDER
    python benchmarks/beyond.py --sets drums letters --budget 300 --results docs/results.md

The packages are hydrogen-drumkits, klettres-data and fluid-soundfont-gm, of which the last is rendered by fluidsynth.
Models are those of `sklaudio.compare`, by their names; nothing of them was chosen on these sounds.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from lib.beyond import SETS, about_package
from lib.evaluation import data_hash, versions
from lib.presentation import Printer, save_json, spread, table
from lib.results_page import write_section

from sklaudio import compare, encoders
from sklaudio.comparison import candidates, corrected_t_test

RECIPE = "crnn"


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--packages", type=Path, default=Path("/"), help="folder that they were unpacked in (%(default)s)"
    )
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(SETS), metavar="SET", help=", ".join(SETS))
    parser.add_argument("--models", nargs="+", default="auto", metavar="NAME", help="as compare has them; all but cnn")
    parser.add_argument("--folds", type=int, default=3, help="of whole groups (%(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of folds and nets (0)")
    parser.add_argument("--budget", type=float, help="seconds for each set and seed; what takes longer is left out")
    parser.add_argument("--n-jobs", type=int, default=1, help="threads that make frames (%(default)s)")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put a section for each set into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "beyond")
    return parser.parse_args(argv)


def run_set(data, sr, models, arguments, memory):
    """Compare the models on a set, once for each seed: list of Comparison."""
    settings = {"cv": arguments.folds, "budget": arguments.budget, "n_jobs": arguments.n_jobs}
    settings |= {"groups": data.groups, "models": models, "sr": sr, "memory": memory}
    return [compare(data.clips, data.target, random_state=seed, **settings) for seed in arguments.seeds]


def summed_up(comparisons):
    """Sum up each model over folds and seeds, the best first: dict of scores, log loss, seconds and error."""
    found = {}
    for model in comparisons[0].table_.index:
        rows = [comparison.table_.loc[model] for comparison in comparisons]
        scores = np.concatenate([comparison.scores_.loc[model] for comparison in comparisons])
        found[model] = {
            "accuracy": scores[np.isfinite(scores)].tolist(),
            "log_loss": [float(row["log_loss"]) for row in rows if row["error"] is None],
            "seconds": float(sum(row["seconds"] for row in rows)),
            "error": next((row["error"] for row in rows if row["error"] is not None), None),
        }
    return dict(sorted(found.items(), key=lambda item: -np.mean(item[1]["accuracy"] or [-1])))


def results_table(found):
    """Format one line per model."""
    rows = [
        [
            model,
            spread(row["accuracy"]) if row["accuracy"] else "",
            _log_loss(row["log_loss"]),
            f"{row['seconds']:.0f}",
        ]
        for model, row in found.items()
    ]
    errors = [f"{model}: {row['error']}" for model, row in found.items() if row["error"]]
    return "\n\n".join([table(["model", "accuracy/clip", "log loss", "s"], rows), *errors])


def _log_loss(values):
    """Format the mean over seeds; a dash for a model without probabilities, nothing for one without scores."""
    if not values:
        return ""
    return "–" if np.isnan(values).any() else f"{np.mean(values):.2f}"


def conclusions(found, comparisons):
    """Say which model is best, and how the best encoder stands against the recipe and MFCCs: list of str."""
    scored = {model: row["accuracy"] for model, row in found.items() if row["error"] is None}
    best = next(iter(scored))
    sentences = [f"best: {best}, {spread(scored[best])}"]
    encoder = next((model for model in scored if model in encoders.names()), None)
    others = [other for other in (RECIPE, "mfcc-logistic") if other in scored and encoder is not None]
    sizes = [np.mean([len(part[side]) for part in comparisons[0].folds_]) for side in (0, 1)]
    for other in others:
        differences = np.subtract(scored[encoder], scored[other])
        p_value, _ = corrected_t_test(differences, *sizes)
        sentences.append(
            f"{encoder} + logistic regression against {other}: {differences.mean():+.3f} ± {differences.std():.3f}, "
            f"p = {p_value:.2g}"
        )
    return sentences


def run(name, models, arguments, say, folder):
    """Make a set, compare the models on it, print and write what came of it."""
    start, source = time.perf_counter(), SETS[name]
    folder.mkdir()
    data = source.load(arguments.packages, folder)
    about = {
        "data": data.description,
        "data_hash": data_hash(data.clips),
        "package": about_package(arguments.packages, source),
        "split": f"{arguments.folds} folds, stratified, disjoint by {data.groups_are}, drawn anew for each seed",
        "seeds": arguments.seeds,
        "versions": versions(),
        "command": " ".join(["python benchmarks/beyond.py", *arguments.given]),
    }
    say("\n".join(f"{key}: {value}" for key, value in about.items()))
    comparisons = run_set(data, source.sr, models, arguments, folder / "frames")
    found = summed_up(comparisons)
    sentences = conclusions(found, comparisons)
    text = "\n\n".join(
        [
            f"mean ± standard deviation over {arguments.folds} folds x {len(arguments.seeds)} seeds; "
            "s: frames, fits and predictions of all folds and seeds",
            results_table(found),
            "\n".join(sentences),
        ]
    )
    say(f"\n{text}")
    about["seconds"] = round(time.perf_counter() - start)
    save_json(arguments.output / f"{name}.json", **about, results=found, conclusions=sentences)
    if arguments.results is not None:
        title = f"Beyond the four tasks: {data.name}, {len(data.clips)} clips"
        write_section(arguments.results, "beyond", title, about, text)


def main(argv=None):
    """Run the sets that can be made, one after the other; returns the exit status."""
    arguments, say, n_done = parse(argv), Printer(), 0
    arguments.given = sys.argv[1:] if argv is None else argv
    arguments.output.mkdir(parents=True, exist_ok=True)
    is_auto = arguments.models == "auto"
    try:
        models = [model for model in candidates(arguments.models) if not (is_auto and model == "cnn")]
    except ValueError as error:
        print(f"beyond.py: {error}", file=sys.stderr)
        return 1
    for card in map(encoders.card, encoders.names() if is_auto else []):
        if not card["installed"]:
            say(f"{card['name']} is not installed: {card['how_to_get']}")
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.sets:
            say(f"\n== {name}")
            try:
                run(name, models, arguments, say, Path(folder) / name)
            except (OSError, ValueError) as error:
                print(f"beyond.py: {name}: {error}", file=sys.stderr)
            else:
                n_done += 1
    return 0 if n_done else 1


if __name__ == "__main__":
    sys.exit(main())
