"""Instrument classifiers on notes in NSynth's form: the LSTM systems of the literature against ours.

    python benchmarks/nsynth.py                             # on synthetic notes, which need no data
    python benchmarks/nsynth.py --data-home FOLDER          # on FOLDER/nsynth-{train,valid,test}
    python benchmarks/nsynth.py --published                 # the systems of the literature beside ours

Where the data has its own train, valid and test parts, these are the split; synthetic notes are in folds that share no
pitch of an instrument.
"""

import sys

from runner import Data, common_arguments, published_models, run, spectral_models

from sklaudio.datasets import fetch_nsynth, make_notes


def make_models(arguments):
    """The rows of the table."""
    frames = {"sr": 16000, "n_fft": 1024, "hop_length": 256, "duration": 1.0}
    models = spectral_models(arguments, n_mels=64, default_epochs=30, **frames)
    return models + (published_models("notes", arguments.epochs) if arguments.published else [])


def load(arguments):
    """The clips, and what to say about them."""
    if arguments.data_home is None and not arguments.download:
        data = make_notes(arguments.clips, random_state=0)
        about = "make_notes", f"{arguments.clips} synthetic notes (random_state=0), not NSynth"
        return Data(*about, data.data, data.target, data.groups, "pitch of an instrument", {}, label="[synthetic] ")
    data = fetch_nsynth(arguments.data_home, target=arguments.target, download_if_missing=arguments.download)
    about = f"notes in NSynth's form by {arguments.target}", f"{len(data.data)} notes, {len(data.target_names)} classes"
    return Data(*about, data.data, data.target, data.groups, "part of the set", data.splits)


def parse(argv):
    """Arguments of the command line."""
    parser = common_arguments(__doc__, "nsynth", epochs_help="30, and for published systems as published, unless given")
    parser.add_argument("--target", default="family", choices=["family", "instrument", "source", "pitch"])
    parser.set_defaults(split="train, valid and test of the set")
    return parser.parse_args(argv)


def main(argv=None):
    """Run the benchmark; see `runner.run`."""
    return run("nsynth.py", parse(argv), argv, load, make_models)


if __name__ == "__main__":
    sys.exit(main())
