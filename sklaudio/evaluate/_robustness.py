"""robustness_curve: scores over the signal-to-noise ratio of what is predicted."""

from numbers import Integral

import numpy as np
import pandas as pd
from sklearn.base import is_classifier
from sklearn.metrics import check_scoring
from sklearn.utils import check_consistent_length, check_random_state

from .._inference import check_takes_clips
from .._utils.label_matrix import is_label_matrix
from .._utils.progress import progress
from ..audio import as_clips
from ..augmented._augmented import rate_of
from ..augmented._copies import copies_of
from ..metrics import accuracy_interval

SNR = (20, 15, 10, 5, 0, -5)  # decibels


def robustness_curve(model, X, y, noise, *, snr=SNR, n_draws=1, scoring=None, random_state=None) -> pd.DataFrame:
    """Score a fitted model on clips as they are, and with noise at several signal-to-noise ratios.

    Parameters
    ----------
    model : fitted classifier or regressor of clips
        A Pipeline that begins with features, or what holds such.
    X : sequence, array or column of n_clips clips
        Clips that it was not trained on.
    y : array-like of shape (n_clips,) or (n_clips, n_outputs)
        What they are.
    noise : str, path-like or Clip, or list of these
        Folder or files of noise, best such as training has had none of; as for
        :class:`~sklaudio.augment.BackgroundNoise`.
    snr : sequence of float, default=(20, 15, 10, 5, 0, -5)
        Ratios in decibels.
    n_draws : int, default=1
        Times that each clip is mixed with noise for each ratio, another part or recording each time.
    scoring : str, callable or None, default=None
        As :func:`sklearn.metrics.check_scoring` takes it; None is the model's default, of a classifier the accuracy.
    random_state : int, RandomState or None, default=None
        Seed of the noise; None is 0. The seed of a mixture is made of it and of the clip's content: models are
        compared on the same sounds.

    Returns
    -------
    DataFrame
        A row for each ratio, the highest first, in the columns `snr` (infinity of clips as they are), `score`,
        `n_clips`, and `low` and `high`: Wilson's interval of 95% where the score is an accuracy, else NaN. It is of the
        clips, however often each was mixed.

    Raises
    ------
    ValueError
        If `X` and `y` are of unequal length, or noise is silent or cannot be read.
    TypeError, sklearn.exceptions.NotFittedError
        If `model` takes no clips or is not fitted.

    See Also
    --------
    sklaudio.RobustnessDisplay : The same as a plot.

    Examples
    --------
    >>> import numpy as np, soundfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import FrameSummary, MFCCTransformer, robustness_curve
    >>> from sklaudio.datasets import make_words
    >>> soundfile.write("noise.wav", 0.1 * np.random.default_rng(0).normal(size=80000), 16000)
    >>> words = make_words(60, random_state=0)
    >>> model = make_pipeline(MFCCTransformer(sr=16000), FrameSummary(), LogisticRegression(max_iter=2000))
    >>> model = model.fit(words.data[:40], words.target[:40])
    >>> curve = robustness_curve(model, words.data[40:], words.target[40:], "noise.wav", snr=[20, 0])
    >>> curve["snr"].tolist(), bool(curve["score"].iloc[0] > curve["score"].iloc[-1])
    ([inf, 20.0, 0.0], True)
    """
    from ..augment import BackgroundNoise  # its package loads torch, which evaluations and displays do without

    check_takes_clips(model)
    clips, snr = as_clips(X), _checked_ratios(snr)
    check_consistent_length(clips, y)
    if not isinstance(n_draws, Integral) or n_draws < 1:
        raise ValueError(f"n_draws={n_draws} must be a whole number from 1 on.")
    score = check_scoring(model, scoring=scoring)
    is_accuracy = scoring in (None, "accuracy") and is_classifier(model) and not is_label_matrix(y)
    seed = 0 if random_state is None else check_random_state(random_state).randint(2**31)
    sr, rows = rate_of(model), []
    for ratio in progress([np.inf, *snr], total=1 + len(snr), unit="ratio", desc="noise"):
        if ratio == np.inf:
            value = float(score(model, clips, y))
        else:
            copies = copies_of(clips, [BackgroundNoise(noise, ratio, p=1)], n_draws, sr, seed)
            draws = [copies[start : start + len(clips)] for start in range(0, len(copies), len(clips))]
            value = float(np.mean([score(model, draw, y) for draw in draws]))
        n_right = round(value * len(clips)) if is_accuracy else None
        low, high = accuracy_interval(n_right, len(clips)) if is_accuracy else (np.nan, np.nan)
        rows.append({"snr": float(ratio), "score": value, "low": low, "high": high, "n_clips": len(clips)})
    return pd.DataFrame(rows)


def _checked_ratios(snr):
    """Sort the ratios, the highest first, or raise an error."""
    ratios = np.atleast_1d(np.asarray(snr, dtype=np.float64))
    if ratios.ndim != 1 or not len(ratios) or not np.isfinite(ratios).all():
        raise ValueError(f"snr={snr!r} must be one ratio in decibels or more. Clips as they are come by themselves.")
    return sorted({float(ratio) for ratio in ratios}, reverse=True)
