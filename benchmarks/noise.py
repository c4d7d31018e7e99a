"""Words in noise: the recipe and a linear model on an encoder, trained with and without background noise.

    python benchmarks/noise.py                                       # on synthetic words, which need no data
    python benchmarks/noise.py --data-home FOLDER                    # on FOLDER/<word>/<speaker>_nohash_<n>.wav
    python benchmarks/noise.py --data-home FOLDER --train-noise FOLDER --test-noise FOLDER   # recordings of noise

Speakers and noises of the test are not trained with: noise to train with is pink, rumble, hum and babble of training
speakers; that of the test buzz, clicks, rain and babble of speakers that are neither trained nor tested on. Every model
is tested on the same mixtures.
"""

import argparse
import shlex
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from lib.evaluation import data_hash, versions
from lib.noises import SR, TO_TEST, TO_TRAIN, write_noises
from lib.presentation import Printer, save_json, spread, table
from lib.results_page import write_section
from sklearn.model_selection import GroupKFold, GroupShuffleSplit

from sklaudio import AugmentedClassifier, CRNNClassifier, load_audio, make_classifier, robustness_curve
from sklaudio.augment import BackgroundNoise, MixNoise
from sklaudio.datasets import fetch_speech_commands, make_words

SNR = (20, 10, 5, 0)  # decibels
AT = 5  # where losses are compared
PLAIN = {"CRNN with noise": "CRNN", "encoder with noise": "encoder"}
BABBLE = 0.25  # fraction of the held-out speakers who babble


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="the folder of Speech Commands")
    parser.add_argument("--clips", type=int, help="as many, drawn; all of them, or 200 synthetic ones")
    parser.add_argument("--folds", type=int, default=5, help="by speaker (%(default)s)")
    parser.add_argument("--only-folds", type=int, help="the first ones of them")
    parser.add_argument("--seed", type=int, default=0, help="of folds, noises and mixtures (%(default)s)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0], help="of the models (%(default)s)")
    parser.add_argument("--epochs", type=int, help="of the CRNN, in place of its default")
    parser.add_argument("--copies", type=int, default=4, help="of each clip, before the encoder (%(default)s)")
    parser.add_argument("--encoder", default="google-speech", help="of the linear model (%(default)s)")
    parser.add_argument("--models", nargs="+", choices=["CRNN", "CRNN with noise", "encoder", "encoder with noise"])
    parser.add_argument("--train-noise", type=Path, help="a folder of recordings in place of the synthetic noises")
    parser.add_argument("--test-noise", type=Path, help="another one, of other noises")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put a section into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "noise")
    return parser.parse_args(argv)


def load(arguments):
    """Load clips, words, speakers and what they are."""
    if arguments.data_home is None:
        bunch = make_words(arguments.clips or 200, random_state=arguments.seed)
        return list(bunch.data), np.asarray(bunch.target), np.arange(len(bunch.data)) // 2, "make_words"
    bunch = fetch_speech_commands(arguments.data_home, words="all", download_if_missing=False)
    chosen = np.random.default_rng(arguments.seed).permutation(len(bunch.data))[: arguments.clips]
    return list(bunch.data[chosen]), bunch.target[chosen], bunch.groups[chosen], "Speech Commands"


def models(names, noise, arguments, memory, seed):
    """Return unfitted classifiers by their names."""
    epochs = {} if arguments.epochs is None else {"max_epochs": arguments.epochs}
    net = {"sr": SR, "duration": 1.0, "random_state": seed, "features": {"memory": memory}, **epochs}
    steps = [MixNoise(noise), *CRNNClassifier().augment]
    encoder = {"encoder": arguments.encoder, "features": {"memory": memory}}
    made = {
        "CRNN": lambda: make_classifier(**net),
        "CRNN with noise": lambda: make_classifier(**net, augment=steps),
        "encoder": lambda: make_classifier("encoder", **encoder),
        "encoder with noise": lambda: AugmentedClassifier(
            make_classifier("encoder", **encoder),
            BackgroundNoise(noise, (0, 20), p=1),
            n_copies=arguments.copies,
            random_state=seed,
        ),
    }
    return {name: made[name] for name in names or made}


def waveforms(clips):
    """Return the samples of clips."""
    return [clip if isinstance(clip, np.ndarray) else load_audio(clip, SR)[0] for clip in clips]


