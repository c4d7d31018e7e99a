"""``sklaudio models``."""

import argparse
import json
import textwrap

from .._utils.near_names import did_you_mean
from .._utils.terminal import one_line
from ._command import argument, command
from ._model_names import ENCODERS, KINDS, PUBLISHED


def known(text):
    """Parse an argument: the name of a pretrained model, an encoder, a kind, or a published system."""
    from ..pretrained import pretrained_names

    names = [*pretrained_names(), *ENCODERS, *KINDS, *PUBLISHED]
    if text not in names:
        near = did_you_mean(text, names, after=".")
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(names)}{near}")
    return text


@command(
    argument("name", nargs="?", type=known, metavar="NAME", complete="model name", help="model to describe"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
)
def models(name, *, as_json):
    """List pretrained models, encoders, the kinds of nets to train, and the systems of the literature.

    With the NAME of a pretrained model, its card: classes, data and their licence,
    limits, and how it was scored. With that of an encoder, its card, and how to get
    it. With that of a kind or a published system, what it is.

    Such as:
      sklaudio models
      sklaudio models genres
      sklaudio models genre-lstm
      sklaudio models --json
    """
    from ..pretrained import pretrained_card, pretrained_names

    if name is None:
        cards = [pretrained_card(name) for name in pretrained_names()]
        print(json.dumps(_all_as_object(cards), indent=1) if as_json else _all_as_text(cards))
    elif name in pretrained_names():
        card = pretrained_card(name)
        print(json.dumps(card, indent=1) if as_json else _card_as_text(card))
    elif name in ENCODERS:
        from ..encoders import card

        print(json.dumps(card(name), indent=1) if as_json else _encoder_as_text(card(name)))
    else:
        words = _words_on(name)
        print(json.dumps({"name": name, "description": words}, indent=1) if as_json else f"{name}\n\n{words}")
    return 0


def _all_as_object(cards):
    short = ("name", "description", "classes", "bytes")
    pretrained = [
        {key: card[key] for key in short} | {"accuracy": _accuracy(card), "licence_of_data": _licence(card)}
        for card in cards
    ]
    from ..encoders import card

    short = ("name", "description", "licence", "installed", "how_to_get")
    encoders = [{key: card(name)[key] for key in short} for name in ENCODERS]
    return {"pretrained": pretrained, "encoders": encoders, "kinds": list(KINDS), "published": list(PUBLISHED)}


def _all_as_text(cards):
    lines = ["Pretrained (sklaudio predict NAME FILE):"]
    for card in cards:
        licence = _licence(card) or "no licence on its card"
        lines.append(f"  {card['name']}: {card['description']}")
        lines.append(f"    {_score(card)}{card['bytes'] / 1e6:.1f} MB; data: {licence}")
    if not cards:
        lines.append("  none is installed")
    lines += ["", "Encoders (sklaudio embed FILE --encoder NAME):", *_encoder_lines()]
    lines += ["", "Kinds to train (sklaudio train FOLDER --model KIND):", *_wrapped(", ".join(KINDS))]
    lines += ["", "Published systems (sklaudio train FOLDER --model NAME):", *_wrapped(", ".join(PUBLISHED))]
    return "\n".join([*lines, "", "sklaudio models NAME prints more."])


def _card_as_text(card):
    from ..pretrained import data_of

    facts = [
        ("classes", f"{len(card['classes'])}: {', '.join(map(str, card['classes']))}"),
        ("score", _score(card).removesuffix("; ")),
        ("split", card.get("evaluation", {}).get("split")),
        ("sampling rate", f"{card['sampling_rate']} Hz" if "sampling_rate" in card else None),
        ("size", f"{card['bytes'] / 1e6:.1f} MB"),
        ("parameters", f"{card['n_parameters']:,}" if "n_parameters" in card else None),
    ]
    for label, data in data_of(card).items():
        facts += [
            (label, data.get("name")),
            (f"licence of the {label}", data.get("licence")),
            ("attribution", data.get("attribution")),
            ("source", data.get("source")),
        ]
    facts += [("intended use", card.get("intended_use"))]
    facts += [("limit", limit) for limit in card.get("limits", [])]
    lines = [f"{card['name']}: {card['description']}", ""]
    for label, fact in facts:
        if fact:
            lines += textwrap.wrap(one_line(f"{label}: {fact}"), 100, subsequent_indent="  ")
    return "\n".join(lines)


def _encoder_lines():
    from ..encoders import card

    lines = []
    for name in ENCODERS:
        facts = card(name)
        lines.append(f"  {name}: {facts['description']}")
        state = "installed" if facts["installed"] else f"not installed: {facts['how_to_get']}"
        lines += textwrap.wrap(f"{facts['licence']}; {state}", 96, initial_indent="    ", subsequent_indent="    ")
    return lines


def _encoder_as_text(facts):
    lines = [f"{facts['name']}: {facts['description']}", ""]
    rows = {
        "learned": facts["task"],
        "data": facts["data"],
        "licence": facts["licence"],
        "citation": facts["citation"],
        "sampling rate": f"{facts['sampling_rate']} Hz",
        "makes": f"{facts['dims']} dims, {facts['frame_rate']:.3g} frames a second",
        "layers": ", ".join(facts["layers"]),
        "size": f"{facts['bytes'] / 1e6:.1f} MB",
        "state": "installed" if facts["installed"] else f"not installed; get it: {facts['how_to_get']}",
    }
    for label, fact in rows.items():
        if fact:
            lines += textwrap.wrap(one_line(f"{label}: {fact}"), 100, subsequent_indent="  ")
    return "\n".join(lines)


def _words_on(name):
    """Return what the docstring of a kind or a published system says first."""
    import inspect

    if name in PUBLISHED:
        from ..published import system

        record = system(name)
        words = inspect.getdoc(record.make)
        return f"{words}\n\nAs reported: {record.figure} ({record.n_classes} classes)."
    from ..recipes import NETS

    return inspect.getdoc(NETS[name]).split("\n\nParameters\n")[0]


def _accuracy(card):
    return card.get("evaluation", {}).get("accuracy")


def _score(card):
    accuracy = _accuracy(card)
    if not accuracy:
        return ""
    return f"held-out accuracy {accuracy['mean']:.3f} ± {accuracy['sd']:.3f} ({accuracy['n']} trainings); "


def _licence(card):
    from ..pretrained import data_of

    licences = [data.get("licence") for data in data_of(card).values()]
    return one_line(" and ".join(dict.fromkeys(filter(None, licences)))) or None


def _wrapped(text):
    return textwrap.wrap(text, 96, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
