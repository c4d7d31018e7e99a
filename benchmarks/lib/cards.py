"""Cards of the trained models: what each is, its training data, its scores, and what it is for."""

import numpy as np

from sklaudio.datasets import _fsdd, _gtzan, _speech_commands

from .calibration import HOW
from .evaluation import versions

N_DIGITS = 4  # of the figures on a card

PHILHARMONIA_HASH = "3372f7df90f75790596f51e0a5449c1a"  # of the content of its 943 notes, see `data_hash`

CONVERTED = "Files were converted to FLAC without loss, or taken as they are."

FACTS = {
    "genres": {
        "description": "Genre of a piece of music: {n_classes} genres of GTZAN.",
        "data": {
            "name": "GTZAN genre collection: {n_clips} of its 1000 tracks",
            "licence": _gtzan.LICENCE,
            "attribution": _gtzan.CITATION,
            "source": _gtzan.SOURCE,
        },
        "intended_use": "Research, teaching and trying sklaudio out. Not for products: the recordings have no licence.",
        "limits": [
            "{n_clips} of 1000 tracks, {per_class}, and not always the 30 s of each: scores are no GTZAN scores.",
            "GTZAN has repeats, wrong labels and several tracks of one artist (B. L. Sturm, 2013). Folds keep tracks "
            "apart, not artists, which flatters all scores.",
            "Whatever the input is, it gets one of {n_classes} genres, also what is no music or of another genre.",
        ],
    },
    "words": {
        "description": "A spoken English word: {classes}.",
        "data": {
            "name": "Speech Commands, version 0.02: {n_classes} of its 35 words, {n_clips} of its 105,829 clips",
            "licence": _speech_commands.LICENCE,
            "attribution": f"{_speech_commands.CITATION}. Licence: {_speech_commands.LICENCE_URL}. {CONVERTED}",
            "source": _speech_commands.SOURCE,
        },
        "intended_use": "Trying sklaudio out, teaching, and a start for other words (warm_start=True).",
        "limits": [
            "One word in the first second of a file. Any other word, noise or silence is given one of these.",
            "{n_groups} speakers of English at different microphones; no other language was measured.",
            "Not for what must not fail, such as safety or access.",
        ],
    },
    "digits": {
        "description": "A spoken English digit, 0 to 9.",
        "data": {
            "name": "Free Spoken Digit Dataset: {n_clips} recordings by {n_groups} of its 6 speakers ({groups})",
            "licence": _fsdd.LICENCE,
            "attribution": f"{_fsdd.CITATION}. Licence: {_fsdd.LICENCE_URL}. {CONVERTED}",
            "source": _fsdd.SOURCE,
        },
        "intended_use": "Trying sklaudio out, and teaching.",
        "limits": [
            "{n_groups} speakers: another voice may be far from all of them. The accuracy of each fold says how far.",
            "The net was fine-tuned from one of words (fine_tuned_from), whose data have another licence.",
            "8 kHz, trimmed, one digit in the first second of a file. What is no digit is given one.",
        ],
    },
    "instruments": {
        "description": "Instrument of a single note: {n_classes} orchestral instruments, by number and family.",
        "content_hash": PHILHARMONIA_HASH,
        "data": {
            "name": "Philharmonia Orchestra sound samples in NSynth's form: {n_clips} notes of {n_classes} "
            "instruments. Not NSynth",
            "licence": "CC BY-SA 3.0",
            "attribution": "Sound samples of the Philharmonia Orchestra. Licence: "
            "https://creativecommons.org/licenses/by-sa/3.0/. Changed: a part of them, cut to the form of NSynth "
            "(Engel et al. 2017), which is 16 kHz, one channel and 4 s, padded with zeros.",
            "source": "https://philharmonia.co.uk/resources/sound-samples/",
        },
        "intended_use": "Trying sklaudio out, teaching, and a start for other instruments (warm_start=True).",
        "limits": [
            "Single notes of one set of recordings: training and test share instruments, but no pitch of an "
            "instrument. Recordings from elsewhere were not measured.",
            "Classes are numbers within families (such as brass_acoustic_008), as the labels of the set have it.",
            "Scores are no NSynth scores. An instrument without a note in the test part has no recall.",
        ],
    },
}


