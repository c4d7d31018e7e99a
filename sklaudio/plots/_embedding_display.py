"""EmbeddingDisplay: a map of clips as a model or an encoder sees them, with those whose label may be wrong."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.utils.multiclass import type_of_target

from .._inference import check_takes_clips
from .._introspect import takes_clips
from .._utils.lengths import check_equal_lengths
from .._utils.terminal import shortened
from ..audio._clips import list_clips
from ..audio._in_memory import as_source
from ..audio._sources import name_of
from ._display import Display, add_legend, drawable_text, require_matplotlib
from ._embed_clips import embed_clips
from ._project import METHODS, project, reduce_dims
from ._suspects import find_outliers, find_suspects

# Okabe and Ito's colours without the yellow, which is pale on white: the colour-blind tell them apart, and markers
# where there are more classes.
COLOURS = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#56b4e9", "#cc79a7", "#555555"
MARKERS = "o", "s", "^", "D", "v", "P", "X", "*"
MAX_NAMED = 32  # classes in the legend


class EmbeddingDisplay(Display):
    """Draw a map of clips, on which those that sound alike to a model lie close together.

    Make one with :meth:`from_estimator`.

    Parameters
    ----------
    coordinates : ndarray of shape (n_clips, 2)
        Where each clip is.
    y : array-like of shape (n_clips,) or None, default=None
        Class of each, or a number.
    suspects, outliers : DataFrame or None, default=None
        Rows to mark, by their index.
    axis_names : tuple of two str, default=("", "")
        What the axes are called.
    name : str or None, default=None
        What is written above the figure.

    Attributes
    ----------
    coordinates_ : ndarray of shape (n_clips, 2)
        Where each clip is on the map.
    embedding_ : ndarray of shape (n_clips, n_dims)
        What the map is of. Only of :meth:`from_estimator`.
    suspects_ : DataFrame
        Clips whose label may be wrong, the most suspect first: `path` (or "X[3]"), `label`, `predicted` and `score`, 1
        less the probability of the label; its index is the row of `X`.
    outliers_ : DataFrame
        Clips that are far from the nearest others of their class: `path`, `label` and `score`, in robust standard
        deviations; its index is the row of `X`.
    ax_, axes_, figure_
        The axes and its figure.

    See Also
    --------
    ExplanationDisplay : What in a clip speaks for a prediction.

    Examples
    --------
    One of the low tones is labelled as high:

    >>> import numpy as np
    >>> from sklaudio import EmbeddingDisplay, MelSpectrogramTransformer
    >>> rng = np.random.default_rng(0)
    >>> y = np.array(["low", "high"] * 15)
    >>> hertz = np.where(y == "low", 300, 3000) * rng.uniform(0.9, 1.1, size=30)
    >>> X = np.sin(2 * np.pi * hertz[:, None] * np.arange(8000) / 22050) + 0.01 * rng.normal(size=(30, 8000))
    >>> y[4] = "high"
    >>> EmbeddingDisplay.from_estimator(MelSpectrogramTransformer(40), X, y).suspects_[["label", "predicted"]]
      label predicted
    4  high       low
    """

    def __init__(self, coordinates, y=None, *, suspects=None, outliers=None, axis_names=("", ""), name=None):
        self.coordinates = coordinates
        self.y = y
        self.suspects = suspects
        self.outliers = outliers
        self.axis_names = axis_names
        self.name = name

    @classmethod
    def from_estimator(
        cls,
        model,
        X,
        y=None,
        *,
        groups=None,
        method="pca",
        cv=5,
        n_neighbors=10,
        random_state=0,
        name=None,
        ax=None,
    ):
        """Embed clips, and draw a map of them.

        Parameters
        ----------
        model : EncoderTransformer or other FrameTransformer, or fitted model of clips
            Of features and encoders, clips are embedded as mean, standard deviation and maximum over time; of nets as
            what comes before the output layer; of other models as what comes to the last estimator.
        X : sequence of clips
            The clips. Labels that a net was trained on it may have learned, wrong ones as well: to find these, pass an
            encoder, or clips that the net has not seen.
        y : array-like of shape (n_clips,) or None, default=None
            The class of each, or a number; None draws all alike, and no label is suspect.
        groups : array-like of shape (n_clips,) or None, default=None
            Speaker, artist or recording of each clip. A clip is judged by others of other groups.
        method : {"pca", "tsne", "umap"}, default="pca"
            How many dims become two: principal components, or what keeps neighbours together, t-SNE or, where
            ``umap-learn`` is installed, UMAP.
        cv : int, default=5
            Folds in which labels are predicted to find suspects; fewer where a class has fewer clips.
        n_neighbors : int, default=10
            Nearest clips of the same class that the distance of an outlier is of.
        random_state : int, RandomState or None, default=0
            Seed of folds, t-SNE and UMAP.
        name : str or None, default=None
            What to write above the figure.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        EmbeddingDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If a parameter is not known or out of range, `y` or `groups` do not fit, or `y` has several labels a clip.
        TypeError, sklearn.exceptions.NotFittedError
            If `model` takes no clips, or is not fitted.
        UnreadableClipError
            If a clip cannot be read.
        ImportError
            If matplotlib, or UMAP where it is asked for, is not installed.

        Notes
        -----
        Suspects are found as in confident learning (Northcutt, Jiang and Chuang, JAIR 70, 2021): out of fold, a
        logistic regression on the embeddings predicts another class, as surely as it predicts clips of that class on
        average. They are to be listened to, not to be dropped unheard: some are right and rare.
        """
        require_matplotlib(cls.__name__)
        _check_settings(method, cv, n_neighbors)
        clips = list_clips(X)
        labels = _check_labels(y)
        check_equal_lengths(clips, y=labels, groups=groups)
        if not takes_clips(model):
            check_takes_clips(model)
        embedding = embed_clips(model, clips)
        reduced = reduce_dims(embedding)
        coordinates, axis_names = project(reduced, method, random_state)
        names = [_name(clip, f"X[{row}]") for row, clip in enumerate(clips)]
        has_classes = labels is not None and not _are_numbers(labels)
        suspects = outliers = None
        if has_classes:
            suspects = _named(find_suspects(embedding, labels, groups, cv, random_state), names)
        outliers = _named(find_outliers(reduced, labels if has_classes else None, n_neighbors), names)
        if not has_classes:
            outliers = outliers.drop(columns="label")
        display = cls(coordinates, labels, suspects=suspects, outliers=outliers, axis_names=axis_names, name=name)
        display.embedding_ = embedding
        return display.plot(ax=ax)

    def plot(self, ax=None):
        """Draw the map.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        self : EmbeddingDisplay
            The display itself.
        """
        self.coordinates_ = np.asarray(self.coordinates)
        self.suspects_ = _no_rows("path", "label", "predicted", "score") if self.suspects is None else self.suspects
        self.outliers_ = _no_rows("path", "label", "score") if self.outliers is None else self.outliers
        (axes,) = self._prepare(ax, figsize=(8.5, 5.6))
        size = float(np.clip(16000 / max(1, len(self.coordinates_)), 10, 45))
        y = None if self.y is None else np.asarray(self.y)
        if y is None or _are_numbers(y):
            look = {"color": COLOURS[0]} if y is None else {"c": y, "cmap": "viridis"}
            points = axes.scatter(*self.coordinates_.T, s=size, linewidths=0, **look)
            if y is not None:
                axes.figure.colorbar(points, ax=axes, pad=0.01)
        else:
            self._draw_classes(axes, y, size)
        self._draw_marked(axes, size)
        handles, names = axes.get_legend_handles_labels()
        if handles:
            add_legend(axes, handles, names)
        axes.set(xlabel=self.axis_names[0], ylabel=self.axis_names[1])
        axes.set_aspect("equal", adjustable="datalim")
        if self.name:
            axes.set_title(drawable_text(self.name), fontsize="large")
        return self

    def _draw_classes(self, axes, y, size):
        for number, label in enumerate(np.unique(y).tolist()):
            turn, place = divmod(number, len(COLOURS))
            look = {"color": COLOURS[place], "marker": MARKERS[(place + turn) % len(MARKERS)], "edgecolors": "white"}
            named = drawable_text(label, 30) if number < MAX_NAMED else None
            axes.scatter(*self.coordinates_[y == label].T, s=size, alpha=0.8, linewidths=0.3, label=named, **look)

    def _draw_marked(self, axes, size):
        ring = {"s": 40 + 2.5 * size, "facecolors": "none", "linewidths": 1.3}
        for table, look in (
            (self.suspects_, {"edgecolors": "black", "label": "label may be wrong"}),
            (self.outliers_, {"edgecolors": "0.55", "label": "outlier", "marker": "s"}),
        ):
            if len(table):
                axes.scatter(*self.coordinates_[table.index.to_numpy(dtype=int)].T, **ring, **look)


def _check_labels(y):
    if y is None:
        return None
    y = np.asarray(y)
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if y.ndim != 1:
        raise ValueError(
            f"y is of shape {y.shape}: a map has one class, or number, for each clip. Pass one column of it, such as "
            "y[:, 0]."
        )
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        row = np.flatnonzero(~np.isfinite(y))[0]
        raise ValueError(f"y[{row}] is {y[row]}. Give each clip a number, or leave out those without one.")
    return y if y.dtype != object else np.array(list(map(str, y)))


def _are_numbers(y):
    return type_of_target(y).startswith("continuous")


def _check_settings(method, cv, n_neighbors):
    if method not in METHODS:
        raise ValueError(f"method={shortened(method)} is not known. Use 'pca', 'tsne' or 'umap'.")
    for name, number in (("cv", cv), ("n_neighbors", n_neighbors)):
        if not isinstance(number, Integral) or number < 2:
            raise ValueError(f"{name}={shortened(number)} must be a whole number from 2 on.")


def _name(clip, name):
    source = as_source(clip, name)
    return name_of(clip if source is None else source, name)


def _named(table, names):
    """Return a table with its rows as index, and the names of their clips."""
    rows = table["row"].astype(int).tolist()
    named = table.drop(columns="row").set_axis(pd.Index(rows, dtype=int))
    named.insert(0, "path", [names[row] for row in rows])
    return named


def _no_rows(*columns):
    return pd.DataFrame(columns=list(columns))
