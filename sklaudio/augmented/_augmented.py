"""AugmentedClassifier and AugmentedRegressor: any Pipeline, trained on clips and on changed copies of them."""

import copy
from contextlib import contextmanager
from numbers import Integral

import numpy as np
from sklearn import get_config
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, RegressorMixin, clone
from sklearn.utils import _safe_indexing, check_consistent_length, check_random_state, column_or_1d, get_tags, indexable
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping, process_routing
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import _check_method_params, check_is_fitted

from .._inference import label_names_of, target_names_of
from .._introspect import features_of, first_step, last_step
from .._utils.label_matrix import check_label_matrix, check_scored_labels, is_label_matrix
from .._utils.rollback import RollbackOnError
from .._utils.target_names import check_scored_numbers
from ..audio import UnreadableClipError, holds_clips
from ..audio._clips import validate_clips
from ..audio._errors import one_error
from ..segments._fit_with_validation import fit_with_validation
from ..segments._inner_estimator import fit_parameter, keep_groups, make_group_aware
from ._copies import copies_of


def _has(method):
    def check(augmented):
        return hasattr(getattr(augmented, "estimator_", augmented.estimator), method)

    return check


class AugmentedEstimator(MetaEstimatorMixin, BaseEstimator):
    """What both have in common: `fit` with copies, and all else as the estimator does it."""

    _parameter_constraints = {
        "estimator": [HasMethods(["fit", "predict"])],
        "augment": [callable, list, tuple, None],
        "n_copies": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    }
    _predicts_as_inside = True  # once it is fitted, it is what is inside

    def __init__(self, estimator, augment, *, n_copies=4, random_state=None):
        self.estimator = estimator
        self.augment = augment
        self.n_copies = n_copies
        self.random_state = random_state

    def fit(self, X, y, *, sample_weight=None, groups=None, X_val=None, y_val=None, **fit_params):
        """Train a clone of the estimator on the clips and on changed copies of them.

        Parameters
        ----------
        X : sequence, array or column of n_clips clips, or array of shape (n_clips, n_samples)
            The clips: paths, :class:`Clip`, waveforms at the `sr` of the features, or what else
            :func:`sklaudio.audio.as_clips` lists.
        y : array-like of shape (n_clips,), or array-like or DataFrame of shape (n_clips, n_outputs)
            The class, the labels or the numbers of each, which its copies have too.
        sample_weight : array-like of shape (n_clips,) or None, default=None
            Weight of each clip and of each of its copies.
        groups : array-like of shape (n_clips,) or None, default=None
            The recording, speaker or artist that a clip and its copies belong to; None makes each clip, with its
            copies, a separate one. No inner split divides a group.
        X_val, y_val : as X and y, or None, default=None
            Clips to validate a net on after each epoch, which are left as they are; see
            :func:`~sklaudio.train.fit_with_validation`.
        **fit_params : dict
            Other parameters of the estimator's `fit`. What has a row for each clip is repeated for the copies.

        Returns
        -------
        self : object
            The fitted estimator.

        Raises
        ------
        ValueError
            If the estimator begins with no features of clips, a step of `augment` returns no waveform, or the
            estimator takes no `sample_weight` or `X_val` and one is given.
        UnreadableClipError
            If a clip cannot be read.
        """
        self._validate_params()
        with RollbackOnError(self):
            clips = validate_clips(self, X, reset=True)
            if y is None:
                raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
            check_consistent_length(clips, y, sample_weight, groups)
            copies = self._copies(clips)
            row = np.arange(len(clips) + len(copies)) % len(clips)  # which clip each is of
            estimator = clone(self.estimator)
            passed = self._passed(estimator, clips, row, sample_weight, groups, fit_params)
            (y,) = indexable(y)
            y, groups = _safe_indexing(y, row), row if groups is None else column_or_1d(groups)[row]
            if last_step(estimator) is not None and not fit_parameter(last_step(estimator), "groups", None):
                self._keep_groups(estimator, clips + copies, y, groups)
            with errors_of_clips(len(clips)):
                if X_val is None and y_val is None:
                    self.estimator_ = estimator.fit(clips + copies, y, **passed)
                else:
                    X_val = None if X_val is None else self._listed(X_val)
                    self.estimator_ = fit_with_validation(estimator, clips + copies, y, X_val, y_val, **passed)
        return self

    def _copies(self, clips):
        """Make copies of the clips, none without `augment`."""
        steps = [self.augment] if callable(self.augment) else list(self.augment or [])
        steps = [clone(step, safe=False) for step in steps]
        if not steps or not self.n_copies:
            return []
        seed = 0 if self.random_state is None else check_random_state(self.random_state).randint(2**31)
        return copies_of(clips, steps, self.n_copies, rate_of(self.estimator), seed)

    def _passed(self, estimator, clips, row, sample_weight, groups, fit_params):
        """Return the parameters of the estimator's `fit`, with a row for each clip and copy."""
        given = {"sample_weight": sample_weight, "groups": groups}
        given = {name: column_or_1d(values) for name, values in given.items() if values is not None}
        if get_config()["enable_metadata_routing"]:
            passed = dict(process_routing(self, "fit", **given, **fit_params)["estimator"]["fit"])
        else:
            passed = dict(fit_params)
            for name, values in given.items():
                passed |= _inner_parameter(estimator, name, values)
            if sample_weight is not None and not _inner_parameter(estimator, "sample_weight", None):
                raise ValueError(
                    f"sample_weight was given, and {type(estimator).__name__} does not take it. Leave it out."
                )
        if groups is None:
            passed = _inner_parameter(estimator, "groups", np.arange(len(clips))) | passed
        return _check_method_params(clips, passed, indices=row)

    def predict(self, X):
        """Predict as the estimator does, which was trained on copies too.

        Parameters
        ----------
        X : sequence, array or column of n_clips clips, or array of shape (n_clips, n_samples)
            The clips, which are left as they are.

        Returns
        -------
        ndarray of shape (n_clips,) or (n_clips, n_outputs)
            What the estimator predicts.
        """
        return self._ask("predict", X)

    def _ask(self, method, X):
        check_is_fitted(self, "estimator_")
        return getattr(self.estimator_, method)(self._listed(X))

    def _listed(self, X):
        """Return clips as they are; the rows of a table, which is as wide as in `fit`."""
        return X if holds_clips(X) else validate_clips(self, X, reset=False)

    def get_metadata_routing(self):
        """Return which parameters `fit` takes for itself and for the estimator; see scikit-learn.

        Returns
        -------
        MetadataRouter
            The routing.
        """
        request = copy.deepcopy(self._get_metadata_request())
        for name, alias in request.fit.requests.items():
            if alias is None:  # what is not set is up to the estimator alone
                request.fit.add_request(param=name, alias=False)
        router = MetadataRouter(owner=self).add_self_request(request)
        mapping = MethodMapping().add(caller="fit", callee="fit")
        return router.add(estimator=self.estimator, method_mapping=mapping)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        inner = get_tags(self.estimator)
        tags.target_tags.multi_output = inner.target_tags.multi_output
        tags.target_tags.single_output = inner.target_tags.single_output
        if tags.classifier_tags is not None and inner.classifier_tags is not None:
            tags.classifier_tags.multi_label = inner.classifier_tags.multi_label
            tags.classifier_tags.multi_class = inner.classifier_tags.multi_class
        return tags


