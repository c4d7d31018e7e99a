"""fit_with_validation: a training that is watched on other clips, which come through the steps before the net."""

import copy
from inspect import signature

from sklearn import get_config
from sklearn.base import BaseEstimator, MetaEstimatorMixin
from sklearn.pipeline import Pipeline

from .._introspect import last_step
from .._utils.validation_part import check_pair


def fit_with_validation(model, X, y, X_val, y_val, **fit_params):
    """Fit a model, and validate its net after each epoch on given clips.

    The steps of a Pipeline before the last are fitted on `X` alone and transform both; the last one is fitted with
    ``X_val=`` and ``y_val=``. So a fixed validation part gives its curves, and decides when early stopping stops.

    Parameters
    ----------
    model : net, SegmentVotingClassifier or Pipeline
        Whose last step takes `X_val` and `y_val` in `fit`, as all nets do: systems of :mod:`sklaudio.published` and of
        :func:`~sklaudio.make_classifier`, Pipelines of Pipelines, :class:`~sklaudio.EncoderClassifier`. It is fitted in
        place, as by ``model.fit``.
    X : sequence of n_clips clips
        What ``model.fit`` takes: files, waveforms, a column of a table; frames, where no step makes them.
    y : array-like of shape (n_clips,), or (n_clips, n_targets) for a regressor
        Their classes or numbers.
    X_val, y_val : as X and y, of n_val clips
        Clips to validate on. They are transformed, and nothing is fitted on them.
    **fit_params : dict
        Other parameters of `fit`, such as ``groups=`` and ``sample_weight=`` of the clips of `X`: plain names are those
        of the last step, ``step__parameter`` those of other steps. With metadata routing enabled, they are what
        ``model.fit`` takes.

    Returns
    -------
    estimator
        `model`, fitted. ``history_`` of its net has `valid_loss`.

    Raises
    ------
    ValueError
        If an estimator that is to be validated takes no `X_val`, or `X_val` and `y_val` are of unequal length.

    See Also
    --------
    train_on_files : Holds clips out by itself, and scores on them.

    Notes
    -----
    A search takes metadata routing, by which scikit-learn does the same:
    ``Pipeline(…, transform_input=["X_val"])`` around a net with ``set_fit_request(X_val=True, y_val=True)``. It splits
    whatever is as long as `X`, so that `X_val` must be shorter or longer.

    Examples
    --------
    >>> from sklaudio import make_classifier
    >>> from sklaudio.datasets import make_words
    >>> words = make_words(30, random_state=0)
    >>> model = make_classifier("gru", sr=16000, max_epochs=2, random_state=0)
    >>> model = fit_with_validation(model, words.data[:20], words.target[:20], words.data[20:], words.target[20:])
    >>> model["vote"].estimator_.history_["valid_loss"].notna().tolist()
    [True, True]
    """
    check_takes_validation(model)
    check_pair(X_val, y_val)
    if not isinstance(model, Pipeline):
        return model.fit(X, y, X_val=X_val, y_val=y_val, **fit_params)
    name, last = model.steps[-1]
    if not get_config()["enable_metadata_routing"]:
        fit_params = {key if "__" in key else f"{name}__{key}": value for key, value in fit_params.items()}
    fitting = copy.copy(model)
    fitting.steps = [*model.steps[:-1], (name, _LastStep(last, fitting, X_val, y_val))]
    try:
        fitting.fit(X, y, **fit_params)
    finally:  # with memory=, fitted steps are others
        model.steps = [*fitting.steps[:-1], (name, last)]
    return model


class _LastStep(BaseEstimator):
    """The last step of a Pipeline, in a `fit` of the Pipeline that has clips to validate on.

    Parameters
    ----------
    estimator : estimator
        What is fitted.
    pipeline : Pipeline
        Whose steps before have been fitted by then.
    X_val, y_val : as for :func:`fit_with_validation`
        Clips as they come to the Pipeline.
    """

    def __init__(self, estimator, pipeline, X_val, y_val):
        self.estimator = estimator
        self.pipeline = pipeline
        self.X_val = X_val
        self.y_val = y_val

    def fit(self, X, y, **fit_params):
        """Fit the estimator, on what the steps before make of both parts."""
        before = self.pipeline[:-1]
        X_val = before.transform(self.X_val) if len(before) else self.X_val
        fit_with_validation(self.estimator, X, y, X_val, self.y_val, **fit_params)
        return self

    def get_metadata_routing(self):
        """Return what the estimator asks for."""
        return self.estimator.get_metadata_routing()


def check_takes_validation(model):
    """Raise an error that names the estimator inside a model which takes no clips to validate on.

    Parameters
    ----------
    model : estimator
        Of a Pipeline the last step is asked, and of a vote on segments the estimator inside.
    """
    last = last_step(model)
    if "X_val" not in signature(getattr(last, "fit", lambda: None)).parameters:
        kind = last if isinstance(last, str) or last is None else type(last).__name__
        raise ValueError(
            f"{kind} takes no X_val, so that it cannot be validated while it is fitted. Nets do, such as "
            "GRUClassifier, alone, in a SegmentVotingClassifier or as the last step of a Pipeline; of others, score "
            "the fitted model with model.score(X_val, y_val)."
        )
    if isinstance(last, MetaEstimatorMixin) and hasattr(last, "estimator"):
        check_takes_validation(last.estimator)
