"""Make the trained models that come with the package: weights/NAME.skops, and what is to know of each in NAME.json.

    python benchmarks/train_weights.py --data-home FOLDER                   # all that lib/tasks.py lists
    python benchmarks/train_weights.py --data-home FOLDER --tasks words

FOLDER holds the recordings as the fetchers of sklaudio.datasets find them. Each task is measured first, with its
split and several seeds, each fold with a temperature learned inside its training part; then the model that is kept is
trained on all clips with seed 0. Digits, which few voices speak, go on from a net that has learned the words of many.
Measurements are kept beside the results of the benchmarks, and are used again for as long as data, split, seeds,
parameters and versions are the same; ``--again`` measures anew, as after any other change of the code.
"""

import argparse
import hashlib
import json
import os
import shlex
import sys
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path

import numpy as np
from lib.calibration import check_temperature
from lib.cards import (
    calibration_of,
    check_facts,
    evaluation_of,
    facts_of,
    layers_of,
    packages,
    parameters_of,
)
from lib.evaluation import Model, Result, data_hash, evaluate, key_of, versions
from lib.going_on import SETTINGS, FirstTraining, GoingOn
from lib.presentation import Printer, save_json, spread, table, without_nan
from lib.results_page import write_section
from lib.tasks import TASKS, make_folds
from lib.timing import one_core
from sklearn.base import clone

import sklaudio
from sklaudio.segments import last_step

ROOT = Path(__file__).resolve().parents[1]
MAX_BYTES = 2 * 2**20  # bytes
SEED = 0  # of the model that is kept


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="the folder of all recordings")
    parser.add_argument("--download", action="store_true", help="download what is missing")
    parser.add_argument("--tasks", nargs="+", default=list(TASKS), choices=list(TASKS), metavar="NAME")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--folds", type=int, default=5, help="where the split of the task is one of folds")
    parser.add_argument("--epochs", type=int, help="of every training, a second one included")
    parser.add_argument("--precision", default="float32", choices=["float32", "bfloat16"],
                        help="of the products in training: bfloat16 is faster where the processor has it")  # fmt: skip
    parser.add_argument("--n-jobs", type=int, default=2, help="processes")
    parser.add_argument("--output", type=Path, default=ROOT / "weights")
    parser.add_argument("--evaluations", type=Path, default=ROOT / "benchmarks" / "results" / "train_weights",
                        help="folder of measurements, which are read where they are those of this command")  # fmt: skip
    parser.add_argument("--again", action="store_true", help="measure anew")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the scores of all cards into")
    return parser.parse_args(argv)


def make_weights(name, arguments, say):
    """Measure, train and write one model."""
    task = TASKS[name]
    bunch = task.load(arguments.data_home, download=arguments.download)
    content_hash = data_hash(bunch.data)
    check_facts(name, content_hash)
    data = task.data(bunch, name)
    folds, split = make_folds(data, arguments.folds, task.split)
    check_temperature(data.target, folds)
    say(f"\n{name}: {len(bunch.data)} clips, {split}")
    epochs = {"max_epochs": arguments.epochs} if arguments.epochs else {}
    pipeline = task.make(random_state=SEED, precision=arguments.precision, **epochs)
    frames = frames_of(pipeline, bunch.data, arguments.n_jobs)
    about = {"data_hash": content_hash, "split": split, "seeds": arguments.seeds}
    scores = partial(scores_of, frames=frames, data=data, folds=folds, arguments=arguments, say=say)
    on_card = partial(on_a_card, data=data, folds=folds, split=split, groups_are=task.groups_are, seeds=arguments.seeds)
    first, scratch = None, {}
    if task.begins_with:
        first = first_training(task.begins_with, pipeline, arguments)
        scratch = {"from_scratch": on_card(scores(f"{name} from scratch", pipeline, about, lambda seeds: pipeline[-1]))}
        pipeline[-1].set_params(**SETTINGS | epochs)
        about["fine_tuned_from"] = first.facts

    def untrained(seeds):
        return GoingOn(pipeline[-1], first.starts(seeds, arguments.n_jobs), SEED) if first else pipeline[-1]

    parameters = parameters_of(pipeline)
    result = scores(name, pipeline, about, untrained)
    net = train(pipeline, untrained([SEED]), frames, bunch.target)
    card = facts_of(name, bunch, content_hash) | about_model(task, pipeline, net) | {"parameters": parameters}
    card |= {key: about[key] for key in ("fine_tuned_from",) if key in about} | on_card(result) | scratch
    card |= {"versions": packages(), "command": command_of(name, arguments)}
    size = write(pipeline, card, arguments.output, name)
    say(f"wrote {arguments.output / name}.skops ({size:,} bytes) and its card")


