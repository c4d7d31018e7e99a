"""card: what a model is, what it learned from, and how well it does, as a page that goes with its file."""

import os

from .._inference import label_names_of, prediction_kind, sampling_rate, targets_of
from .._introspect import features_of, objects_in, stages_of
from .._utils.terminal import one_line
from ..encoders import card as encoder_card
from ..encoders import names as encoder_names
from ._card_data import NOT_STATED, data_rows, fold_table
from ._card_scores import score_tables, scores_of
from ._model import parts_of, versions

MAX_NAMED = 30  # classes
TITLES = {
    "classes": "Classifier of sound",
    "labels": "Classifier of sound, several labels at once",
    "numbers": "Regressor of sound",
    "curves": "Regressor of sound over time",
    "events": "Detector of events in sound",
}
PREDICTED = {  # with how many, and the noun of one
    "classes": ("one of {} of each clip", "class"),
    "labels": ("any of {} of each clip", "label"),
    "numbers": ("{} of each clip", "number"),
    "curves": ("{} of each frame of a clip", "number"),
    "events": ("events of {}, with start and end in seconds", "label"),
}
USE = """```python
import sklaudio

model = sklaudio.load("model.skops")  # the name of its file; nothing in it is run
model.predict(["recording.wav"])
```"""


def card(
    model,
    data=None,
    *,
    evaluation=None,
    title=None,
    description=None,
    intended_use=None,
    limits=(),
    licence=None,
    source=None,
):
    """Write a card of a model: what it predicts, what it learned from, how well it does, and what is inside.

    The card follows M. Mitchell et al., "Model cards for model reporting" (FAT* 2019). What can be read from the model,
    the data and the evaluation is filled in; what only its author knows, such as the intended use, is "not stated"
    where it is not given.

    Parameters
    ----------
    model : estimator
        Fitted: any model of parts of sklaudio and scikit-learn.
    data : Bunch, (X, y), (X, y, groups) or None, default=None
        What it was trained on, as :func:`~sklaudio.datasets.load_folder` and :func:`~sklaudio.datasets.load_table`
        return it. Each clip is read once, for the hash of the data; ``data.splits``, if there are any, are the folds.
    evaluation : Evaluation, Training, Comparison or None, default=None
        How well it does: what :func:`~sklaudio.evaluate_files`, :func:`~sklaudio.train.train_on_files` or
        :func:`~sklaudio.compare` returned.
    title : str or None, default=None
        Name of the model. None takes the task.
    description, intended_use : str or None, default=None
        What the model is, and who should use it for what.
    limits : sequence of str, default=()
        What it should not be used for, and where it fails.
    licence, source : str or None, default=None
        Licence of the recordings in `data`, and where they are from.

    Returns
    -------
    skops.card.Card
        In Markdown: ``card.render()`` is the text, ``card.save("README.md")`` writes it, ``card.add`` adds sections.

    Raises
    ------
    TypeError
        If `data` or `evaluation` is none of these.
    ValueError
        If clips and targets of `data` are not equally many.

    Notes
    -----
    Encoders inside are listed with their licence. A net that was fine-tuned from other weights does not know of them:
    name those, and the licence of their data, in `description`.

    See Also
    --------
    sklaudio.pretrained_card : The card of a model that comes with the package.
    report : A page about a model on one set of clips, with its mistakes to listen to.

    Examples
    --------
    >>> import sklaudio
    >>> from sklaudio.datasets import make_words
    >>> words = make_words(20, random_state=0)
    >>> model = sklaudio.make_classifier("gru", sr=16000, max_epochs=1, random_state=0).fit(words.data, words.target)
    >>> card = sklaudio.card(model, words, title="Synthetic words", licence="BSD-3-Clause")
    >>> print(card.render()[:60].strip())
    # Synthetic words
    <BLANKLINE>
    Predicts one of 10 classes of each clip:
    """
    from skops.card import Card

    kind = prediction_kind(model)
    heading = one_line(title or TITLES[kind]).replace("/", "\\/")  # what is behind a slash is a subsection, for skops
    page = Card(model, template=None, model_diagram=False)
    page.add(**{heading: "\n\n".join(filter(None, [_prediction(model, kind), description]))})
    sections = {"Intended use": intended_use or f"{NOT_STATED.capitalize()}.", "Limits": _limits(model, kind, limits)}
    if data is not None:
        sections["Data"] = _columns(data_rows(data, kind, licence, source))
        sections["Folds"] = fold_table(data)
    sections["Evaluation"] = "\n".join(f"- {line}" for line in scores_of(evaluation))
    sections |= score_tables(evaluation)
    sections["Pretrained networks inside"] = _pretrained_networks(model)
    sections |= {"Use": USE, "Parts": _parts(model), "Versions": _columns(versions())}
    for name, content in sections.items():
        if content:
            _add(page, f"{heading}/{name}", content)
    return page


