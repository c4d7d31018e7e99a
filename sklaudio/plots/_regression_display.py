"""RegressionDisplay: predicted numbers against true ones, and what they are off by."""

from numbers import Integral, Real

import numpy as np
from sklearn.utils import check_random_state

from .._inference import target_names_of
from .._utils.target_names import check_scored_numbers
from ..evaluate import RegressionEvaluation
from ._display import Display, drawable_text, require_matplotlib

KINDS = {"both": 2, "actual_vs_predicted": 1, "residual_vs_predicted": 1}
SUBSAMPLE = 1000
MARGIN = 0.05  # of the range of the numbers, around it


class RegressionDisplay(Display):
    """Draw predicted numbers against true ones, and residuals, for each target.

    As scikit-learn's ``PredictionErrorDisplay``, for several targets at once.

    Parameters
    ----------
    y_true : array-like or DataFrame of shape (n_clips,) or (n_clips, n_targets)
        The numbers of each clip.
    y_pred : array-like of the shape of `y_true`
        What was predicted; NaN where there is no prediction. Such clips are not drawn.
    target_names : sequence of str or None, default=None
        Names of the targets. None takes the columns of a DataFrame, else "prediction" of one target, and "prediction0",
        "prediction1", … of several.

    Attributes
    ----------
    scores_ : DataFrame
        A row per target, see :func:`~sklaudio.metrics.regression_table`: those of all clips.
    ax_, axes_, figure_
        The first axes, all of them (target by target), and their figure.

    See Also
    --------
    evaluate_files : Compares the predictions of a model with the numbers of files.
    report : Writes a page with these pictures, and the clips that are furthest off.

    Examples
    --------
    >>> import numpy as np
    >>> from sklaudio import RegressionDisplay
    >>> y_true = np.array([[2.0, 5.0], [4.0, 6.0], [7.0, 3.0]])
    >>> display = RegressionDisplay.from_predictions(y_true, y_true + 0.5, target_names=["valence", "arousal"])
    >>> len(display.axes_), display.ax_.get_xlabel(), display.ax_.get_ylabel()
    (4, 'predicted valence', 'actual valence')
    """

    def __init__(self, y_true, y_pred, *, target_names=None):
        self.y_true = y_true
        self.y_pred = y_pred
        self.target_names = target_names

    @classmethod
    def from_predictions(
        cls, y_true, y_pred, *, target_names=None, kind="both", subsample=SUBSAMPLE, random_state=None, ax=None
    ):
        """Draw predictions that are there already.

        Parameters
        ----------
        y_true, y_pred, target_names
            As in :class:`RegressionDisplay`.
        kind, subsample, random_state, ax
            As in :meth:`plot`.

        Returns
        -------
        RegressionDisplay
            The display, drawn.
        """
        display = cls(y_true, y_pred, target_names=target_names)
        return display.plot(ax=ax, kind=kind, subsample=subsample, random_state=random_state)

    @classmethod
    def from_estimator(cls, model, X, y, *, target_names=None, **settings):
        """Predict, and draw the predictions.

        Parameters
        ----------
        model : fitted regressor
            A Pipeline of clips, or any regressor.
        X : sequence or column of clips, or whatever else the model takes
            They should be clips that it was not trained on.
        y : array-like or DataFrame of shape (n_clips,) or (n_clips, n_targets)
            Their numbers.
        target_names : sequence of str or None, default=None
            As in :class:`RegressionDisplay`.
        **settings
            `kind`, `subsample`, `random_state` and `ax` of :meth:`plot`.

        Returns
        -------
        RegressionDisplay
            The display, drawn.

        Raises
        ------
        ValueError
            If `y` has other columns than the model was fitted with, or another order of them.
        """
        require_matplotlib(cls.__name__)
        check_scored_numbers(y, target_names_of(model))
        y_pred = np.asarray(model.predict(X), dtype=np.float64).reshape(np.shape(y))
        return cls.from_predictions(y, y_pred, target_names=target_names, **settings)

    def plot(self, ax=None, *, kind="both", subsample=SUBSAMPLE, random_state=None):
        """Draw the predictions of each target.

        Parameters
        ----------
        ax : matplotlib Axes, list of Axes or None, default=None
            One for each picture, in the order of `axes_`; a single one that is divided among them, or None for a new
            figure, which has a row for each target.
        kind : {"both", "actual_vs_predicted", "residual_vs_predicted"}, default="both"
            Actual numbers, or residuals (actual - predicted), over the predicted ones, or the one beside the other. On
            the dotted line predictions are right.
        subsample : int, float or None, default=1000
            How many clips are drawn at most, or what fraction of them, in (0, 1]; None draws all.
        random_state : int, RandomState or None, default=None
            Seed of the clips that are drawn.

        Returns
        -------
        self : RegressionDisplay
            The display itself.

        Raises
        ------
        ValueError
            If `kind` is none of the three, `subsample` is out of its range, or the numbers do not fit each other.
        """
        if kind not in KINDS:
            raise ValueError(f"kind={kind!r} is none of {', '.join(map(repr, KINDS))}. Use one of these.")
        require_matplotlib(type(self).__name__)
        evaluation = RegressionEvaluation.from_predictions(self.y_true, self.y_pred, target_names=self.target_names)
        self.scores_, table = evaluation.scores, evaluation.predictions
        names = self.scores_.index.tolist()
        shown = table[np.isfinite(table[names]).all(axis=1)]
        shown = shown.iloc[_drawn(len(shown), subsample, random_state)]
        n_columns = KINDS[kind]
        axes = self._prepare(ax, len(names), n_columns, figsize=(4.6 * n_columns, 0.4 + 3.6 * len(names)))
        panels = iter(axes)
        for name in names:
            true, predicted = shown[f"true({name})"].to_numpy(), shown[name].to_numpy()
            if kind != "residual_vs_predicted":
                self._draw_actual(next(panels), name, true, predicted)
            if kind != "actual_vs_predicted":
                self._draw_residual(next(panels), name, true, predicted)
        return self

    def _draw_actual(self, ax, name, true, predicted):
        low, high = _limits(np.concatenate([true, predicted]))
        ax.plot([low, high], [low, high], ":", color="0.5", linewidth=1)
        ax.plot(predicted, true, "o", **_points(len(true)))
        row = self.scores_.loc[name]
        ax.set_title(f"MAE {row['mae']:.3g}, R² {row['r2']:.3g}, concordance {row['ccc']:.3g}", fontsize="small")
        ax.set(xlim=(low, high), ylim=(low, high), aspect="equal")
        _name(ax, name, "actual ")

    def _draw_residual(self, ax, name, true, predicted):
        ax.axhline(0, linestyle=":", color="0.5", linewidth=1)
        ax.plot(predicted, true - predicted, "o", **_points(len(true)))
        reach = 1.1 * max(np.abs(true - predicted).max(), 1e-12)
        ax.set(xlim=_limits(predicted), ylim=(-reach, reach))
        _name(ax, name, "residual of ")


