"""The four tasks of the recipe: one net and training for all; sampling rate, duration and segments follow the data.

The benchmarks measure these and `train_weights.py` trains them, so that a row of a table and a trained model are one.
"""

from dataclasses import dataclass, field

import numpy as np
from sklearn.model_selection import LeaveOneGroupOut, StratifiedGroupKFold

from sklaudio import make_classifier
from sklaudio.datasets import fetch_fsdd, fetch_gtzan, fetch_nsynth, fetch_speech_commands
from sklaudio.recipes._sizes import segment_frames

LEAVE_ONE_OUT = "leave one out"
OWN_PARTS = "train, valid and test of the set"


@dataclass
class Data:
    """What a benchmark runs on.

    `clips` are files or waveforms; `label` stands before every line of output, `groups_are` says what the groups are.
    """

    name: str
    description: str
    clips: object
    target: object
    groups: object
    groups_are: str
    splits: dict
    label: str = ""


@dataclass(frozen=True)
class Task:
    """What to tell apart, and what of the recipe follows from it.

    `split` says which clips are tested on: "folds" of whole groups, each group in turn (LEAVE_ONE_OUT), or the parts
    that the set comes in (OWN_PARTS). `begins_with` names the task on which the net that comes with the package is
    trained first, where the recordings are of too few voices; the benchmarks of the recipe do without.
    """

    title: str
    fetch: object
    groups_are: str
    sr: int  # hertz
    duration: float | None = None  # seconds
    segment: float | None = None  # seconds
    split: str = "folds"
    begins_with: str = ""
    options: dict = field(default_factory=dict)  # of `fetch`

    @property
    def segment_length(self):
        """Frames in a segment, or None."""
        return None if self.segment is None else segment_frames(self.segment, self.sr)

    def make(self, kind="crnn", **net_params):
        """Make the recipe for this task: an unfitted Pipeline."""
        settings = {"sr": self.sr, "duration": self.duration, "segment_length": self.segment_length}
        return make_classifier(kind, **settings, **net_params)

    def data(self, bunch, description, label=""):
        """Return what a benchmark runs on: the clips of a Bunch; its parts are the split where the task has it so."""
        splits = bunch.splits if self.split == OWN_PARTS else {}
        about = self.title, description, bunch.data, bunch.target, bunch.groups, self.groups_are
        return Data(*about, splits, label=label)

    def load(self, data_home, *, download=False):
        """Load the recordings: Bunch."""
        return self.fetch(data_home, download_if_missing=download, **self.options)


TASKS = {
    "genres": Task("GTZAN", fetch_gtzan, "track", 22050, segment=3.0),
    "words": Task("Speech Commands", fetch_speech_commands, "speaker", 16000, duration=1.0, options={"words": "all"}),
    "digits": Task(
        "Free Spoken Digits", fetch_fsdd, "speaker", 8000, duration=1.0, split=LEAVE_ONE_OUT, begins_with="words"
    ),
    "instruments": Task(
        "notes in NSynth's form", fetch_nsynth, "pitch of an instrument", 16000, duration=1.0, split=OWN_PARTS,
        options={"target": "instrument"},
    ),
}  # fmt: skip

FOLDERS = {"digits": "fsdd", "genres": "gtzan", "words": "speech_commands", "instruments": "nsynth"}  # in a data home


def make_folds(data, n_folds, split="folds"):
    """Return pairs of train and test indices, and how they came about.

    Parameters
    ----------
    data : Data
        Its parts are the split where it has any.
    n_folds : int
        Number of folds, where the split is one of folds.
    split : str
        LEAVE_ONE_OUT; else what to call the parts, or folds of whole groups.

    Returns
    -------
    folds : list of (ndarray, ndarray)
        Indices of the clips to train and to test on.
    text : str
        In a few words.
    """
    if data.splits:
        train = np.concatenate([clips for part, clips in data.splits.items() if part != "test"])
        test = data.splits["test"]
        if len(set(data.target[train])) < 2 or len(test) == 0:
            raise ValueError(
                f"--split {split}: of the clips here {len(train)} are to train and {len(test)} to test on. "
                "Take --split folds, or get the whole archive with --download."
            )
        return [(train, test)], f"{split}: {len(train)} clips to train, {len(test)} to test"
    if split == LEAVE_ONE_OUT:
        folds = list(LeaveOneGroupOut().split(data.clips, data.target, data.groups))
        return folds, f"{len(folds)} folds, each tests on another {data.groups_are}"
    splitter = StratifiedGroupKFold(n_folds, shuffle=True, random_state=0)
    folds = list(splitter.split(data.clips, data.target, data.groups))
    return folds, f"{n_folds} folds, stratified, disjoint by {data.groups_are} (random_state=0)"
