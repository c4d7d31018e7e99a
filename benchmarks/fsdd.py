"""Digit classifiers on the Free Spoken Digit Dataset: the word systems of the literature against ours.

    python benchmarks/fsdd.py                               # on synthetic words, which need no data
    python benchmarks/fsdd.py --data-home FOLDER            # on FOLDER/recordings/<digit>_<speaker>_<n>.wav
    python benchmarks/fsdd.py --published                   # the systems of the literature beside ours

Each fold tests on a speaker that is not in the training part. ``--split official`` is the partition of the authors of
the set, which has the same speakers on both sides.
"""

import sys

from lib.runner import run

if __name__ == "__main__":
    sys.exit(run("fsdd", __doc__))