class AugmentedClassifier(ClassifierMixin, AugmentedEstimator):
    """Train any classifier of clips on its clips and on copies whose sound was changed.

    Copies are made in `fit` alone; what is evaluated and predicted is left as it is. So a classical model and one on a
    pretrained encoder, too, learns that noise, rooms, telephones or other pitches do not change the class.

    Parameters
    ----------
    estimator : classifier
        A Pipeline that begins with features of clips, or a search or other estimator of such.
    augment : callable, list of callables or None
        What changes a copy, one after the other: steps of :mod:`sklaudio.augment.waveform`, a ``Compose`` of
        audiomentations, or any ``step(samples, sr) -> samples`` of 1-D float32 arrays. None makes no copies.
    n_copies : int, default=4
        Copies of each clip, which are trained on besides it; 0 for none.
    random_state : int, RandomState or None, default=None
        Seed of the copies; None is 0, so that a cache knows them again.

    Attributes
    ----------
    estimator_ : classifier
        Fitted on clips and copies.
    classes_ : ndarray of shape (n_classes,)
        As `estimator_` has them.
    n_features_in_ : int
        Number of samples of a clip. Only if `X` was a 2-D array; later 2-D arrays must be as wide.

    See Also
    --------
    AugmentedRegressor : The same for numbers.
    sklaudio.augment : Steps that change batches of frames in a net, anew in each epoch.

    Notes
    -----
    The seed of a copy is made of `random_state`, the content of the clip and the number of the copy, not of its row:
    the same clip has the same copies in every fold, in any order and with any `n_jobs`. With `memory=` in the features,
    their frames are cached as those of clips are, by what clip and steps hold; where the content of a step cannot be
    known, such as of a function, by the samples of the copy, which is then made each time. A step that has a parameter
    `random_state` is given a generator; others run one at a time, with the global generators of Python, NumPy and torch
    seeded for the call and put back after it.

    A copy belongs to the group of its clip in all inner splits that keep groups: of nets, encoders' linear models,
    searches and calibrations. Splits inside an estimator that knows no groups, such as `early_stopping` of
    scikit-learn's nets, may divide them.

    Files of models (:func:`sklaudio.save`) hold the steps of :mod:`sklaudio.augment.waveform`, with the paths of their
    recordings, not these. Foreign steps are refused: predictions do not need them, so ``set_params(augment=None)``
    before, or name them as `trusted`.

    Examples
    --------
    A tone in noise, of a kind that training has no recordings of:

    >>> import numpy as np, soundfile
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import AugmentedClassifier, FrameSummary, MFCCTransformer
    >>> from sklaudio.augment import BackgroundNoise
    >>> rng = np.random.default_rng(0)
    >>> y = np.repeat(["low", "high"], 20)
    >>> pitch = np.where(y == "low", 300, 400) * rng.uniform(0.9, 1.1, size=40)
    >>> X = np.sin(2 * np.pi * pitch[:, None] * np.arange(8000) / 22050).astype("float32")
    >>> soundfile.write("noise.wav", 0.1 * rng.normal(size=44100), 22050)
    >>> model = make_pipeline(MFCCTransformer(), FrameSummary(), LogisticRegression(max_iter=1000))
    >>> noisy = X + 0.3 * rng.normal(size=X.shape).astype("float32")
    >>> plain = model.fit(X, y).score(noisy, y)
    >>> augmented = AugmentedClassifier(model, BackgroundNoise("noise.wav", p=1)).fit(X, y)
    >>> augmented.score(noisy, y) > plain
    True
    """

    @staticmethod
    def _keep_groups(estimator, clips, y, groups):
        if hasattr(last_step(estimator), "cv"):
            y = check_label_matrix(y)[0] if is_label_matrix(y) else column_or_1d(y)
            make_group_aware(estimator, clips, y, groups)

    def score(self, X, y, sample_weight=None):
        """Return the accuracy: the fraction of clips whose class, or labels without exception, are right.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`; columns with names are those of `fit`, in order.

        Returns
        -------
        float
            In [0, 1].

        Raises
        ------
        ValueError
            If `y` has other labels than in `fit`.
        """
        check_is_fitted(self, "estimator_")
        if (names := label_names_of(self)) is not None:
            y = check_scored_labels(y, names)
        return super().score(X, y, sample_weight)

    @property
    def classes_(self):
        """Classes of the fitted estimator."""
        return self.estimator_.classes_

    @available_if(_has("predict_proba"))
    def predict_proba(self, X):
        """Predict probabilities as the estimator does.

        Parameters
        ----------
        X : as in :meth:`predict`
            The clips.

        Returns
        -------
        ndarray of shape (n_clips, n_classes) or (n_clips, n_labels)
            The probabilities.
        """
        return self._ask("predict_proba", X)

    @available_if(_has("predict_log_proba"))
    def predict_log_proba(self, X):
        """Predict the logarithms of probabilities as the estimator does.

        Parameters
        ----------
        X : as in :meth:`predict`
            The clips.

        Returns
        -------
        ndarray of shape (n_clips, n_classes)
            The logarithms.
        """
        return self._ask("predict_log_proba", X)

    @available_if(_has("decision_function"))
    def decision_function(self, X):
        """Return the decision function of the estimator.

        Parameters
        ----------
        X : as in :meth:`predict`
            The clips.

        Returns
        -------
        ndarray of shape (n_clips,), (n_clips, n_classes) or (n_clips, n_labels)
            The values.
        """
        return self._ask("decision_function", X)