def check_facts(name, content_hash):
    """Raise an error where the facts about the data are those of other recordings."""
    expected = FACTS[name].get("content_hash", content_hash)
    if content_hash != expected:
        raise ValueError(
            f"--tasks {name}: the recordings have the hash {content_hash}, and the source and licence in cards.py are "
            f"of recordings with {expected}. State those of yours there, or take the others."
        )


def facts_of(name, bunch, content_hash):
    """Return description, data, intended use and limits, with the numbers of these recordings in them."""
    classes, per_class = np.unique(bunch.target, return_counts=True)
    groups = sorted(set(bunch.groups.tolist()))
    low, high = per_class.min().item(), per_class.max().item()
    numbers = {
        "n_clips": len(bunch.data),
        "n_classes": len(classes),
        "n_groups": len(groups),
        "classes": ", ".join(classes.tolist()),
        "groups": ", ".join(groups),
        "per_class": f"{low} of each class" if low == high else f"{low} to {high} of each class",
    }
    facts = FACTS[name]
    data = {key: text.format(**numbers) for key, text in facts["data"].items()}
    counts = dict(zip(classes.tolist(), per_class.tolist(), strict=True))
    data |= {
        "n_clips": len(bunch.data),
        "clips_of_class": counts,
        "n_groups": len(groups),
        "content_hash": content_hash,
    }
    return {
        "description": facts["description"].format(**numbers),
        "data": data,
        "intended_use": facts["intended_use"],
        "limits": [text.format(**numbers) for text in facts["limits"]],
    }


def parameters_of(pipeline):
    """Return the parameters of each step as JSON has them; what it has no form for is its text."""
    return {name: _as_json(step.get_params(deep=False)) for name, step in pipeline.steps}


def _as_json(value):
    if isinstance(value, dict):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_as_json(item) for item in value]
    if hasattr(value, "get_params"):
        return {"class": type(value).__name__} | _as_json(value.get_params(deep=False))
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)


def layers_of(net):
    """List the layers of a fitted net from top to bottom, those inside another one step deeper."""
    return [
        {"layer": layer.class_name, "name": layer.var_name, "depth": layer.depth, "output": list(layer.output_size),
         "parameters": layer.num_params}
        for layer in net.summary().summary_list
    ]  # fmt: skip


def evaluation_of(result, split, groups_are, tested_groups):
    """Return the scores of a `Result` (as a dict) on held-out clips; `tested_groups` are those of each fold.

    A fold that tests on a single group is named by it.
    """
    names = [{"tested_on": groups[0]} if len(groups) == 1 else {} for groups in tested_groups]
    runs = zip(result["runs"], result["clip_accuracy"], strict=True)
    return {
        "split": split,
        "groups": groups_are,
        "accuracy": spread(result["clip_accuracy"]),
        "accuracy_of_all_seeds_together": spread(result["ensemble_accuracy"]) if result["ensemble_accuracy"] else None,
        "accuracy_of_runs": [
            {"seed": seed, "fold": fold, **names[fold], "accuracy": _rounded(accuracy)}
            for (seed, fold), accuracy in runs
        ],
        "recall": {
            label: _rounded(scores["recall"]) if scores["support"] else None
            for label, scores in result["per_class"].items()
        },
    }


def calibration_of(result):
    """Return the expected calibration error before and after a temperature."""
    return {
        "expected_calibration_error": spread(result["calibration_error"]),
        "with_temperature": spread(result["calibration_error_with_temperature"]),
        "temperature": spread(result["temperature"]),
        "n_bins": 15,
        "how": "held-out clips of all folds of a seed together, mean and standard deviation over seeds. "
        "with_temperature, the first seed alone: "
        f"{HOW}. The model in the file has no temperature in it.",
    }


def spread(values):
    """Compute mean and standard deviation over runs, and their number."""
    return {"mean": _rounded(np.mean(values)), "sd": _rounded(np.std(values)), "n": len(values)}


def _rounded(value):
    return round(float(value), N_DIGITS)


def packages():
    """Return versions, without the size of the machine."""
    return {name: version for name, version in versions().items() if name != "processors"}