def on_a_card(result, *, data, folds, split, groups_are, seeds):
    """Return what a card says of scores on held-out clips."""
    tested = [sorted(set(data.groups[test].tolist())) for _, test in folds]
    evaluation = evaluation_of(result, split, groups_are, tested) | {"seeds": seeds}
    return {"evaluation": evaluation, "calibration": calibration_of(result)}


def first_training(name, pipeline, arguments):
    """Return what the net of a Pipeline learns before its task: that of `name`, with the same features."""
    pipeline = clone(pipeline)
    bunch = TASKS[name].load(arguments.data_home, download=arguments.download)
    content_hash = data_hash(bunch.data)
    check_facts(name, content_hash)
    frames = frames_of(pipeline, bunch.data, arguments.n_jobs)
    data = facts_of(name, bunch, content_hash)["data"]
    facts = {"task": name, "data": data, "parameters": parameters_of(pipeline)["net"]}
    return FirstTraining(pipeline[-1], frames, bunch.target, facts)


def about_model(task, pipeline, net):
    """Return what a trained model reads, and what it is made of."""
    return {
        "sampling_rate": task.sr,
        "duration": task.duration,
        "segment_length": task.segment_length,
        "classes": pipeline.classes_.tolist(),
        "n_parameters": net.n_parameters_,
        "architecture": {"net": type(net).__name__, "layers": layers_of(net)},
        "trained_on": {"clips": "all", "seed": SEED, "device": str(net.net_.device)},
    }


def frames_of(pipeline, clips, n_jobs):
    """Extract frames of all clips by the first steps of the Pipeline, which are fitted with that."""
    first = pipeline[:-1]
    first["features"].n_jobs = n_jobs
    frames = first.fit_transform(clips)
    first["features"].n_jobs = None
    return frames


def scores_of(name, pipeline, about, untrained, *, frames, data, folds, arguments, say):
    """Return scores on held-out clips as a dict: those on record of the same, or measured ones.

    `untrained` makes the classifier that begins with each of the seeds it is called with.
    """
    about = about | {"parameters": parameters_of(pipeline), "versions": packages()}
    about = json.loads(json.dumps(about))
    path = arguments.evaluations / f"{name}.json"
    result = None if arguments.again else recorded(path, about)
    if result is None:
        classifier = untrained(sorted({*arguments.seeds, SEED}))
        model = Model("CRNN", "mel", pipeline[:-1], classifier, calibrate=True)
        settings = {"n_jobs": arguments.n_jobs, "label": f"{name}: ", "groups": data.groups}
        found = evaluate([model], {key_of(model.features): frames}, data.target, folds, arguments.seeds, **settings)
        result = json.loads(json.dumps(without_nan(asdict(found[0]))))
        path.parent.mkdir(parents=True, exist_ok=True)
        save_json(path, **about, result=result)
    else:
        say(f"measured before, see {path}")
    say(f"accuracy {spread(result['clip_accuracy'])}, ECE {spread(result['calibration_error'])}, "
        f"with a temperature {spread(result['calibration_error_with_temperature'])}")  # fmt: skip
    return result


def recorded(path, about):
    """Return the scores that are on record for the same, as a dict, or None."""
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    result = kept.pop("result", None)
    return result if result and kept == about and result.keys() == {field.name for field in fields(Result)} else None


