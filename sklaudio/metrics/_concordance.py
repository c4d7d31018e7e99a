"""How far predicted numbers agree with true ones."""

import numpy as np
from sklearn.utils._param_validation import StrOptions, validate_params
from sklearn.utils.validation import _check_sample_weight

from .._utils.numbers import check_numbers


@validate_params(
    {
        "y_true": ["array-like"],
        "y_pred": ["array-like"],
        "sample_weight": ["array-like", None],
        "multioutput": [StrOptions({"raw_values", "uniform_average"})],
    },
    prefer_skip_nested_validation=True,
)
def concordance_correlation(y_true, y_pred, *, sample_weight=None, multioutput="uniform_average"):
    r"""Measure agreement of predicted numbers with true ones: Lin's concordance correlation coefficient.

    .. math:: \rho_c = \frac{2 \sigma_{y \hat y}}{\sigma_y^2 + \sigma_{\hat y}^2 + (\bar y - \bar{\hat y})^2}

    It is the correlation, made smaller by a wrong mean and a wrong spread [1]_.

    Parameters
    ----------
    y_true, y_pred : array-like of shape (n_samples,) or (n_samples, n_targets)
        The numbers, and what was predicted.
    sample_weight : array-like of shape (n_samples,) or None, default=None
        Weight of each clip.
    multioutput : {"uniform_average", "raw_values"}, default="uniform_average"
        Whether several targets give their mean, or one coefficient each.

    Returns
    -------
    float or ndarray of shape (n_targets,)
        In [-1, 1]; 1 where all predictions are right, 0 where they are the same for all clips, such as the mean. NaN
        where neither has any spread and both are equal.

    Raises
    ------
    ValueError
        If numbers are not finite, or predictions are not of the shape of the numbers.

    References
    ----------
    .. [1] L. I. Lin, "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45 (1989),
       255-268.

    Examples
    --------
    >>> concordance_correlation([1, 2, 3], [1, 2, 3])
    1.0
    >>> round(concordance_correlation([1, 2, 3], [2, 3, 4]), 3)
    0.571
    """
    y_true = check_numbers(y_true, "y_true")
    y_pred = check_numbers(y_pred, "y_pred")
    if y_true.shape != y_pred.shape:
        raise ValueError(f"y_pred is of shape {y_pred.shape}, and y_true of {y_true.shape}. Predict each number once.")
    weight = _check_sample_weight(sample_weight, y_true, ensure_non_negative=True)
    y_true, y_pred = y_true.reshape(len(y_true), -1), y_pred.reshape(len(y_pred), -1)
    mean_true, mean_pred = (np.average(y, axis=0, weights=weight) for y in (y_true, y_pred))
    error = np.average((y_true - y_pred) ** 2, axis=0, weights=weight)
    spread = np.average((y_true - mean_true) ** 2 + (y_pred - mean_pred) ** 2, axis=0, weights=weight)
    with np.errstate(invalid="ignore"):
        coefficients = 1 - error / (spread + (mean_true - mean_pred) ** 2)
    return coefficients if multioutput == "raw_values" else float(coefficients.mean())
