"""Scores of more than two parameters of a search: a panel for each, and one for each pair."""

import numpy as np

from ._search_scores import grid_of, is_number
from ._study_axes import MAX_TICKS, positions, wrapped

MAX_NAMED = 5  # values of a parameter beside a small panel


def pairs_of(results, names, score):
    """Return the values of each parameter, and scores by (name,) and (name, other)."""
    axes, scores = {}, {}
    for row, name in enumerate(names):
        grid, scores[name,], _ = grid_of(results, [name], score)
        axes |= grid
        for other in names[:row]:
            _, scores[other, name], _ = grid_of(results, [other, name], score)
    return axes, scores


def draw_pairs(grid, axes, scores, names):
    """Draw each parameter on the diagonal, and each pair below it.

    Parameters
    ----------
    grid : ndarray of matplotlib.axes.Axes, shape (n, n)
        Where to draw.
    axes : dict of str to list
        The n parameters and their values.
    scores : dict of arrays
        Scores of each fold by (name,) and (name, other), as :func:`pairs_of` returns them.
    names : list of str
        What the parameters are called, in the order of `axes`.

    Returns
    -------
    AxesImage or PathCollection
        Drawn scores, for the colour bar that all of them share.
    """
    pairs = {key: np.asarray(each).mean(axis=-1) for key, each in scores.items() if len(key) == 2}
    means = np.concatenate([mean[~np.isnan(mean)] for mean in pairs.values()])
    limits = (means.min(), means.max()) if len(means) else (0, 1)  # none where every fit failed
    for row, name in enumerate(axes):
        _draw_single(grid[row, row], axes[name], np.asarray(scores[name,], dtype=float))
        grid[row, row].set_title(names[row], fontsize="small")
        for column, other in enumerate(list(axes)[:row]):
            image = _draw_pair(grid[row, column], axes[name], axes[other], pairs[other, name].T)
            image.set_clim(*limits)
    _label_outer(grid, names)
    return image


def _label_outer(grid, names):
    """Name the parameters at the bottom and on the left, and leave what is above the diagonal empty."""
    n = len(names)
    for row in range(n):
        for column in range(n):
            grid[row, column].tick_params(labelbottom=row == n - 1, which="both")
            if column < row:
                grid[row, column].tick_params(labelleft=column == 0, which="both")
            elif column > row:
                grid[row, column].set_axis_off()
        grid[-1, row].set_xlabel(names[row])
        if row:
            grid[row, 0].set_ylabel(names[row])


def _draw_single(axes, values, scores):
    """Draw mean and standard deviation over folds; no line through numbers drawn at random, which would be noise."""
    is_of_numbers = all(map(is_number, values))
    is_scale = is_of_numbers and len(values) > MAX_TICKS
    place, is_log = positions(values) if is_scale else (np.arange(len(values)), False)
    line = "-" if is_of_numbers and not is_scale else ""
    style = {"color": "C0", "capsize": 0 if is_scale else 3, "marker": "o", "linestyle": line}
    axes.errorbar(place, scores.mean(axis=1), scores.std(axis=1), **style)
    axes.grid(axis="y", alpha=0.3)
    _name_places(axes.xaxis, values, is_scale, is_log)


def _draw_pair(axes, rows, columns, mean):
    """Draw a cell for each pair of values, or, where these are many numbers, a dot for each that was tried."""
    is_scale = [len(values) > MAX_TICKS and all(map(is_number, values)) for values in (rows, columns)]
    (y, y_is_log), (x, x_is_log) = (
        positions(values) if on_scale else (np.arange(len(values)), False)
        for values, on_scale in zip((rows, columns), is_scale, strict=True)
    )
    if any(is_scale):
        at_y, at_x = np.nonzero(~np.isnan(mean))
        image = axes.scatter(x[at_x], y[at_y], c=mean[at_y, at_x], s=25, edgecolors="0.3", linewidths=0.5)
    else:
        image = axes.imshow(mean, origin="lower", aspect="auto", cmap="viridis")
    _name_places(axes.xaxis, columns, is_scale[1], x_is_log)
    _name_places(axes.yaxis, rows, is_scale[0], y_is_log)
    return image


def _name_places(axis, values, is_scale, is_log):
    """Make an axis one of numbers, or name the values along it, at most five."""
    if is_scale:
        (axis.axes.set_xscale if axis.axis_name == "x" else axis.axes.set_yscale)("log" if is_log else "linear")
        return
    places = np.unique(np.linspace(0, len(values) - 1, min(len(values), MAX_NAMED)).round().astype(int))
    axis.set_ticks(places, [wrapped(values[place]) for place in places], fontsize="small")
