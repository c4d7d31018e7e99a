"""Cards of the trained models: what each is, learned from, and is good for, so that one need not ask."""

import numpy as np
from calibration import HOW
from evaluation import versions

N_DIGITS = 4  # of the figures on a card

PHILHARMONIA_HASH = "3372f7df90f75790596f51e0a5449c1a"  # of the content of its 943 notes, see evaluation.data_hash

CONVERTED = "Files were converted to FLAC without loss, or taken as they are."

FACTS = {
    "genres": {
        "description": "Genre of a piece of music: {n_classes} genres of GTZAN.",
        "data": {
            "name": "GTZAN genre collection: {n_clips} of its 1000 tracks",
            "licence": "none on record: for research, never to be redistributed",
            "attribution": 'G. Tzanetakis and P. Cook, "Musical genre classification of audio signals", IEEE '
            "Transactions on Speech and Audio Processing 10 (2002), 293-302",
            "source": "https://huggingface.co/datasets/marsyas/gtzan",
        },
        "intended_use": "Research, teaching and trying sklaudio out. Not for products: the recordings have no licence.",
        "limits": [
            "{n_clips} of 1000 tracks, {per_class}, and not always the 30 s of each: scores are no GTZAN scores.",
            "GTZAN has repeats, wrong labels and several tracks of one artist (B. L. Sturm, 2013). Folds keep tracks "
            "apart, not artists, which flatters all scores.",
            "Whatever is heard gets one of {n_classes} genres, also what is no music or of another genre.",
        ],
    },
    "words": {
        "description": "A spoken English word: {classes}.",
        "data": {
            "name": "Speech Commands, version 0.02: {n_classes} of its 35 words, {n_clips} of its 105,829 clips",
            "licence": "CC BY 4.0",
            "attribution": 'Pete Warden, Google: "Speech Commands: a dataset for limited-vocabulary speech '
            'recognition", 2018, arXiv:1804.03209. Licence: https://creativecommons.org/licenses/by/4.0/. ' + CONVERTED,
            "source": "http://download.tensorflow.org/data/speech_commands_v0.02.tar.gz",
        },
        "intended_use": "Trying sklaudio out, teaching, and a start for other words (warm_start=True).",
        "limits": [
            "One word in the first second of a file. Any other word, noise or silence is given one of these.",
            "{n_groups} speakers of English at microphones of their own; no other language was measured.",
            "Not for what must not fail, such as safety or access.",
        ],
    },
    "digits": {
        "description": "A spoken English digit, 0 to 9.",
        "data": {
            "name": "Free Spoken Digit Dataset: {n_clips} recordings by {n_groups} of its 6 speakers ({groups})",
            "licence": "CC BY-SA 4.0",
            "attribution": 'Zohar Jackson et al., "Free Spoken Digit Dataset (FSDD)", Zenodo, '
            "doi:10.5281/zenodo.1342401. Licence: https://creativecommons.org/licenses/by-sa/4.0/. " + CONVERTED,
            "source": "https://github.com/Jakobovski/free-spoken-digit-dataset",
        },
        "intended_use": "Trying sklaudio out, and teaching.",
        "limits": [
            "{n_groups} speakers: another voice may be far from all of them. The accuracy of each fold says how far.",
            "The net had learned the words of others before (begun_with), whose data have a licence of their own.",
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
    """Description, data, intended use and limits, with the numbers of these recordings in them."""
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
    own = FACTS[name]
    data = {key: text.format(**numbers) for key, text in own["data"].items()}
    counts = dict(zip(classes.tolist(), per_class.tolist(), strict=True))
    data |= {
        "n_clips": len(bunch.data),
        "clips_of_class": counts,
        "n_groups": len(groups),
        "content_hash": content_hash,
    }
    return {
        "description": own["description"].format(**numbers),
        "data": data,
        "intended_use": own["intended_use"],
        "limits": [text.format(**numbers) for text in own["limits"]],
    }


def parameters_of(pipeline):
    """Parameters of each step, as JSON has them; what it has no form for is its text."""
    return {name: _plain(step.get_params(deep=False)) for name, step in pipeline.steps}


def _plain(value):
    if isinstance(value, dict):
        return {str(key): _plain(own) for key, own in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(own) for own in value]
    if hasattr(value, "get_params"):
        return {"class": type(value).__name__} | _plain(value.get_params(deep=False))
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)


def layers_of(net):
    """The layers of a fitted net from top to bottom, those inside another one step deeper."""
    return [
        {"layer": own.class_name, "name": own.var_name, "depth": own.depth, "output": list(own.output_size),
         "parameters": own.num_params}
        for own in net.summary().summary_list
    ]  # fmt: skip


def evaluation_of(result, split, groups_are, tested_groups):
    """Scores of :class:`evaluation.Result` (as a dict) on clips that were held out; `tested_groups` are those of folds.

    A fold that tests on a single group is named by it.
    """
    names = [{"tested_on": own[0]} if len(own) == 1 else {} for own in tested_groups]
    runs = zip(result["runs"], result["clip_accuracy"], strict=True)
    return {
        "split": split,
        "groups": groups_are,
        "accuracy": spread(result["clip_accuracy"]),
        "accuracy_of_all_seeds_together": spread(result["ensemble_accuracy"]) if result["ensemble_accuracy"] else None,
        "accuracy_of_runs": [
            {"seed": seed, "fold": fold, **names[fold], "accuracy": _rounded(own)} for (seed, fold), own in runs
        ],
        "recall": {
            label: _rounded(own["recall"]) if own["support"] else None for label, own in result["per_class"].items()
        },
    }


def calibration_of(result):
    """Expected calibration error before and after a temperature."""
    return {
        "expected_calibration_error": spread(result["calibration_error"]),
        "with_temperature": spread(result["calibration_error_with_temperature"]),
        "temperature": spread(result["temperature"]),
        "n_bins": 15,
        "how": "held-out clips of all folds of a seed together, mean and deviation over seeds. "
        "with_temperature, the first seed alone: "
        f"{HOW}. The model in the file has no temperature in it.",
    }


def spread(values):
    """Mean and standard deviation over runs, and their number."""
    return {"mean": _rounded(np.mean(values)), "sd": _rounded(np.std(values)), "n": len(values)}


def _rounded(value):
    return round(float(value), N_DIGITS)


def packages():
    """Versions, without the size of the machine."""
    return {name: own for name, own in versions().items() if name != "processors"}
