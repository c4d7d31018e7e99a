"""Word classifiers on Speech Commands: the CNN, CRNN and parallel systems of the literature against ours.

    python benchmarks/speech_commands.py                        # on synthetic words, which need no data
    python benchmarks/speech_commands.py --data-home FOLDER     # on FOLDER/<word>/<speaker>_nohash_<n>.wav
    python benchmarks/speech_commands.py --published            # the systems of the literature beside ours

Folds are disjoint by speaker.
"""

import sys

from lib.runner import run

if __name__ == "__main__":
    sys.exit(run("speech_commands", __doc__))
