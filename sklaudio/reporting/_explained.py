"""Pictures of what in a clip speaks for the prediction that is shown of it."""

import numpy as np

from .._utils.progress import progress
from .._utils.terminal import one_line
from ..audio._in_memory import is_read
from ..plots._attribution import draw_attributions
from ..plots._explain import explain
from ._media import colour_png, draw_on

MAX_SECONDS = 60.0  # of a clip that is explained: longer ones would take minutes each
SMALL = {"n_times": 12, "n_bands": 10}  # parts, of which a hundred are predicted without


class Explainer:
    """Draw what speaks for predictions of a model, onto the pictures of a Listener.

    Parameters
    ----------
    model : fitted model of clips or None
        None explains nothing.
    max_explained : int
        Clips that are explained at most.
    listener : Listener
        Its canvas, and the part of clips that is seen.
    """

    def __init__(self, model, max_explained, listener):
        self.model = model
        self.max_explained = max_explained
        self.listener = listener

    def explain(self, views, target_of):
        """Add to the first views an `explanation`: a dict with `picture`, `target` and `unit`; None to all others.

        Parameters
        ----------
        views : list of dict
            What a Listener has listened to.
        target_of : callable
            View -> the class, label or target to explain, as text.
        """
        n = self.max_explained if self.model is not None else 0
        for view in views[n:]:
            view["explanation"] = None
        for view in progress(views[:n], total=len(views[:n]), unit="clip", desc="explaining"):
            view["explanation"] = None if view["reason"] else self._explained(view, target_of(view))

    def _explained(self, view, target):
        source = view["source"]
        if not is_read(source) and len(source) > MAX_SECONDS * self.listener.sr:
            return None
        try:
            found, output, (y, sr, start) = explain(self.model, source, target=target, max_seconds=MAX_SECONDS, **SMALL)
        except (OSError, ValueError):  # too long, such as; the clip has its other picture
            return None
        strongest = max(found.cells.min(), found.cells.max(), key=abs)
        y = y[: round(self.listener.seconds * sr)]
        sheet, ax = self.listener.canvas
        draw_on(ax, y, sr, start, colours="gray")
        draw_attributions(ax, found, in_mel=True)
        ax.set_xlim(start, start + len(y) / sr)
        said = {"picture": colour_png(sheet), "target": one_line(output.name), "unit": output.unit_alone}
        return said | {"strongest": float(np.nan_to_num(strongest))}
