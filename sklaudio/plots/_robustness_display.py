"""RobustnessDisplay: how a score falls as noise gets louder."""

import numpy as np

from ..evaluate._robustness import SNR, robustness_curve
from ._display import Display, drawable_text, require_matplotlib


class RobustnessDisplay(Display):
    """Draw scores over the signal-to-noise ratio, from clean clips to the loudest noise.

    Parameters
    ----------
    table : DataFrame
        As :func:`~sklaudio.robustness_curve` returns it.
    score_name : str, default="accuracy"
        What the score is called.
    name : str or None, default=None
        What the model is called, in the legend.

    Attributes
    ----------
    ax_, axes_, figure_
        The axes and its figure.

    Examples
    --------
    >>> import numpy as np, soundfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary, MFCCTransformer, RobustnessDisplay
    >>> from sklaudio.datasets import make_words
    >>> soundfile.write("noise.wav", 0.1 * np.random.default_rng(0).normal(size=80000), 16000)
    >>> words = make_words(60, random_state=0)
    >>> model = make_pipeline(MFCCTransformer(sr=16000), FrameSummary(), LogisticRegression(max_iter=2000))
    >>> model = model.fit(words.data[:40], words.target[:40])
    >>> display = RobustnessDisplay.from_estimator(model, words.data[40:], words.target[40:], "noise.wav", name="plain")
    >>> display.table["snr"].tolist()
    [inf, 20.0, 15.0, 10.0, 5.0, 0.0, -5.0]
    """

    def __init__(self, table, *, score_name="accuracy", name=None):
        self.table = table
        self.score_name = score_name
        self.name = name

    @classmethod
    def from_estimator(
        cls, model, X, y, noise, *, snr=SNR, n_draws=1, scoring=None, random_state=None, name=None, ax=None
    ):
        """Score a model on clips with noise, and draw the curve.

        Parameters
        ----------
        model, X, y, noise, snr, n_draws, scoring, random_state
            As for :func:`~sklaudio.robustness_curve`.
        name : str or None, default=None
            What the model is called, in the legend.
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure. Pass ``display.ax_`` of another model to compare both.

        Returns
        -------
        RobustnessDisplay
            The display, drawn; its `table` has the scores.

        Raises
        ------
        ValueError, TypeError, sklearn.exceptions.NotFittedError
            As :func:`~sklaudio.robustness_curve`.
        ImportError
            If matplotlib is not installed.
        """
        require_matplotlib(cls.__name__)
        curve = {"snr": snr, "n_draws": n_draws, "scoring": scoring, "random_state": random_state}
        table = robustness_curve(model, X, y, noise, **curve)
        is_accuracy = table["low"].notna().all()
        score_name = "accuracy" if is_accuracy else scoring if isinstance(scoring, str) else "score"
        return cls(table, score_name=score_name, name=name).plot(ax=ax)

    def plot(self, ax=None):
        """Draw the curve.

        Parameters
        ----------
        ax : matplotlib Axes or None, default=None
            Where to draw; None makes a new figure.

        Returns
        -------
        self : RobustnessDisplay
            The display itself.
        """
        (axes,) = self._prepare(ax, figsize=(6.5, 4.4))
        noisy = self.table[np.isfinite(self.table["snr"])]
        clean = self.table[~np.isfinite(self.table["snr"])]
        ratios = noisy["snr"].to_numpy()
        step = np.abs(np.diff(ratios)).min() if len(ratios) > 1 else 5.0
        place = ratios.max() + 1.5 * step  # of clips as they are, off the axis of numbers
        label = None if self.name is None else drawable_text(self.name)
        (line,) = axes.plot(ratios, noisy["score"], marker="o", label=label)
        axes.fill_between(ratios, noisy["low"], noisy["high"], color=line.get_color(), alpha=0.15, linewidth=0)
        for _, row in clean.iterrows():
            bars = None if np.isnan(row["low"]) else [[row["score"] - row["low"]], [row["high"] - row["score"]]]
            axes.errorbar([place], [row["score"]], bars, marker="s", color=line.get_color(), capsize=3)
        axes.set_xticks([*ratios, place], [*(f"{ratio:g}" for ratio in ratios), "no noise"])
        axes.set_xlim(place + step, ratios.min() - step / 2)  # noise gets louder to the right
        interval = "\n(95% interval of the clips)" if self.table["low"].notna().all() else ""
        axes.set(xlabel="signal-to-noise ratio (dB)", ylabel=f"{drawable_text(self.score_name)}{interval}")
        axes.grid(axis="y", alpha=0.3)
        if label is not None:
            axes.legend()
        return self
