"""The map of a report: a point for each clip, near to those that sound alike to the model, and played from there."""

import numpy as np

from .._utils.terminal import one_line
from ..plots._embed_clips import embed_clips
from ..plots._project import project, reduce_dims
from ..plots._suspects import find_suspects

MAX_POINTS = 2000
MAX_SOUNDS = 60  # of points beside the mistakes that are on the page, and no more than there may be of these
SECONDS = 2.0  # of such a sound
N_LOOKS = 7  # colours, and shapes, of points
WIDTH, HEIGHT, MARGIN = 720, 480, 14
FEWEST = 3  # clips of a map
MAX_NAMED = 40  # classes in the legend
MAX_NAME = 80  # characters of a clip's name
MAX_SUSPECTS = 20


def map_of(model, views, shown, listener, n_sounds, *, class_of, said_of):
    """Embed clips by the model, and place them on a map.

    Parameters
    ----------
    model : fitted model of clips or None
        What embeds; None has no map.
    views : list of dict
        Clips that have a prediction; `source`, `name` and `correct` of each.
    shown : list of dict
        Those of them that have a player on the page.
    listener : Listener
        What reads clips to be played.
    n_sounds : int
        Other clips that can be played, at most.
    class_of, said_of : callable
        View -> its class, by which it is coloured, and what is predicted, as text.

    Returns
    -------
    dict or None
        What the template is given: `points`, `classes`, `suspects`, counts; None where too few clips can be embedded.
    """
    if model is None:
        return None
    chosen = _chosen(views, shown)
    if len(chosen) < FEWEST:
        return None
    try:
        embedding = embed_clips(model, [view["source"] for view in chosen])
    except (OSError, ValueError):  # such as a file that was removed meanwhile
        return None
    coordinates, _ = project(reduce_dims(embedding), "pca", 0)
    labels = np.array([class_of(view) for view in chosen])
    suspects = find_suspects(embedding, labels, None, 5, 0).head(MAX_SUSPECTS)
    places = {id(view): number for number, view in enumerate(shown)}
    classes = np.unique(labels).tolist()
    looks = {name: _look(number) for number, name in enumerate(classes)}
    sounds = _sounds(chosen, places, suspects["row"].astype(int).tolist(), listener, min(n_sounds, MAX_SOUNDS))
    points = [
        {
            "x": round(float(x), 1),
            "y": round(float(y), 1),
            "look": looks[class_of(view)],
            "name": _shortened(view["name"]),
            "true": class_of(view),
            "said": said_of(view),
            "correct": view["correct"],
            "mistake": places.get(id(view)),
            "sound": sound,
        }
        for view, (x, y), sound in zip(chosen, _on_page(coordinates), sounds, strict=True)
    ]
    rows = suspects.assign(row=suspects["row"].astype(int)).to_dict("records")
    return {
        "points": points,
        "classes": [(name, looks[name]) for name in classes[:MAX_NAMED]],
        "n_more_classes": max(0, len(classes) - MAX_NAMED),
        "suspects": [row | {"name": _shortened(chosen[row["row"]]["name"])} for row in rows],
        "n_left_out": len(views) - len(chosen),
        "n_playable": sum(point["sound"] is not None or point["mistake"] is not None for point in points),
        "seconds": SECONDS,
        "width": WIDTH,
        "height": HEIGHT,
    }


def _chosen(views, shown):
    """Choose the clips that are shown, and others drawn evenly from all, as far as there is room."""
    is_shown = {id(view) for view in shown}
    others = [view for view in views if id(view) not in is_shown and view["source"] is not None]
    known = [view for view in shown if view["source"] is not None][:MAX_POINTS]
    drawn = np.random.default_rng(0).permutation(len(others))[: MAX_POINTS - len(known)]
    return known + [others[number] for number in sorted(drawn.tolist())]


def _sounds(chosen, places, suspects, listener, n_sounds):
    """Return a short sound of some points that have no player, suspect ones first, as data URIs; None of the others."""
    without = [number for number, view in enumerate(chosen) if id(view) not in places]
    order = np.random.default_rng(1).permutation(without).tolist()
    order = [row for row in suspects if row in set(without)] + [row for row in order if row not in set(suspects)]
    has_sound = set(order[:n_sounds])
    return [
        listener.short_sound(view["source"], SECONDS) if number in has_sound else None
        for number, view in enumerate(chosen)
    ]


def _on_page(coordinates):
    """Return coordinates in units of the picture, one scale for both axes."""
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    size = (high - low) / (WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN)
    scale = 1 / (size.max() or 1.0)  # 0 where all clips are alike
    centred = (coordinates - (low + high) / 2) * scale * [1, -1]
    return centred + np.array([WIDTH, HEIGHT]) / 2


def _look(number):
    """Return colour and shape of a class: 49 of them before any two look alike."""
    turn, colour = divmod(number, N_LOOKS)
    return {"colour": colour, "shape": (colour + turn) % N_LOOKS}


def _shortened(name):
    name = one_line(name)
    return name if len(name) <= MAX_NAME else f"…{name[1 - MAX_NAME :]}"