class AugmentedRegressor(RegressorMixin, AugmentedEstimator):
    """Train any regressor of clips on its clips and on copies whose sound was changed.

    As :class:`AugmentedClassifier`. The numbers of a copy are those of its clip: take no step that changes them, such
    as Gain where loudness is what is predicted.

    Parameters
    ----------
    estimator : regressor
        A Pipeline that begins with features of clips, or a search or other estimator of such.
    augment : callable, list of callables or None
        What changes a copy, one after the other; see :class:`AugmentedClassifier`. None makes no copies.
    n_copies : int, default=4
        Copies of each clip, which are trained on besides it; 0 for none.
    random_state : int, RandomState or None, default=None
        Seed of the copies; None is 0, so that a cache knows them again.

    Attributes
    ----------
    estimator_ : regressor
        Fitted on clips and copies.
    n_features_in_ : int
        Number of samples of a clip. Only if `X` was a 2-D array; later 2-D arrays must be as wide.

    See Also
    --------
    AugmentedClassifier : The same for classes, with all that is to be known of copies.

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import Ridge
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklaudio import AugmentedRegressor, FrameSummary, MFCCTransformer
    >>> from sklaudio.augment.waveform import Gain
    >>> pitch = np.linspace(200, 2000, 40)
    >>> X = np.sin(2 * np.pi * pitch[:, None] * np.arange(4000) / 22050)
    >>> model = make_pipeline(MFCCTransformer(), FrameSummary(), Ridge())
    >>> quiet = 0.05 * X
    >>> plain = model.fit(X, pitch).score(quiet, pitch)
    >>> AugmentedRegressor(model, Gain((-30, 0))).fit(X, pitch).score(quiet, pitch) > plain
    True
    """

    @staticmethod
    def _keep_groups(estimator, clips, y, groups):
        keep_groups(estimator, clips, y, groups)

    def score(self, X, y, sample_weight=None):
        """Return the coefficient of determination (R2), mean over the targets.

        Parameters
        ----------
        X, y, sample_weight
            As in :meth:`fit`; several columns with names are those of `fit`, in order.

        Returns
        -------
        float
            1 at best, see :func:`sklearn.metrics.r2_score`.

        Raises
        ------
        ValueError
            If `y` has other columns than in `fit`.
        """
        check_is_fitted(self, "estimator_")
        check_scored_numbers(y, target_names_of(self))
        return super().score(X, y, sample_weight)


