"""Instrument classifiers on notes in NSynth's form: the LSTM systems of the literature against ours.

    python benchmarks/nsynth.py                             # on synthetic notes, which need no data
    python benchmarks/nsynth.py --data-home FOLDER          # on FOLDER/nsynth-{train,valid,test}
    python benchmarks/nsynth.py --published                 # the systems of the literature beside ours

Where the data has train, valid and test parts, these are the split; synthetic notes are in folds that share no
pitch of an instrument.
"""

import sys

from lib.runner import run

if __name__ == "__main__":
    sys.exit(run("nsynth", __doc__))
