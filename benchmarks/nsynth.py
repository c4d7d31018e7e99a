"""Instrument classifiers on notes in NSynth's form: the LSTM systems of the literature against ours.

    python benchmarks/nsynth.py                             # on synthetic notes, which need no data
    python benchmarks/nsynth.py --data-home FOLDER          # on FOLDER/nsynth-{train,valid,test}
    python benchmarks/nsynth.py --published                 # the systems of the literature beside ours

Where the data has its own train, valid and test parts, these are the split; synthetic notes are in folds that share no
pitch of an instrument.
"""

import sys

from runner import common_arguments, published_models, run, spectral_models
from tasks import OWN_PARTS, TASKS, Data

from sklaudio.datasets import fetch_nsynth, make_notes

TASK = TASKS["instruments"]


def make_models(arguments):
    """The rows of the table."""
    models = spectral_models(arguments, TASK)
    return models + (published_models("notes", arguments.epochs) if arguments.published else [])


def load(arguments):
    """The clips, and what to say about them."""
    if arguments.data_home is None and not arguments.download:
        data = make_notes(arguments.clips, random_state=0)
        about = "make_notes", f"{arguments.clips} synthetic notes (random_state=0), not NSynth"
        return Data(*about, data.data, data.target, data.groups, TASK.groups_are, {}, label="[synthetic] ")
    data = fetch_nsynth(arguments.data_home, target=arguments.target, download_if_missing=arguments.download)
    about = f"notes in NSynth's form by {arguments.target}", f"{len(data.data)} notes, {len(data.target_names)} classes"
    return Data(*about, data.data, data.target, data.groups, "part of the set", data.splits)


def parse(argv):
    """Arguments of the command line."""
    parser = common_arguments(__doc__, "nsynth")
    parser.add_argument("--target", default=TASK.options["target"], choices=["family", "instrument", "source", "pitch"])
    parser.set_defaults(split=OWN_PARTS)
    return parser.parse_args(argv)


def main(argv=None):
    """Run the benchmark; see `runner.run`."""
    return run("nsynth.py", parse(argv), argv, load, make_models)


if __name__ == "__main__":
    sys.exit(main())
