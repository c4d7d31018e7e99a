"""Events in time: a CRNN that predicts every frame, its thresholds as they are or learned, and a classifier of windows.

    python benchmarks/events.py                                        # on synthetic sounds, which need no data
    python benchmarks/events.py --data-home ../shared/data --results docs/results.md

"words" are 3 s with one to three words at known times in quiet noise, of speakers that are divided before; the
classifier of windows is trained on single words of the speakers to train on. "soundscapes" are those of
make_soundscapes, whose events overlap. Scores are over all events of the test clips: F1 by event, with a collar of
200 ms, and by segment of 1 s. Core seconds of both rows of the CRNN are those of all its trainings, on inner folds as
well.
"""

import argparse
import sys
import time
from copy import copy
from pathlib import Path
from typing import NamedTuple

import numpy as np
from lib.evaluation import versions
from lib.mixtures import Scenes, compose, load_words, split
from lib.presentation import Printer, save_json, spread, table
from lib.results_page import write_section
from lib.word_windows import detect, fit_on_single_words

from sklaudio import CRNNClassifier, EventDetector, make_classifier
from sklaudio.datasets import make_soundscapes
from sklaudio.metrics import event_scores, segment_scores

DURATION = 3.0  # seconds of a clip
HOP = 0.02  # seconds between frames
N_WORDS = (1, 3)
COLLAR = 0.2  # seconds
BATCH = 8  # few clips of many frames: more steps of training
DEFAULTS = {"threshold": 0.5, "median_length": 9, "min_duration": 0.1}
PLAIN, LEARNED, WINDOWS = "CRNN, threshold 0.5", "CRNN, threshold learned", "windows of a classifier"


class Parts(NamedTuple):
    """What to train and to test on; `sounds` are the single recordings to train on, or None."""

    train: Scenes
    groups: np.ndarray
    test: Scenes
    sr: int
    sounds: object


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, help="folder of the recordings, with speech_commands in it")
    parser.add_argument("--tasks", nargs="+", choices=list(TASKS), default=list(TASKS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1], help="of splits, clips and nets")
    parser.add_argument("--train-clips", type=int, help="120 where words are synthetic, else 400")
    parser.add_argument("--test-clips", type=int, help="40 where words are synthetic, else 150")
    parser.add_argument("--single-words", type=int, help="for the windows: 200 where they are synthetic, else 1500")
    parser.add_argument("--clips", type=int, default=300, help="synthetic words to compose clips of (%(default)s)")
    parser.add_argument("--epochs", type=int, default=20, help="of the nets (%(default)s)")
    parser.add_argument("--learned", nargs="+", choices=list(DEFAULTS), default=["threshold"], help="what is learned")
    parser.add_argument("--cv", type=int, default=3, help="folds that it is learned on (%(default)s)")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put a section for each task into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "events")
    arguments = parser.parse_args(argv)
    is_made = arguments.data_home is None
    for name, few, many in (("train_clips", 120, 400), ("test_clips", 40, 150), ("single_words", 200, 1500)):
        setattr(arguments, name, getattr(arguments, name) or (few if is_made else many))
    return arguments


def word_parts(sounds, seed, arguments):
    """Make scenes of words; those to train on are of `cv` sets of speakers, so that inner folds can divide them."""
    rng = np.random.default_rng(seed)
    train, test = split(sounds, seed)
    speakers = rng.permutation(np.unique(train.groups))
    settings = {"n_sounds": N_WORDS, "duration": DURATION, "overlap": False, "rng": rng}
    clips, events, groups = [], [], []
    for block in range(arguments.cv):
        some = train.at(np.flatnonzero(np.isin(train.groups, speakers[block :: arguments.cv])))
        scenes = compose(some, len(range(block, arguments.train_clips, arguments.cv)), **settings)
        clips.append(scenes.clips)
        events += scenes.events
        groups += [block] * len(scenes.events)
    scenes = Scenes(np.concatenate(clips), events)
    return Parts(scenes, np.array(groups), compose(test, arguments.test_clips, **settings), sounds.sr, train)


def soundscape_parts(_, seed, arguments):
    """Make clips by make_soundscapes."""
    n_train = arguments.train_clips
    made = make_soundscapes(
        n_train + arguments.test_clips, duration=DURATION, n_events=(1, 3), sr=8000, random_state=seed
    )
    train, test = (Scenes(made.data[part], made.events[part]) for part in (slice(n_train), slice(n_train, None)))
    return Parts(train, made.groups[:n_train], test, made.sr, None)


TASKS = {"words": word_parts, "soundscapes": soundscape_parts}


def crnn_events(parts, seed, arguments):
    """Predict events of the test clips by both thresholds; return them, and core seconds of both.

    The net that is trained on all clips is the same with either, so that it is trained once.
    """
    start = time.process_time()
    sizes = {"hop_length": round(HOP * parts.sr)}
    features = make_classifier("crnn", sr=parts.sr, features=sizes)["features"]
    net = CRNNClassifier(max_epochs=arguments.epochs, batch_size=BATCH, random_state=seed)
    learned = dict.fromkeys(arguments.learned, "best")
    detector = EventDetector(net, hop=HOP, cv=arguments.cv, **learned)
    detector.fit(features.fit_transform(parts.train.clips), parts.train.events, groups=parts.groups)
    curves = detector.predict_proba(features.transform(parts.test.clips))
    plain = copy(detector)
    for name, value in DEFAULTS.items():
        setattr(plain, f"{name}_", np.full(len(detector.classes_), value))
    seconds = time.process_time() - start
    found = {PLAIN: plain, LEARNED: detector}
    return {name: ([one.events_of(clip) for clip in curves], seconds) for name, one in found.items()}, detector


