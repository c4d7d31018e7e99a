"""Which sounds are in a mixture: one multi-label CRNN against a logistic regression for each label.

    python benchmarks/tags.py                                             # on synthetic sounds, which need no data
    python benchmarks/tags.py --data-home ../shared/data --encoder google-speech --results docs/results.md

"words" are 3 s with two or three words of different classes anywhere in them, "notes" 2 s with two or three
instruments. Mixtures are made anew for each seed, of recordings that are divided first: no speaker, and no pitch of an
instrument, is on both sides. Scores are mean average precision, over labels, on the test mixtures.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
from lib.evaluation import versions
from lib.mixtures import compose, load_notes, load_words, split
from lib.presentation import Printer, save_json, spread, table
from lib.results_page import write_section
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklaudio import EncoderTransformer, FrameSummary, MFCCTransformer, make_classifier
from sklaudio.recipes import frame_sizes

TASKS = {"words": (load_words, 3.0), "notes": (load_notes, 2.0)}  # how to get the sounds, and seconds of a mixture
N_SOUNDS = (2, 3)
HOP = 0.02  # seconds between the frames of the CRNN
BATCH = 16  # few mixtures: more steps of training
C = 0.1


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--data-home", type=Path, help="folder of the recordings, with speech_commands and nsynth in it"
    )
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2], help="of splits, mixtures and nets")
    parser.add_argument("--train-mixtures", type=int, help="150 synthetic ones, or 4000 of recordings")
    parser.add_argument("--test-mixtures", type=int, help="100 synthetic ones, or 300 of recordings")
    parser.add_argument("--clips", type=int, default=240, help="synthetic recordings to mix (%(default)s)")
    parser.add_argument("--epochs", type=int, help="of the CRNN; 20, or 40 of recordings")
    parser.add_argument("--encoder", help="name of an encoder, for a row of a linear model on its frames")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put a section for each task into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "tags")
    arguments = parser.parse_args(argv)
    is_made = arguments.data_home is None
    arguments.train_mixtures = arguments.train_mixtures or (150 if is_made else 4000)
    arguments.test_mixtures = arguments.test_mixtures or (100 if is_made else 300)
    arguments.epochs = arguments.epochs or (20 if is_made else 40)
    return arguments


def models(sr, duration, seed, arguments):
    """Return unfitted multi-label classifiers of waveforms, by name."""
    sizes = frame_sizes(sr)
    hop = {"hop_length": round(HOP * sr)}
    found = {
        "MFCCs + logistic regression": make_pipeline(
            MFCCTransformer(13, sr=sr, **sizes), FrameSummary(("mean", "std")), *_one_for_each_label()
        )
    }
    if arguments.encoder is not None:
        frames = EncoderTransformer(arguments.encoder)
        summary = FrameSummary(("mean", "std", "max"))
        found[f"{arguments.encoder} + logistic regression"] = make_pipeline(frames, summary, *_one_for_each_label())
    settings = {"sr": sr, "duration": duration, "max_epochs": arguments.epochs, "batch_size": BATCH}
    settings["random_state"] = seed
    return found | {"CRNN": make_classifier("crnn", features=hop, **settings)}


def _one_for_each_label():
    return StandardScaler(), OneVsRestClassifier(LogisticRegression(C=C, max_iter=1000))


def run_seed(sounds, duration, seed, arguments):
    """Compute mean average precision and core seconds of each model, on the split and the mixtures of one seed."""
    labels, rng = np.unique(sounds.target), np.random.default_rng(seed)
    parts = [
        compose(part, n_scenes, n_sounds=N_SOUNDS, duration=duration, overlap=True, rng=rng)
        for part, n_scenes in zip(split(sounds, seed), (arguments.train_mixtures, arguments.test_mixtures), strict=True)
    ]
    (X, Y), (X_test, Y_test) = ((part.clips, part.tags(labels)) for part in parts)
    found = {}
    for name, model in models(sounds.sr, duration, seed, arguments).items():
        start = time.process_time()
        proba = model.fit(X, Y).predict_proba(X_test)
        found[name] = (
            float(average_precision_score(Y_test, proba, average="macro")),
            time.process_time() - start,
        )
    found["chance"] = float(Y_test.mean()), 0.0
    return found


def run_task(name, arguments, about, say):
    """Measure a task over all seeds; returns its results."""
    load, duration = TASKS[name]
    sounds = load(arguments.data_home, arguments.clips)
    by_seed = []
    for seed in arguments.seeds:
        by_seed.append(run_seed(sounds, duration, seed, arguments))
        say(f"{name}, seed {seed}: " + ", ".join(f"{key} {score:.3f}" for key, (score, _) in by_seed[-1].items()))
    scores = {model: [found[model][0] for found in by_seed] for model in by_seed[0]}
    rows = [
        [model, spread(values), f"{np.mean([found[model][1] for found in by_seed]):.0f}"]
        for model, values in scores.items()
    ]
    gain = np.subtract(scores["CRNN"], scores["MFCCs + logistic regression"])
    text = table(["model", "mean average precision", "core s"], rows)
    text += f"\n\nCRNN against MFCCs + logistic regression: {np.mean(gain):+.3f} ± {np.std(gain):.3f}"
    about = {
        "data": f"{sounds.name}; {arguments.train_mixtures} mixtures of {duration:g} s to train, "
        f"{arguments.test_mixtures} to test, each of {N_SOUNDS[0]} or {N_SOUNDS[1]} sounds that may overlap",
        "split": f"70% and 30% of the groups ({sounds.groups_are}), before mixing; drawn anew for each seed",
        **about,
    }
    say("\n".join(f"{key}: {value}" for key, value in about.items()) + f"\n\n{text}\n")
    if arguments.results is not None:
        title = f"{sounds.label}Tags of mixtures: {name}, {arguments.train_mixtures} to train"
        text = f"mean ± standard deviation over {len(by_seed)} seeds\n\n{text}"
        write_section(arguments.results, "tags", title, about, text)
    return {**about, "scores": scores}


def main(argv=None):
    """Run the tasks, one after the other; returns the exit status."""
    arguments = parse(argv)
    say = Printer("[synthetic] " if arguments.data_home is None else "")
    about = {
        "seeds": arguments.seeds,
        "versions": versions(),
        "command": " ".join(["python benchmarks/tags.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    arguments.output.mkdir(parents=True, exist_ok=True)
    try:
        results = {name: run_task(name, arguments, about, say) for name in arguments.tasks}
    except (OSError, ValueError) as error:
        print(f"tags.py: {error}", file=sys.stderr)
        return 1
    save_json(arguments.output / "results.json", results=results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
