"""Digit classifiers on the Free Spoken Digit Dataset: the word systems of the literature against ours.

    python benchmarks/fsdd.py                               # on synthetic words, which need no data
    python benchmarks/fsdd.py --data-home FOLDER            # on FOLDER/recordings/<digit>_<speaker>_<n>.wav
    python benchmarks/fsdd.py --published                   # the systems of the literature beside ours

Each fold tests on a speaker that was not heard in training. ``--split official`` is the partition of the authors of the
set, which has the same speakers on both sides.
"""

import sys

import numpy as np
import soxr
from runner import common_arguments, published_models, run, spectral_models
from tasks import LEAVE_ONE_OUT, TASKS, Data

from sklaudio.datasets import fetch_fsdd, make_words

TASK = TASKS["digits"]
N_SYNTHETIC_SPEAKERS = 5


def make_models(arguments):
    """The rows of the table."""
    models = spectral_models(arguments, TASK)
    return models + (published_models("words", arguments.epochs) if arguments.published else [])


def load(arguments):
    """The clips, and what to say about them."""
    if arguments.data_home is None and not arguments.download:
        data = make_words(arguments.clips, n_speakers=N_SYNTHETIC_SPEAKERS, random_state=0)
        clips = np.stack([soxr.resample(clip, data.sr, TASK.sr) for clip in data.data])
        about = "make_words at 8 kHz", f"{arguments.clips} synthetic words (random_state=0), not spoken digits"
        return Data(*about, clips, data.target, data.groups, TASK.groups_are, {}, label="[synthetic] ")
    split = None if arguments.split == LEAVE_ONE_OUT else arguments.split
    data = fetch_fsdd(arguments.data_home, download_if_missing=arguments.download, split=split)
    n_speakers = len(set(data.groups.tolist()))
    about = TASK.title, f"{len(data.data)} clips of {len(data.target_names)} digits, {n_speakers} speakers"
    return Data(*about, data.data, data.target, data.groups, TASK.groups_are, data.splits)


def parse(argv):
    """Arguments of the command line."""
    parser = common_arguments(__doc__, "fsdd")
    parser.add_argument("--split", default=TASK.split, choices=[LEAVE_ONE_OUT, "official"])
    return parser.parse_args(argv)


def main(argv=None):
    """Run the benchmark; see `runner.run`."""
    return run("fsdd.py", parse(argv), argv, load, make_models)


if __name__ == "__main__":
    sys.exit(main())
