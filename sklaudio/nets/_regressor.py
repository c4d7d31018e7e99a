"""NetRegressor: frames in, numbers out."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from .._utils.numbers import check_numbers
from .._utils.target_names import check_scored_numbers
from ._base import NetEstimator
from ._losses import LOSSES
from ._parameters import TRAINING
from ._targets import NumberTarget, StepNumbersTarget, is_stepwise

NUMBERS = {"loss": [StrOptions(set(LOSSES))]}


@dataclass(eq=False, repr=False, kw_only=True)
class NetRegressor(RegressorMixin, NetEstimator):
    """Predict numbers of frames by a torch module that skorch trains, as a scikit-learn regressor: base of such nets.

    A net is a subclass with further parameters and one method, ``_make_module(n_dims, n_outputs)``, as that of a
    :class:`NetClassifier`: the class of an architecture serves both. Its module gives one number for each target, which
    are standardized: mean and standard deviation are learned in `fit`, and predictions are in the unit of `y`.

    With `y` of shape (n_clips, n_frames, n_targets), or a list of arrays (n_frames_i, n_targets), the net predicts
    every frame, as a :class:`NetClassifier` does with labels of frames: emotion that changes in a piece of music, say.
    Numbers that come more seldom than frames are to be interpolated before.

    Parameters
    ----------
    {NetEstimator}
    loss : {"mse", "mae", "huber", "ccc"}, default="mse"
        What is minimized, on standardized numbers: the squared error; the absolute error, which outliers pull less at;
        Huber's, which is squared up to one standard deviation and absolute beyond; or one minus the concordance
        correlation coefficient of each batch (:func:`~sklaudio.metrics.concordance_correlation`), which emotion is
        measured by. "ccc" needs batches of several clips, the more the better, and weights of clips are weights of
        their errors alone.

    Attributes
    ----------
    target_mean_, target_scale_ : ndarray of shape () or (n_targets,)
        Mean and standard deviation of each target over the clips of `fit`, by weight. The mean is what is predicted for
        a clip without frames.
    target_names_ : ndarray of shape (n_targets,)
        Names of the targets, the columns of the DataFrame that `y` was, or the name of a Series. Only where they are
        text.
    n_features_in_ : int
        Number of dims.
    net_ : skorch.NeuralNetRegressor
        The trained net. Pickles hold its weights as arrays, and rebuild it.
    history_ : pandas.DataFrame
        A row per epoch, as that of :class:`NetClassifier`; losses are of standardized numbers, accuracies NaN.
    n_frames_ : int
        Frames of the longest clip in the training that drew the weights.
    n_parameters_ : int
        Number of trained parameters.
    mean_, scale_ : ndarray of shape (n_dims,)
        What frames are standardized by. Only with ``standardize=True``.
    """

    loss: str = "mse"

    _parameter_constraints = NUMBERS
    _training_parameters = (*TRAINING, *NUMBERS)
    _learned_of_target = ("target_mean_", "target_scale_", "target_names_", "_frame_count")

    def _new_target(self, y):
        """Return what `fit` learns of `y`."""
        return (StepNumbersTarget if is_stepwise(y) else NumberTarget)(self.loss)

    @property
    def _target(self):
        learned = self.loss, self.target_mean_, self.target_scale_, getattr(self, "target_names_", None)
        if hasattr(self, "_frame_count"):
            return StepNumbersTarget(*learned, self._frame_count)
        return NumberTarget(*learned)

    def partial_fit(self, X, y, *, sample_weight=None) -> Self:
        """Go on training for one epoch over the clips given, at the constant rate `lr`.

        Mean and standard deviation of dims and targets are those of the first call. The optimizer keeps its state from
        one call to the next, and begins anew after `fit` and after unpickling.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.

        Returns
        -------
        self : object
            The regressor.

        Raises
        ------
        FloatingPointError
            If the loss, or what the net predicts afterwards, is not finite; the net is then as it was.
        ValueError
            If `y` has other targets than before.
        """
        return self._fit_epoch(X, y, sample_weight)

    def predict(self, X) -> np.ndarray:
        """Predict the numbers of each clip.

        Parameters
        ----------
        X : array of shape (n_clips, n_frames, n_dims) or (n_clips, n_dims), or list or object array of arrays
            The frames of each clip.

        Returns
        -------
        ndarray of shape (n_clips,) or (n_clips, n_targets), float64
            In the unit of `y`, and of its shape. A clip without frames gets ``target_mean_``. After `fit` with numbers
            of every frame, of shape (n_clips, n_frames, n_targets), or an object array of (n_frames_i, n_targets) where
            clips are not equally long.

        Raises
        ------
        FloatingPointError
            If a number is not finite, as that of a clip of huge values.
        """
        rows = self._predict_rows(X)
        target = self._target
        return target.decode(rows if target.is_stepwise else rows.astype(np.float64))

    def score(self, X, y, sample_weight=None) -> float:
        """Return the coefficient of determination, of clips, or of the frames of all clips.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`.

        Returns
        -------
        float
            R2, see :func:`sklearn.metrics.r2_score`.
        """
        check_is_fitted(self)
        target = self._target
        if not target.is_stepwise:
            check_scored_numbers(y, target.names)
            return super().score(X, check_numbers(y, "y"), sample_weight)
        encoded, predicted = target.encode(y), self.predict(X)
        target.check_lengths(encoded, predicted)
        expected = [rows[: len(clip)] for rows, clip in zip(encoded, predicted, strict=True)]
        weight = None if sample_weight is None else np.repeat(sample_weight, list(map(len, expected)))
        return r2_score(np.concatenate(expected), np.concatenate(list(predicted)), sample_weight=weight)

    def _row_without_frames(self):
        return np.zeros(self._target.n_outputs)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
