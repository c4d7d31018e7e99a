"""The closed list: what a model file may hold, by name."""

import sys
from functools import cache
from importlib import import_module
from inspect import isabstract
from itertools import takewhile
from types import FunctionType

import numpy as np

from .._utils.terminal import shortened

# What estimators of scikit-learn hold besides arrays and other estimators. Names that the installed version does not
# have are skipped.
PARTS = """
sklearn.calibration._CalibratedClassifier sklearn.calibration._SigmoidCalibration
sklearn.calibration._TemperatureScaling sklearn.compose.make_column_selector
sklearn.ensemble._hist_gradient_boosting.binning._BinMapper
sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor
sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace
sklearn.metrics._scorer._CurveScorer sklearn.metrics._scorer._MultimetricScorer
sklearn.metrics._scorer._PassthroughScorer sklearn.metrics._scorer._Scorer
sklearn.model_selection._split._CVIterableWrapper sklearn.multiclass._ConstantPredictor
sklearn.neural_network._stochastic_optimizers.AdamOptimizer
sklearn.neural_network._stochastic_optimizers.SGDOptimizer
sklaudio.nets._published.PublishedNetClassifier
sklaudio.encoders.GroupedLogisticRegression sklaudio.encoders.GroupedRidge
"""
REQUESTS = {
    "sklearn.utils._metadata_requests.MetadataRequest",
    "sklearn.utils._metadata_requests.MethodMetadataRequest",
}
SPLITTERS = """
GroupKFold GroupShuffleSplit KFold LeaveOneGroupOut LeaveOneOut LeavePGroupsOut LeavePOut PredefinedSplit
RepeatedKFold RepeatedStratifiedKFold ShuffleSplit StratifiedGroupKFold StratifiedKFold StratifiedShuffleSplit
TimeSeriesSplit
"""
KERNELS = """
CompoundKernel ConstantKernel DotProduct ExpSineSquared Exponentiation Matern PairwiseKernel Product RBF
RationalQuadratic Sum WhiteKernel
"""
LINKS = "HalfLogitLink IdentityLink Interval LogLink LogitLink MultinomialLogit"
LOSSES = """
AbsoluteError ExponentialLoss HalfBinomialLoss HalfGammaLoss HalfMultinomialLoss HalfPoissonLoss HalfSquaredError
HalfTweedieLoss HalfTweedieLossIdentity HuberLoss PinballLoss
"""
C_LOSSES = """
sklearn.linear_model._sgd_fast.EpsilonInsensitive sklearn.linear_model._sgd_fast.Hinge
sklearn.linear_model._sgd_fast.ModifiedHuber sklearn.linear_model._sgd_fast.SquaredEpsilonInsensitive
sklearn.linear_model._sgd_fast.SquaredHinge
"""

LISTED = {*PARTS.split(), *REQUESTS} | {
    package + name
    for package, names in (
        ("sklearn.model_selection.", SPLITTERS),
        ("sklearn.gaussian_process.kernels.", KERNELS),
        ("sklearn._loss.link.", LINKS),
        ("sklearn._loss.loss.", LOSSES),
    )
    for name in names.split()
}

FOLDERS = {"checkpoint", "memory"}  # parameters that name a folder of the machine, which is read from and written to
TREE = "sklearn.tree._tree.Tree"
NEIGHBOR_TREES = {"sklearn.neighbors.BallTree", "sklearn.neighbors.KDTree"}
SCALARS = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float16 float32 float64 str_"
SCALARS = {name: getattr(np, name) for name in SCALARS.split()}
KEY_TYPES = {"builtins.str": str, "builtins.int": int, "builtins.float": float, "builtins.bool": bool}
KEY_TYPES |= {f"numpy.{name}": scalar for name, scalar in SCALARS.items()}
MAPPINGS = {"builtins.dict", "collections.OrderedDict", "sklearn.utils.Bunch"}


def full_name(thing):
    """Return where a class or function says that it is from: "module.name"."""
    return f"{getattr(thing, '__module__', None) or 'numpy'}.{getattr(thing, '__qualname__', thing.__name__)}"


def is_importable(thing, name=None):
    """Return whether a class or function is what its name leads to."""
    module, _, attribute = (name or full_name(thing)).rpartition(".")
    return getattr(sys.modules.get(module), attribute, None) is thing


def public_name(thing):
    """Return the name to import a class or function by, without the private modules where there is a public one.

    Files hold these names: what is public stays where it is from one version to the next.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> full_name(SVC), public_name(SVC)
    ('sklearn.svm._classes.SVC', 'sklearn.svm.SVC')
    """
    name = full_name(thing)
    public = ".".join([*takewhile(lambda part: not part.startswith("_"), name.split(".")[:-1]), thing.__name__])
    return public if is_importable(thing, public) else name


