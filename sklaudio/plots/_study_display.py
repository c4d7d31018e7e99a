"""StudyDisplay: what a search found, with the spread over its folds."""

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._introspect import parts_with
from .._utils.terminal import shortened
from ._display import Display, add_legend, drawable_text, require_matplotlib
from ._search_scores import chosen_parameters, grid_of, is_number
from ._study_axes import MAX_TICKS, positions, shifted, short_names, text_of, wrapped
from ._study_pairs import draw_pairs, pairs_of

MAX_CELLS = 14  # in a row or column of a heat map, that a number fits into
KINDS = ("auto", "lines", "heatmap", "points")


class StudyDisplay(Display):
    """Draw scores over the parameters of a search: mean and standard deviation over folds, and each fold.

    Of three parameters and more, each has a panel, and each pair of them.

    Parameters
    ----------
    axes : dict of str to list
        The parameters, and the values of each in order.
    scores : array of shape (n_values, n_folds) or (n_values, n_values_of_the_other, n_folds), or dict of such arrays
        The score of each fold; NaN for what was not tried. Of more than two parameters, by (name,) for each of them and
        by (name, other) for each pair, in the order of `axes`.
    score_name : str, default="score"
        What it is called.
    averaged : list of str, default=()
        Parameters that were varied too, and over which `scores` are means.

    Attributes
    ----------
    ax_, axes_, figure_
        The axes and its figure.

    Notes
    -----
    The standard deviation over folds says how much one fold differs from another. It is not the error of a mean, and
    folds share what they train on: settings whose bars overlap may still differ.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn.svm import SVC
    >>> from sklaudio import StudyDisplay
    >>> search = GridSearchCV(SVC(), {"C": [0.01, 0.1, 1, 10]}).fit(*load_iris(return_X_y=True))
    >>> display = StudyDisplay.from_estimator(search)
    >>> display.ax_.get_xlabel(), display.ax_.get_xscale()
    ('C', 'log')
    """

    def __init__(self, axes, scores, *, score_name="score", averaged=()):
        self.axes = axes
        self.scores = scores
        self.score_name = score_name
        self.averaged = averaged

    @classmethod
    def from_estimator(cls, search, *, parameters=None, score=None, kind="auto", ax=None):
        """Draw what a search found.

        Parameters
        ----------
        search : fitted GridSearchCV or RandomizedSearchCV, or its ``cv_results_``
            Any search with ``cv_results_``; or a model with one inside, such as a Pipeline that ends with it.
        parameters : str, list of str or None, default=None
            Up to six parameters, by their whole names or what comes after the last ``__``; None takes all that vary.
            Scores are means over those that are left out.
        score : str or None, default=None
            Which score, where there are several; None takes the one that `refit` names.
        kind, ax
            As in :meth:`plot`.

        Returns
        -------
        StudyDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If more than six parameters vary and `parameters` does not choose, or there is no such parameter or score.
        TypeError, sklearn.exceptions.NotFittedError
            If it is no search, or not fitted.
        ImportError
            If matplotlib is not installed.
        """
        require_matplotlib(cls.__name__)
        search = _search_in(search)
        if score is None:
            refit = getattr(search, "refit", None)
            score = refit if isinstance(refit, str) and getattr(search, "multimetric_", False) else "score"
        results = _results_of(search)
        names = chosen_parameters(results, parameters)
        if len(names) > 2:
            axes, scores = pairs_of(results, names, score)
            averaged = []
        else:
            axes, scores, averaged = grid_of(results, names, score)
        return cls(axes, scores, score_name=score.replace("_", " "), averaged=averaged).plot(kind=kind, ax=ax)

    def plot(self, ax=None, *, kind="auto"):
        """Draw the scores.

        Parameters
        ----------
        ax : matplotlib Axes, list of them or None, default=None
            Where to draw; None makes a new figure. Of n > 2 parameters, n x n axes, or one that is divided.
        kind : {"auto", "lines", "heatmap", "points"}, default="auto"
            Of one or two parameters; more have "auto". "lines" has the first parameter on the axis, with a log scale
            where its values grow by factors, and a line for each value of the second; "heatmap" writes mean and
            standard deviation in a cell for each pair; "points" has a dot for each pair that was tried, coloured by its
            mean. "auto" is "lines" for one parameter; for two it is "heatmap", or "points" where they are numbers of
            which less than half of the pairs were tried.

        Returns
        -------
        self : StudyDisplay
            The display itself.
        """
        if isinstance(self.scores, dict):
            if kind != "auto":
                raise ValueError(f"kind={shortened(kind)} is of one or two parameters. Choose them: parameters=[…].")
            names = [drawable_text(name) for name in short_names(self.axes)]
            n = len(names)
            grid = self._prepare(ax, n, n, figsize=(2.6 * n, 2.3 * n)).reshape(n, n)
            image = draw_pairs(grid, self.axes, self.scores, names)
            label = self._score_label("(mean over folds and others)")
            self.figure_.colorbar(image, ax=list(grid.ravel()), label=label)
            return self
        scores = np.asarray(self.scores, dtype=float)
        shape = tuple(len(values) for values in self.axes.values())
        if scores.shape[:-1] != shape or len(shape) not in (1, 2):
            raise ValueError(f"scores has shape {scores.shape}; axes of {shape} values want {(*shape, 'n_folds')}.")
        if kind not in KINDS or (kind in ("heatmap", "points") and len(shape) == 1):
            raise ValueError(
                f"kind={shortened(kind)} must be one of {', '.join(KINDS)}; 'heatmap' and 'points' take two parameters."
            )
        short = short_names(self.axes)
        if len(shape) == 1 or kind == "lines":
            self._draw_lines(ax, scores.reshape(shape[0], -1, scores.shape[-1]), short)
        elif kind == "points" or (kind == "auto" and self._is_sparse(scores)):
            self._draw_points(ax, scores.mean(axis=-1), short)
        else:
            self._draw_cells(ax, scores, short)
        return self

    def _is_sparse(self, scores):
        is_of_numbers = all(is_number(value) for values in self.axes.values() for value in values)
        return is_of_numbers and np.isnan(scores.mean(axis=-1)).mean() > 0.5

    def _draw_lines(self, ax, scores, short):
        values, *others = self.axes.values()
        (axes,) = self._prepare(ax, figsize=(max(6.5, min(12, 1.0 * len(values) + 2.5)), 4.4))
        place, is_log = positions(values)
        for number in range(scores.shape[1]):
            series, colour = scores[:, number], f"C{number}"
            at = shifted(place, number - (scores.shape[1] - 1) / 2, is_log)
            style = {"color": colour, "capsize": 3, "marker": "o", "linestyle": "-" if others else ""}
            label = text_of(others[0][number]) if others else None
            axes.errorbar(at, series.mean(axis=1), series.std(axis=1), label=label, **style)
            axes.plot(at, series, ".", color=colour, alpha=0.5, markersize=6, label="_each fold")
        if is_log:
            axes.set_xscale("log")
        self._name_values(axes, values, place)
        axes.set(xlabel=drawable_text(short[0]), ylabel=self._score_label("(mean ± std over folds)"))
        axes.grid(axis="y", alpha=0.3)
        if others:
            add_legend(axes, *axes.get_legend_handles_labels(), title=drawable_text(short[1]))

    def _name_values(self, axes, values, place):
        if len(values) > MAX_TICKS and all(map(is_number, values)):
            return
        axes.set_xticks(place, [wrapped(value) for value in values])
        axes.set_xticks([], minor=True)

    def _draw_cells(self, ax, scores, short):
        rows, columns = self.axes.values()
        width, height = 2.6 + 0.95 * min(len(columns), MAX_CELLS), 1.6 + 0.6 * min(len(rows), MAX_CELLS)
        (axes,) = self._prepare(ax, figsize=(width, max(3.2, height)))
        mean, std = scores.mean(axis=-1), scores.std(axis=-1)
        image = axes.imshow(mean, origin="lower", aspect="auto", cmap="viridis")
        fits = max(mean.shape) <= MAX_CELLS
        for row, column in np.argwhere(~np.isnan(mean)) if fits else ():
            is_light = image.norm(mean[row, column]) > 0.6
            text = f"{mean[row, column]:.3f}\n± {std[row, column]:.3f}"
            style = {"ha": "center", "va": "center", "fontsize": "small", "color": "black" if is_light else "white"}
            axes.text(column, row, text, **style)
        axes.set_xticks(range(len(columns)), [wrapped(value) for value in columns])
        axes.set_yticks(range(len(rows)), [wrapped(value, 24) for value in rows])
        axes.set_title("mean ± std over folds" if fits else "mean over folds", fontsize="small")
        axes.set(xlabel=drawable_text(short[1]), ylabel=drawable_text(short[0]))
        axes.figure.colorbar(image, ax=axes, label=self._score_label())

    def _draw_points(self, ax, mean, short):
        (axes,) = self._prepare(ax, figsize=(6.5, 4.8))
        (rows, row_is_log), (columns, column_is_log) = (positions(values) for values in self.axes.values())
        at_row, at_column = np.nonzero(~np.isnan(mean))
        dots = axes.scatter(columns[at_column], rows[at_row], c=mean[at_row, at_column], s=60, edgecolors="0.3")
        axes.set_xscale("log" if column_is_log else "linear")
        axes.set_yscale("log" if row_is_log else "linear")
        axes.set(xlabel=drawable_text(short[1]), ylabel=drawable_text(short[0]))
        for axis, values in ((axes.xaxis, list(self.axes.values())[1]), (axes.yaxis, next(iter(self.axes.values())))):
            if not all(map(is_number, values)):
                axis.set_ticks(range(len(values)), [text_of(value) for value in values])
        axes.figure.colorbar(dots, ax=axes, label=self._score_label("(mean over folds)"))

    def _score_label(self, *statistics):
        over = [f"averaged over {drawable_text(name)}" for name in short_names(self.averaged)]
        return "\n".join([drawable_text(self.score_name), *statistics, *over])


def _search_in(model):
    """Find the one search in a model; return what is given if there is none."""
    if not hasattr(model, "fit"):
        return model
    found = parts_with(model, lambda part: any(key.startswith("param_") for key in getattr(part, "cv_results_", ())))
    if len(found) > 1:
        raise TypeError(f"search: {type(model).__name__} holds {len(found)} searches. Pass one of them.")
    return found[0] if found else model


def _results_of(search):
    if hasattr(search, "cv_results_"):
        return search.cv_results_
    if isinstance(search, dict) and any(key.startswith("param_") for key in search):
        return search
    if hasattr(search, "fit") and hasattr(search, "cv"):
        check_is_fitted(search, msg="%(name)s has no cv_results_: it is not fitted. Call fit first.")
    raise TypeError(
        f"search is {type(search).__name__} without cv_results_. Pass a fitted GridSearchCV or RandomizedSearchCV, or "
        "its cv_results_."
    )