def train(pipeline, classifier, frames, target):
    """Fit the last step on all clips, on one core, which adds up in one order; returns the net."""
    with one_core():
        classifier.fit(frames, target)
    if isinstance(classifier, GoingOn):
        pipeline.steps[-1] = (pipeline.steps[-1][0], classifier.estimator_)
    net = last_step(getattr(pipeline[-1], "estimator_", pipeline[-1]))
    sizes = {w.element_size() for w in net.net_.module_.state_dict().values() if w.is_floating_point()}
    if sizes != {4}:
        raise ValueError(f"weights of {sorted(sizes)} bytes each: they are kept in single precision, of 4.")
    net.history_["seconds"] = np.nan  # or no file would be equal to the one before
    return net


def command_of(name, arguments):
    """Return what makes this model again, without the folders of this machine."""
    parts = ["python benchmarks/train_weights.py --data-home FOLDER --tasks", name, "--seeds", *arguments.seeds]
    parts += ["--folds", arguments.folds] if arguments.folds != 5 else []
    parts += ["--epochs", arguments.epochs] if arguments.epochs else []
    parts += ["--precision", arguments.precision] if arguments.precision != "float32" else []
    return " ".join(map(str, parts))


def write(pipeline, card, folder, name):
    """Put model and card into the folder, the card last: at no moment does one lie there with another's model."""
    folder.mkdir(parents=True, exist_ok=True)
    model_path, card_path = folder / f"{name}.skops", folder / f"{name}.json"
    part = folder / f"{name}.skops.part"
    try:
        sklaudio.save(pipeline, part)
        written = part.read_bytes()
        if len(written) >= MAX_BYTES:
            raise ValueError(f"{name}: the model has {len(written)} bytes, and may have {MAX_BYTES}. Make it smaller.")
        card_path.unlink(missing_ok=True)
        os.replace(part, model_path)
    finally:
        part.unlink(missing_ok=True)
    file = {"file": model_path.name, "bytes": len(written), "sha256": hashlib.sha256(written).hexdigest()}
    save_json(card_path, name=name, **card, **file)
    return len(written)


def write_scores(arguments):
    """Put the scores of all cards of the folder into the page of results."""
    paths = {name: arguments.output / f"{name}.json" for name in TASKS}
    cards = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items() if path.is_file()}
    rows = []
    for name, card in cards.items():
        first = card.get("fine_tuned_from")
        if first:
            rows.append([name, *figures(card["from_scratch"]), f"{card['n_parameters']:,}"])
        rows.append([f"{name} from {first['task']}" if first else name, *figures(card), f"{card['n_parameters']:,}"])
    about = {
        "data": "; ".join(card["data"]["name"] for card in cards.values()),
        "split": "; ".join(f"{name}: {card['evaluation']['split']}" for name, card in cards.items()),
        "seeds": arguments.seeds,
        "precision": f"products in {arguments.precision}",
        "nets together": "the mean of the probabilities of the nets of all seeds; ± is over folds",
        "ECE": "expected calibration error of held-out clips, 15 bins, over seeds; with a temperature: the first seed",
        "versions": versions(),
        "command": f"python benchmarks/train_weights.py {shlex.join(arguments.given)}",
    }
    header = ["task", "accuracy/clip", "nets together", "ECE", "ECE, temperature", "parameters"]
    title = "make_classifier(), " + ("four tasks" if len(cards) == len(TASKS) else " and ".join(cards))
    write_section(arguments.results, "recipe", title, about, table(header, rows))


def figures(card):
    """Return cells of a row: accuracies and calibration errors."""
    evaluation, calibration = card["evaluation"], card["calibration"]
    one_by_one, together = evaluation["accuracy"], evaluation["accuracy_of_all_seeds_together"]
    errors = calibration["expected_calibration_error"], calibration["with_temperature"]
    return [figure(one) for one in (one_by_one, together, *errors)]


def figure(one):
    """Return mean and standard deviation as text; the mean alone of one run, and nothing of none."""
    if one is None:
        return ""
    return f"{one['mean']:.3f} ± {one['sd']:.3f}" if one["n"] > 1 else f"{one['mean']:.3f}"


def main(argv=None):
    """Make the models asked for; returns the exit status."""
    arguments, say = parse(argv), Printer()
    arguments.given = sys.argv[1:] if argv is None else argv
    try:
        for name in arguments.tasks:
            make_weights(name, arguments, say)
        if arguments.results is not None:
            write_scores(arguments)
    except (OSError, ValueError) as error:
        print(f"train_weights.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
