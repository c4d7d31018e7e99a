"""Benchmarks of datasets: one runner, and what differs from one set to the next."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import soxr

from sklaudio.datasets import load_folder, make_genres, make_notes, make_words

from .genres import STUDIES, genre_models, genre_study
from .models import published_models, spectral_models
from .tasks import LEAVE_ONE_OUT, TASKS, Data


@dataclass(frozen=True)
class Benchmark:
    """A dataset, and what is compared on it.

    `task` is a key of `TASKS`. `name` (else the title of the task) and `description` are of the recordings, and may
    hold the value of `option`, ``{n_clips}``, ``{n_classes}`` and ``{n_groups}``. `synthetic` makes clips if there are
    no recordings, with `synthetic_options`; `synthetic_name` and `synthetic_description` say so.

    `option` is a parameter of the fetcher that the command line takes, `option_settings` are those of `add_argument`,
    and `fetch_option` converts its value. `has_parts` says whether the split may be the parts that the set comes in,
    and `parts_are` what the groups are then, else those of the task.

    `models` makes the rows of the table, beside the systems of the literature whose names begin with `published`;
    `study` makes one of `studies`. `takes_folders` says whether any folder may stand in place of the set.
    """

    task: str
    published: str
    description: str
    synthetic: Callable
    synthetic_description: str
    option: str
    option_settings: dict
    fetch_option: Callable
    name: str = ""
    synthetic_name: str = ""
    synthetic_options: dict = field(default_factory=dict)
    parts_are: str = ""
    has_parts: bool = True
    models: Callable = spectral_models
    study: Callable | None = None
    studies: dict = field(default_factory=dict)
    takes_folders: bool = False

    def make_models(self, arguments):
        """Make the rows of the table."""
        models = self.models(arguments, TASKS[self.task])
        return models + (published_models(self.published, arguments.epochs) if arguments.published else [])

    def load(self, arguments):
        """Load the clips, and what to say about them."""
        if getattr(arguments, "folder", None) is not None:
            bunch = load_folder(arguments.folder)
            description = f"{len(bunch.data)} clips of {len(bunch.target_names)} classes"
            return Data(arguments.folder.name, description, bunch.data, bunch.target, bunch.groups, "clip", {})
        if arguments.data_home is None and not arguments.download:
            return self._make(arguments.clips)
        task, option = TASKS[self.task], getattr(arguments, self.option)
        found = {self.option: self.fetch_option(option)}
        bunch = task.fetch(arguments.data_home, download_if_missing=arguments.download, **found)
        values = {"n_clips": len(bunch.data), "n_classes": len(bunch.target_names), self.option: option}
        values["n_groups"] = len(set(bunch.groups.tolist()))
        about = (text.format(**values) for text in (self.name or task.title, self.description))
        groups_are = self.parts_are or task.groups_are
        return Data(*about, bunch.data, bunch.target, bunch.groups, groups_are, bunch.splits if self.has_parts else {})

    def _make(self, n_clips):
        """Make synthetic clips, at the sampling rate of the task."""
        task, bunch = TASKS[self.task], self.synthetic(n_clips, random_state=0, **self.synthetic_options)
        clips = bunch.data
        if bunch.sr != task.sr:
            clips = np.stack([soxr.resample(clip, bunch.sr, task.sr) for clip in clips])
        about = self.synthetic_name or self.synthetic.__name__, f"{n_clips} {self.synthetic_description}"
        return Data(*about, clips, bunch.target, bunch.groups, task.groups_are, {}, label="[synthetic] ")


def whole_unless(name):
    """Make the function from the option to a fetcher's `split`: None, the whole set, where the folds are made here."""
    return lambda split: None if split == name else split


BENCHMARKS = {
    "gtzan": Benchmark(
        "genres", "genre", "{n_clips} of 1000 tracks, {n_classes} genres",
        make_genres, "clips of synthetic music (random_state=0), not GTZAN",
        "split", {"choices": ["folds", "fault-filtered", "six-genres"]}, whole_unless("folds"),
        models=genre_models, study=genre_study, studies=STUDIES, takes_folders=True,
    ),
    "nsynth": Benchmark(
        "instruments", "notes", "{n_clips} notes, {n_classes} classes",
        make_notes, "synthetic notes (random_state=0), not NSynth",
        "target",
        {"choices": ["family", "instrument", "source", "pitch"], "default": TASKS["instruments"].options["target"]},
        str,
        name="notes in NSynth's form by {target}", parts_are="part of the set",
    ),
    "speech_commands": Benchmark(
        "words", "words", "{n_clips} clips of {n_classes} words, {n_groups} speakers",
        make_words, "synthetic words (random_state=0), not Speech Commands",
        "words", {"nargs": "+", "default": [TASKS["words"].options["words"]], "help": "all, digits, or words"},
        lambda words: words[0] if words in (["all"], ["digits"]) else words,
        has_parts=False,
    ),
    "fsdd": Benchmark(
        "digits", "words", "{n_clips} clips of {n_classes} digits, {n_groups} speakers",
        make_words, "synthetic words (random_state=0), not spoken digits",
        "split", {"choices": [LEAVE_ONE_OUT, "official"]}, whole_unless(LEAVE_ONE_OUT),
        synthetic_name="make_words at 8 kHz", synthetic_options={"n_speakers": 5},
    ),
}  # fmt: skip