def rate_of(estimator):
    """Return the rate at which an estimator takes waveforms, in hertz: that of its features.

    Raises
    ------
    ValueError
        If it begins with no features of clips, or with several of unequal rates.
    """
    features = features_of(estimator)
    rates = {part._open().sr if part.sr is None else part.sr for part in features}
    if len(rates) == 1:
        return rates.pop()
    if rates:
        raise ValueError(f"estimator has features of unequal sr: {sorted(rates)} Hz. Give all of them the same.")
    raise ValueError(
        f"estimator begins with {type(first_step(estimator)).__name__}, which takes no clips: there is no sound to "
        "change. Pass a Pipeline whose first step makes frames of clips, such as MFCCTransformer."
    )


def _inner_parameter(estimator, name, values):
    """Return a parameter of `fit` under the name that an estimator takes, or that a search or calibration passes on."""
    taken = fit_parameter(estimator, name, values)
    inside = getattr(estimator, "estimator", None)
    if taken or inside is None or not hasattr(estimator, "cv"):
        return taken
    return {key: value for key, value in fit_parameter(inside, name, values).items() if key != "groups"}


@contextmanager
def errors_of_clips(n_clips):
    """Let errors about clips that cannot be read name each once, not its copies as well."""
    try:
        yield
    except UnreadableClipError as error:
        errors = [one for one in error.errors if one.index is None or one.index < n_clips]
        if not errors or len(errors) == len(error.errors):
            raise
        raise one_error(errors) from error
