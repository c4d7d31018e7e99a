"""``sklaudio models``."""

import argparse
import json
import textwrap

from .._text import one_line
from ._command import argument, command
from ._names import KINDS, PUBLISHED


def known(text):
    """Type of an argument: the name of a pretrained model, a kind, or a published system."""
    from ..pretrained import pretrained_names

    names = [*pretrained_names(), *KINDS, *PUBLISHED]
    if text not in names:
        raise argparse.ArgumentTypeError(f"{text!r} is none of {', '.join(names)}")
    return text


@command(
    argument("name", nargs="?", type=known, metavar="NAME", complete="model name", help="what to tell more about"),
    argument("--json", action="store_true", dest="as_json", help="print one JSON object instead of text"),
)
def models(name, *, as_json):
    """List pretrained models, the kinds of nets to train, and the systems of the literature.

    With the NAME of a pretrained model, its card: classes, data and their licence,
    limits, and how it was scored. With that of a kind or a published system, what
    it is.

    Such as:
      sklaudio models
      sklaudio models genres
      sklaudio models genre-lstm
      sklaudio models --json
    """
    from ..pretrained import pretrained_card, pretrained_names

    if name is None:
        cards = [pretrained_card(own) for own in pretrained_names()]
        print(json.dumps(_all_as_object(cards), indent=1) if as_json else _all_as_text(cards))
    elif name in pretrained_names():
        card = pretrained_card(name)
        print(json.dumps(card, indent=1) if as_json else _card_as_text(card))
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
    return {"pretrained": pretrained, "kinds": list(KINDS), "published": list(PUBLISHED)}


def _all_as_text(cards):
    lines = ["Pretrained (sklaudio predict NAME FILE):"]
    for card in cards:
        licence = _licence(card) or "no licence on its card"
        lines.append(f"  {card['name']}: {card['description']}")
        lines.append(f"    {_score(card)}{card['bytes'] / 1e6:.1f} MB; data: {licence}")
    if not cards:
        lines.append("  none is installed")
    lines += ["", "Kinds to train (sklaudio train FOLDER --model KIND):", *_wrapped(", ".join(KINDS))]
    lines += ["", "Published systems (sklaudio train FOLDER --model NAME):", *_wrapped(", ".join(PUBLISHED))]
    return "\n".join([*lines, "", "sklaudio models NAME tells more."])


def _card_as_text(card):
    from ..pretrained import data_of

    facts = [
        ("tells apart", f"{len(card['classes'])} classes: {', '.join(map(str, card['classes']))}"),
        ("score", _score(card).removesuffix("; ")),
        ("split", card.get("evaluation", {}).get("split")),
        ("hears", f"{card['sampling_rate']} Hz" if "sampling_rate" in card else None),
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


def _words_on(name):
    """What the docstring of a kind or a published system says first."""
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