def evaluate_fold(number, clips, y, speakers, fold, folder, arguments, say):
    """Compute accuracies of each model, without noise and for each ratio: {name: [[accuracy] of each seed]}."""
    train, held_out = fold
    babble = GroupShuffleSplit(1, test_size=BABBLE, random_state=arguments.seed)
    test, talking = (held_out[part] for part in next(babble.split(held_out, groups=speakers[held_out])))
    seed, place = arguments.seed + 1000 * number, folder / f"fold {number}"
    to_train = arguments.train_noise or write_noises(
        place / "train", TO_TRAIN, waveforms([clips[index] for index in train[:200]]), seed
    )
    to_test = arguments.test_noise or write_noises(
        place / "test", TO_TEST, waveforms([clips[index] for index in talking]), seed + 1
    )
    found = {}
    for model_seed in arguments.seeds:
        for name, make in models(arguments.models, to_train, arguments, folder / "cache", model_seed).items():
            start = time.perf_counter()
            model = make().fit([clips[index] for index in train], y[train])
            curve = robustness_curve(
                model, [clips[index] for index in test], y[test], to_test, snr=SNR, random_state=arguments.seed
            )
            scores = curve["score"].tolist()
            found.setdefault(name, []).append(scores)
            accuracies, seconds = ", ".join(f"{score:.3f}" for score in scores), time.perf_counter() - start
            say(f"fold {number}, seed {model_seed}, {name}: {accuracies} of {len(test)} clips ({seconds:.0f} s)")
    return found


def scores_table(found):
    """Format a row for each model: accuracies, what noise costs, and how much of what it costs the plain one."""
    rows, at = [], 1 + SNR.index(AT)
    for name, runs in found.items():
        scores = np.array(runs)
        lost = (scores[:, 0] - scores[:, at]).mean()
        plain = np.array(found.get(PLAIN.get(name), []))
        part, clean = "", ""
        if len(plain):
            lost_by_plain = (plain[:, 0] - plain[:, at]).mean()
            part = f"{lost / lost_by_plain:.2f}" if lost_by_plain > 0 else "–"
            clean = f"{(scores[:, 0] - plain[:, 0]).mean():+.3f}"
        rows.append([name, *map(spread, scores.T), f"{lost:.3f}", part, clean])
    ratios = [f"{ratio} dB" for ratio in SNR]
    return table(["model", "no noise", *ratios, f"lost at {AT} dB", "of plain's loss", "clean, to plain"], rows)


def run(arguments, say):
    """Train, test and write what was found."""
    clips, y, speakers, name = load(arguments)
    folds = list(GroupKFold(arguments.folds, shuffle=True, random_state=arguments.seed).split(clips, y, speakers))
    folds = folds[: arguments.only_folds]
    about = {
        "data": f"{name}, {len(clips)} clips, {len(np.unique(y))} words, {len(np.unique(speakers))} speakers",
        "data_hash": data_hash(clips),
        "split": f"{len(folds)} of {arguments.folds} folds, disjoint by speaker",
        "noises": f"{arguments.train_noise or 'synthetic'} to train, {arguments.test_noise or 'synthetic'} to test",
        "seeds": arguments.seeds,
        "versions": versions(),
        "command": f"python benchmarks/noise.py {shlex.join(arguments.given)}",
    }
    say("\n".join(f"{key}: {value}" for key, value in about.items()))
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for number, fold in enumerate(folds):
            scores = evaluate_fold(number, clips, y, speakers, fold, Path(folder), arguments, say)
            for model, rows in scores.items():
                found.setdefault(model, []).extend(rows)
    text = "(accuracy, mean ± std over folds and seeds)\n\n" + scores_table(found)
    say(f"\n{text}")
    save_json(arguments.output / "results.json", **about, snr=["inf", *SNR], results=found)
    if arguments.results is not None:
        kinds = " and ".join(dict.fromkeys(model.removesuffix(" with noise") for model in arguments.models))
        title = f"{say.label}Words in noise, {kinds}: {name}, {len(clips)} clips"
        write_section(arguments.results, "noise", title, about, text)


def main(argv=None):
    """Return the exit status."""
    arguments = parse(argv)
    arguments.given = sys.argv[1:] if argv is None else argv
    arguments.output.mkdir(parents=True, exist_ok=True)
    say = Printer("[synthetic] " if arguments.data_home is None else "")
    try:
        run(arguments, say)
    except (OSError, ValueError) as error:
        print(f"noise.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