def _name(ax, name, what):
    name = drawable_text(name, 30).strip()
    ax.set(xlabel=f"predicted {name}", ylabel=f"{what}{name}")
    ax.grid(alpha=0.3)


def _points(n_points):
    """Return the style of points: many are small and transparent."""
    return {"color": "C0", "markersize": 5 if n_points <= 200 else 3, "alpha": 0.8 if n_points <= 50 else 0.45}


def _limits(values):
    low, high = float(values.min()), float(values.max())
    margin = MARGIN * (high - low) or MARGIN * max(abs(high), 1.0)
    return low - margin, high + margin


def _drawn(n_clips, subsample, random_state):
    """Choose which clips are drawn, in order."""
    is_count = isinstance(subsample, Integral) and not isinstance(subsample, bool) and subsample >= 1
    is_fraction = isinstance(subsample, Real) and not isinstance(subsample, Integral) and 0 < subsample <= 1
    if subsample is not None and not (is_count or is_fraction):
        raise ValueError(f"subsample={subsample!r} must be a number of clips, a fraction in (0, 1], or None.")
    n_drawn = n_clips if subsample is None else min(n_clips, subsample if is_count else round(subsample * n_clips))
    n_drawn = max(1, n_drawn)
    if n_drawn == n_clips:
        return np.arange(n_clips)
    return np.sort(check_random_state(random_state).choice(n_clips, size=n_drawn, replace=False))
