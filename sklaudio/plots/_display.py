"""Shared by all Displays: new figures, given axes, text that is taken as it is."""

import io

import numpy as np

from .._utils.terminal import one_line, shortened


def require_matplotlib(caller):
    """Raise an error that names the extra unless matplotlib can be imported."""
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{caller} draws with matplotlib, which is not installed. Run: pip install 'sklaudio[plots]'"
        ) from error


class Display:
    """Base of the Displays.

    A figure that a Display makes is known to no one else: neither pyplot's current figure nor its backend or settings
    change. Notebooks show it where the Display is the value of a cell; elsewhere there is ``figure_.savefig``.

    Attributes
    ----------
    ax_ : matplotlib.axes.Axes
        What was drawn on; the first one of several.
    axes_ : ndarray of matplotlib.axes.Axes
        All of them, in order.
    figure_ : matplotlib.figure.Figure
        What they are in.
    """

    def _prepare(self, ax, n_rows=1, n_columns=1, *, figsize):
        """Make axes to draw on, ``n_rows * n_columns`` of them, in a new figure or where the caller wants them."""
        require_matplotlib(type(self).__name__)
        from matplotlib.figure import Figure

        self._owns_figure = ax is None
        if ax is None:
            figure = Figure(figsize=figsize, layout="constrained")
            self.axes_ = figure.subplots(n_rows, n_columns, squeeze=False).ravel()
        else:
            self.axes_ = _given_axes(ax, n_rows, n_columns)
        self.ax_ = self.axes_[0]
        self.figure_ = self.ax_.figure
        return self.axes_

    def _repr_png_(self):
        """Return a picture for notebooks, which show figures of pyplot's by themselves."""
        if not getattr(self, "_owns_figure", False):
            return None
        picture = io.BytesIO()
        self.figure_.savefig(picture, format="png", dpi=100)
        return picture.getvalue()


def _given_axes(ax, n_rows, n_columns):
    from matplotlib.axes import Axes

    wanted = n_rows * n_columns
    if isinstance(ax, Axes):
        return np.array([ax], dtype=object) if wanted == 1 else _divide(ax, n_rows, n_columns)
    given = np.asarray(ax, dtype=object).ravel()
    if not all(isinstance(axes, Axes) for axes in given):
        raise TypeError(
            f"ax={shortened(ax)} is no matplotlib Axes. Pass an Axes, {wanted} of them, or None for a new figure."
        )
    if len(given) != wanted:
        raise ValueError(
            f"ax holds {len(given)} Axes and there are {wanted} to draw. Pass {wanted}, a single one to be divided, or "
            "None for a new figure."
        )
    return given


def _divide(ax, n_rows, n_columns):
    """Put a grid of axes where one was, as scikit-learn's PartialDependenceDisplay does."""
    if ax.get_subplotspec() is None:
        raise ValueError(
            f"ax lies freely in its figure and cannot be divided into the {n_rows * n_columns} that there are to draw. "
            "Pass one made by subplots, a list of Axes, or None for a new figure."
        )
    ax.set_axis_off()
    grid = ax.get_subplotspec().subgridspec(n_rows, n_columns)
    return np.array([ax.figure.add_subplot(grid[cell]) for cell in range(n_rows * n_columns)], dtype=object)


def drawable_text(value, longest=60):
    """Return a name as text that is short and drawn as it is: without formulas, and not hidden by an underscore."""
    text = one_line(str(value).replace("\n", " "))  # fonts have no control characters, nor what is no UTF-8
    if len(text) > longest:
        text = f"{text[: longest // 2 - 1]}…{text[-longest // 2 :]}"
    return (" " if text.startswith("_") else "") + text.replace("$", r"\$")


def add_legend(ax, handles, labels, **settings):
    """Add a legend right of the axes, where it covers nothing; inside if the layout of the figure makes no room."""
    if ax.figure.get_layout_engine() is None:
        return ax.legend(handles, labels, fontsize="small", framealpha=0.7, **settings)
    beside = {"loc": "upper left", "bbox_to_anchor": (1, 1), "borderaxespad": 0.2, "frameon": False}
    return ax.legend(handles, labels, **beside, **settings)


def envelope(y, sr, start=0.0, max_points=8000):
    """Return times in seconds and values of a line that looks as the waveform does: extremes of each stretch.

    A line of millions of samples is slow to draw, and every n-th of them would lose clicks.
    """
    size = -(-len(y) // max_points)
    if size <= 2:
        return start + np.arange(len(y)) / sr, y
    starts = np.arange(0, len(y), size)
    values = np.stack([np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)], axis=1)
    return start + np.repeat(starts + size / 2, 2) / sr, values.ravel()
