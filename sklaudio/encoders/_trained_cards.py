"""Cards of the trained models of this package, as those of encoders."""

from ..pretrained import data_of

SECONDS = 3  # in a window of a net that was trained on whole clips of any length


def card_of_trained(card):
    """Return the card of a trained model, as that of an encoder."""
    data = list(data_of(card).values())
    window = window_seconds(card.get("duration"), card.get("segment_length"), card["parameters"]["features"])
    return {
        "name": card["name"],
        "description": f"the net {card['name']!r} of this package before its output layer, one vector a window",
        "task": card["description"],
        "data": "; ".join(source["name"] for source in data),
        "licence": "; ".join(dict.fromkeys(source.get("licence", "none on record") for source in data)),
        "citation": None,
        "sampling_rate": card["sampling_rate"],
        "dims": None,
        "frame_rate": 1 / window,
        "layers": [],
        "bytes": card["bytes"],
        "sha256": {card["file"]: card["sha256"]},
        "installed": True,
    }


def window_seconds(duration, segment_length, features):
    """Return the length in seconds of the clips or segments that a net was trained on."""
    if segment_length and features.get("hop_length"):
        return segment_length * features["hop_length"] / features["sr"]
    return duration or SECONDS
