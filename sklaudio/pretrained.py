"""Trained models that come with the package: by name, with a card each that says what they are."""

import json
import warnings
from pathlib import Path
from typing import Any

from ._utils.file_hash import sha256_of
from ._utils.near_names import did_you_mean
from ._utils.terminal import shortened

__all__ = ["load_pretrained", "pretrained_card", "pretrained_names"]

PACKAGE = Path(__file__).resolve().parent
ON_CARD = {
    "name": str,
    "description": str,
    "file": str,
    "bytes": int,
    "sha256": str,
    "classes": list,
    "versions": dict,
}
MEND = "Install sklaudio again, or in a checkout restore the folder: git checkout -- weights"


class _Card(dict):
    """A card that knows the name that "fine_tuned_from" had."""

    def __missing__(self, name):
        if name != "begun_with":
            raise KeyError(name)
        warnings.warn('"begun_with" of a card is called "fine_tuned_from" now.', FutureWarning, stacklevel=2)
        return self["fine_tuned_from"]


def pretrained_names() -> list[str]:
    """List the trained models that are installed.

    Returns
    -------
    list of str
        Names that :func:`load_pretrained` and :func:`pretrained_card` take, in order.
    """
    return sorted(_cards())


def pretrained_card(name) -> dict[str, Any]:
    """Return the card of a trained model: its classes, the data it learned from, and their licence.

    Parameters
    ----------
    name : str
        One of :func:`pretrained_names`.

    Returns
    -------
    dict
        `name`, `description`, `file` (its name), `bytes` (its size), `sha256`, `classes` (list, in the order of
        ``classes_``), `versions` (by package) and whatever else the card says, such as `data` with its `licence`, and
        `fine_tuned_from`, whose `data` the weights were pretrained on.

    Raises
    ------
    ValueError
        If there is no such model, or its card is damaged.
    """
    return _read_card(_card_of(name))


def load_pretrained(name) -> Any:
    """Load a trained model that came with the package; nothing is downloaded.

    Parameters
    ----------
    name : str
        One of :func:`pretrained_names`.

    Returns
    -------
    estimator
        The fitted Pipeline. It takes paths of files and waveforms, as any other model here.

    Raises
    ------
    ValueError
        If there is no such model, if its file is not the one that its card was written for, or if :func:`load` refuses
        it.
    FileNotFoundError
        If the card is there without its file.

    See Also
    --------
    pretrained_card : What the model is, and the licence of the data that it learned from.
    load : What is checked before anything of a file is built.

    Examples
    --------
    >>> from sklaudio.datasets import make_words
    >>> model = load_pretrained("words")
    >>> model.predict_proba(make_words(2, random_state=0).data).shape
    (2, 9)
    """
    from .persistence import load  # names and cards are read without what loading imports

    path = _card_of(name)
    card, weights = _read_card(path), path.with_suffix(".skops")
    if not weights.is_file():
        raise FileNotFoundError(f"{weights}: this file of the model {shortened(name)} is missing. {MEND}.")
    found = sha256_of(weights)
    if found != card["sha256"]:
        raise ValueError(
            f"{weights}: this is not the file of its card {path.name}: it has {weights.stat().st_size} bytes "
            f"of SHA-256 {found[:12]}…, and the card says {card['bytes']} of {card['sha256'][:12]}…. {MEND}."
        )
    return load(weights)


def data_of(card):
    """Return what a card says of the data that its weights were trained on, and pretrained on, by what to call them."""
    source = card.get("fine_tuned_from", {})
    before = {"data it was pretrained on": source["data"]} if "data" in source else {}
    return {"data": card.get("data", {}), **before}


def _folders():
    """List where models may lie: in an installed package, then at the top of a checkout."""
    installed, checkout = PACKAGE / "weights", PACKAGE.parent
    # beside an installed package, a folder of that name would be somebody else's
    return [installed, checkout / "weights"] if (checkout / "pyproject.toml").is_file() else [installed]


def _cards():
    """Return the path of the card of each model, by name."""
    return {path.stem: path for folder in reversed(_folders()) for path in folder.glob("*.json")}


def _card_of(name):
    cards = _cards()
    if name in cards:
        return cards[name]
    if not cards:
        looked = " and ".join(map(str, _folders()))
        raise ValueError(f"name={shortened(name)}: no pretrained model is installed (looked in {looked}). {MEND}.")
    raise ValueError(
        f"name={shortened(name)} is no pretrained model. Take one of {sorted(cards)}.{did_you_mean(name, cards)}"
    )


def _read_card(path):
    """Return the card as a dict, or raise an error that names its file."""
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # of JSON, and of UTF-8
        raise ValueError(f"{path}: this card is no JSON ({error}). {MEND}.") from error
    if not isinstance(card, dict):
        raise ValueError(f"{path}: this card is {type(card).__name__}, not an object. {MEND}.")
    bad = [name for name, kind in ON_CARD.items() if not isinstance(card.get(name), kind)]
    if bad:
        raise ValueError(f"{path}: this card lacks {', '.join(bad)}, or has something of another kind there. {MEND}.")
    if "begun_with" in card:  # the name that it has in older cards
        card["fine_tuned_from"] = card.pop("begun_with")
    return _Card(card)