def window_events(parts, seed, arguments):
    """Predict events of the test clips by windows of a classifier of words; return them, and core seconds."""
    start = time.process_time()
    settings = {"max_epochs": arguments.epochs, "random_state": seed}
    classifier = fit_on_single_words(parts.sounds, arguments.single_words, np.random.default_rng(seed), **settings)
    return detect(classifier, parts.test.clips, parts.sr), time.process_time() - start


def scores_of(events, predicted):
    """Compute F1 over all events: by event, by segment."""
    by_event = event_scores(events, predicted, collar=COLLAR, zero_division=0)
    by_segment = segment_scores(events, predicted, durations=[DURATION] * len(events), zero_division=0)
    return {"event": float(by_event.loc["(micro)", "f1"]), "segment": float(by_segment.loc["(micro)", "f1"])}


def run_seed(name, sounds, seed, arguments, say):
    """Compute scores and core seconds of each row on the split and the clips of one seed."""
    parts = TASKS[name](sounds, seed, arguments)
    found, detector = crnn_events(parts, seed, arguments)
    if parts.sounds is not None:
        found[WINDOWS] = window_events(parts, seed, arguments)
    scores = {row: (scores_of(parts.test.events, events), seconds) for row, (events, seconds) in found.items()}
    learned = {which: getattr(detector, f"{which}_").round(3).tolist() for which in arguments.learned}
    say(f"{name}, seed {seed}: " + "; ".join(f"{row} {score['event']:.3f}" for row, (score, _) in scores.items()))
    say(f"learned of {detector.classes_.tolist()}: {learned}")
    return scores


def run_task(name, arguments, about, say):
    """Measure a task over all seeds; returns its results."""
    sounds = load_words(arguments.data_home, arguments.clips) if name == "words" else None
    by_seed = [run_seed(name, sounds, seed, arguments, say) for seed in arguments.seeds]
    scores = {
        row: {kind: [found[row][0][kind] for found in by_seed] for kind in ("event", "segment")} for row in by_seed[0]
    }
    rows = [
        [row, spread(of["event"]), spread(of["segment"]), f"{np.mean([found[row][1] for found in by_seed]):.0f}"]
        for row, of in scores.items()
    ]
    gains = {kind: np.subtract(scores[LEARNED][kind], scores[PLAIN][kind]) for kind in ("event", "segment")}
    text = table(["detector", "event F1", "segment F1", "core s"], rows)
    text += "\n\nlearned against default: " + ", ".join(
        f"{np.mean(gain):+.3f} ± {np.std(gain):.3f} by {kind} ({', '.join(f'{one:+.3f}' for one in gain)})"
        for kind, gain in gains.items()
    )
    about = {**_about(name, sounds, arguments), **about}
    say("\n".join(f"{key}: {value}" for key, value in about.items()) + f"\n\n{text}\n")
    if arguments.results is not None:
        label = "[synthetic] " if sounds is None else sounds.label
        title = f"{label}Events: {name}, {arguments.train_clips} clips to train"
        title += "" if arguments.learned == ["threshold"] else ", all learned"
        text = f"mean ± standard deviation over {len(by_seed)} seeds\n\n{text}"
        write_section(arguments.results, "events", title, about, text)
    return {**about, "scores": scores}


def _about(name, sounds, arguments):
    n_clips = f"{arguments.train_clips} clips of {DURATION:g} s to train, {arguments.test_clips} to test"
    if name == "soundscapes":
        return {"data": f"make_soundscapes: {n_clips}, 1 to 3 events of 5 labels that may overlap", "split": "by clip"}
    return {
        "data": f"{sounds.name}; {n_clips}, each of {N_WORDS[0]} to {N_WORDS[1]} words one after the other; "
        f"{arguments.single_words} single words for the windows",
        "split": "70% and 30% of the speakers, before mixing; drawn anew for each seed; inner folds divide speakers",
    }


def main(argv=None):
    """Run the tasks, one after the other; returns the exit status."""
    arguments = parse(argv)
    say = Printer("[synthetic] " if arguments.data_home is None else "")
    about = {
        "learned": f"{', '.join(arguments.learned)}, on {arguments.cv} folds of the clips to train",
        "seeds": arguments.seeds,
        "versions": versions(),
        "command": " ".join(["python benchmarks/events.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    arguments.output.mkdir(parents=True, exist_ok=True)
    try:
        results = {name: run_task(name, arguments, about, say) for name in arguments.tasks}
    except (OSError, ValueError) as error:
        print(f"events.py: {error}", file=sys.stderr)
        return 1
    save_json(arguments.output / "results.json", results=results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