def trusted_names(trusted):
    """Return the names of what the caller allows besides: set of str.

    Parameters
    ----------
    trusted : list of str, classes and functions
        As in :func:`sklaudio.load`.

    Raises
    ------
    ValueError
        If it is something else.
    """
    if isinstance(trusted, (list, tuple, set, frozenset)) and all(
        isinstance(item, (str, type, FunctionType)) for item in trusted
    ):
        return {item if isinstance(item, str) else full_name(item) for item in trusted}
    raise ValueError(
        f"trusted={shortened(trusted)} must be a list of types or of their names, such as ['my_nets.MyNet']."
    )


def object_named(name):
    """Return the class whose instances a model may hold under a name; None if it may hold none of that name.

    Only what has the name is imported, and nothing that is not scikit-learn's or sklaudio's.
    """
    module, _, attribute = name.rpartition(".")
    root, _, rest = module.partition(".")
    if name in LISTED:
        return _import(name)
    if root == "sklearn":
        is_listed = _is_estimator
    elif rest == "augment" or rest.startswith("augment."):
        is_listed = _is_step
    elif root == "sklaudio":
        is_listed = _is_public
    else:
        return None
    found = is_listed(module, attribute)
    return found if found is not None and public_name(found) == name else None


def _is_estimator(module, attribute):
    """Return a public estimator of scikit-learn, of :func:`sklearn.utils.all_estimators`; None if it is none."""
    import sklearn
    from sklearn.base import BaseEstimator

    package, *parts = module.split(".")[1:] or [""]
    is_public = not any(part.startswith("_") or part == "tests" for part in [*parts, attribute])
    if package not in sklearn.__all__ or package in ("experimental", "externals") or not is_public:
        return None
    found = _import(f"{module}.{attribute}")
    is_class = isinstance(found, type) and issubclass(found, BaseEstimator) and found.__module__.startswith("sklearn.")
    return found if is_class and not isabstract(found) else None


def _is_step(module, attribute):
    """Return a public augmentation; None if it is none."""
    from .. import augment

    place = {"sklaudio.augment": augment, "sklaudio.augment.waveform": augment.waveform}.get(module)
    found = getattr(place, attribute) if attribute in getattr(place, "__all__", ()) else None
    return found if isinstance(found, type) else None


def _is_public(module, attribute):
    """Return a public estimator of sklaudio; None if it is none."""
    import sklaudio

    found = getattr(sklaudio, attribute) if attribute in sklaudio.__all__ else None
    return found if isinstance(found, type) and hasattr(found, "get_params") else None


def _import(name):
    """Import a class or function by its full name; None where the installed version has none."""
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError):
        return None


@cache
def losses():
    """Return losses that scikit-learn has in C, made from numbers, by name."""
    inner = " ".join(f"sklearn._loss._loss.Cy{name}" for name in LOSSES.split())
    return {public_name(cls): cls for cls in _found("", C_LOSSES + inner)}


@cache
def functions():
    """Return functions that a model may refer to: what scores features and predictions, and numpy's ufuncs, by name.

    None is called by loading, and none acts on anything but arrays.
    """
    from sklearn import feature_selection
    from sklearn.metrics import get_scorer, get_scorer_names

    scores = [get_scorer(name)._score_func for name in get_scorer_names()]
    scores += [getattr(feature_selection, name) for name in feature_selection.__all__]
    scores = [thing for thing in scores if isinstance(thing, FunctionType)]
    ufuncs = [thing for thing in vars(np).values() if isinstance(thing, np.ufunc)]
    return {public_name(function): function for function in [*scores, *ufuncs, np.mean]}


@cache
def types():
    """Return classes that a model may refer to, as a dtype or as the splitter that another repeats, by name."""
    from sklearn.model_selection import KFold, StratifiedKFold

    return KEY_TYPES | {public_name(cls): cls for cls in (KFold, StratifiedKFold)}


def _found(package, names):
    found = (_import(package + name) for name in names.split())
    return [thing for thing in found if thing is not None]


def loss_named(name):
    """Return the loss of a name; None if there is none."""
    return losses().get(name)


def function_named(name):
    """Return the function of a name that a model may refer to; None if there is none."""
    return functions().get(name)


def type_named(name):
    """Return the class of a name that a model may refer to; None if there is none."""
    return types().get(name)
