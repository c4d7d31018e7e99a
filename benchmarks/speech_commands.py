"""Word classifiers on Speech Commands: the CNN, CRNN and parallel systems of the literature against ours.

    python benchmarks/speech_commands.py                        # on synthetic words, which need no data
    python benchmarks/speech_commands.py --data-home FOLDER     # on FOLDER/<word>/<speaker>_nohash_<n>.wav
    python benchmarks/speech_commands.py --published            # the systems of the literature beside ours

Folds are disjoint by speaker.
"""

import sys

from runner import common_arguments, published_models, run, spectral_models
from tasks import TASKS, Data

from sklaudio.datasets import fetch_speech_commands, make_words

TASK = TASKS["words"]


def make_models(arguments):
    """The rows of the table."""
    models = spectral_models(arguments, TASK)
    return models + (published_models("words", arguments.epochs) if arguments.published else [])


def load(arguments):
    """The clips, and what to say about them."""
    if arguments.data_home is None and not arguments.download:
        data = make_words(arguments.clips, random_state=0)
        about = "make_words", f"{arguments.clips} synthetic words (random_state=0), not Speech Commands"
        return Data(*about, data.data, data.target, data.groups, TASK.groups_are, {}, label="[synthetic] ")
    words = arguments.words[0] if arguments.words in (["all"], ["digits"]) else arguments.words
    data = fetch_speech_commands(arguments.data_home, words=words, download_if_missing=arguments.download)
    n_speakers = len(set(data.groups.tolist()))
    about = TASK.title, f"{len(data.data)} clips of {len(data.target_names)} words, {n_speakers} speakers"
    return Data(*about, data.data, data.target, data.groups, TASK.groups_are, {})


def parse(argv):
    """Arguments of the command line."""
    parser = common_arguments(__doc__, "speech_commands")
    parser.add_argument("--words", nargs="+", default=[TASK.options["words"]], help="all, digits, or words")
    return parser.parse_args(argv)


def main(argv=None):
    """Run the benchmark; see `runner.run`."""
    return run("speech_commands.py", parse(argv), argv, load, make_models)


if __name__ == "__main__":
    sys.exit(main())