def _add(page, key, content):
    """Add text or a table; skops titles a table by its whole key."""
    if isinstance(content, str):
        page.add(**{key: content})
        return
    page.add_table(**{key: {name: list(map(_cell, column)) for name, column in content.items()}})
    page.select(key).title = key.rpartition("/")[2]


def _prediction(model, kind):
    """Write one sentence: what is predicted, and its names."""
    names = _names(model, kind)
    sentence, noun = PREDICTED[kind]
    plural = noun if len(names) == 1 else f"{noun}es" if noun == "class" else f"{noun}s"
    shown = ", ".join(map(_escaped, names[:MAX_NAMED])) + (", …" if len(names) > MAX_NAMED else "")
    return f"Predicts {sentence.format(f'{len(names)} {plural}')}: {shown}."


def _names(model, kind):
    if kind == "events":
        return list(map(str, stages_of(model)[-1][1].classes_))
    if kind == "labels":
        return list(map(str, label_names_of(model)))
    return list(map(str, model.classes_ if kind == "classes" else targets_of(model)))


def _limits(model, kind, limits):
    sr = sampling_rate(features_of(model))
    found = [*map(one_line, limits), f"Sound is resampled to {sr} Hz: what is above {sr / 2:g} Hz is not used."]
    if kind == "classes":
        found.append("Each clip gets one of these classes, also one that is of none of them.")
    return "\n".join(f"- {limit}" for limit in found)


def _pretrained_networks(model):
    """Name, licence and hash of each pretrained network inside, and what it learned from where that is known."""
    rows = {}
    for part in objects_in(model):
        if not hasattr(part, "encoder_hash_") or part.encoder_hash_ in rows:
            continue
        name = os.fspath(part.encoder) if isinstance(part.encoder, (str, os.PathLike)) else type(part.encoder).__name__
        name = os.path.basename(os.path.normpath(name)) if os.path.isabs(name) else name
        known = encoder_card(name) if name in encoder_names() else {}
        rows[part.encoder_hash_] = {
            "network": name,
            "licence": part.licence_ or NOT_STATED,
            "learned from": known.get("data", NOT_STATED),
            "hash": part.encoder_hash_,
        }
    return _transposed(list(rows.values()))


def _parts(model):
    """List the class of each part and its parameters other than the defaults, from the outside in."""
    return _transposed(
        [
            {
                "part": part["name"] or "model",
                "class": part["kind"],
                "parameters": ", ".join(f"{name}={text}" for name, text in part["changed"]) or "the defaults",
            }
            for part in parts_of(model)
        ]
    )


def _transposed(rows):
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def _columns(rows):
    """Write a table of pairs of what and text."""
    return {"": [name for name, _ in rows], " ": [text for _, text in rows]}


def _cell(value):
    if isinstance(value, float):
        return "" if value != value else f"{value:.3f}" if 0.01 <= abs(value) < 1000 or value == 0 else f"{value:.3g}"
    return _escaped(str(value))


def _escaped(text):
    """Escape text for one line of Markdown."""
    text = one_line(text)
    for character in "\\|<*_`":
        text = text.replace(character, f"\\{character}")
    return text
