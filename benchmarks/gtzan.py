"""Genre classifiers on GTZAN: classical baselines against nets, under the same folds disjoint by track.

    python benchmarks/gtzan.py                             # on synthetic music, which needs no data
    python benchmarks/gtzan.py --data-home FOLDER          # on the tracks in FOLDER/genres/<genre>/
    python benchmarks/gtzan.py --data-home FOLDER --download
    python benchmarks/gtzan.py --study layers              # a grid search; --help names them all
    python benchmarks/gtzan.py --published                 # the genre systems of the literature beside ours
    python benchmarks/gtzan.py --folder FOLDER             # on any folder with a folder per class

CNN and CRNN are those of `make_classifier`; the CRNN's settings were chosen inside training parts, see
docs/recipe_log.md. Those of LSTM and BLSTM were chosen on synthetic music (make_genres), none on the folds of GTZAN.
"""

import sys

from lib.runner import run

if __name__ == "__main__":
    sys.exit(run("gtzan", __doc__))
