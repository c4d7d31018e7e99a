"""Parameters on their way to torch and skorch: numbers of numpy become those of Python, which torch asks for."""

import numpy as np

SIZES = ("hidden_size", "hidden_sizes", "channels", "head")  # parameters that give each layer a size


def as_python(value):
    """Turn scalars of numpy into those of Python, also within lists, tuples and dicts; leave all else as it is."""
    if isinstance(value, np.floating):
        return float(str(value))  # 0.1 for np.float32(0.1), as it prints, not 0.10000000149
    if isinstance(value, np.generic):
        return value.item()
    if type(value) in (list, tuple):
        converted = type(value)(map(as_python, value))
    elif type(value) is dict:
        converted = {as_python(key): as_python(item) for key, item in value.items()}
    else:
        return value
    return converted if _differ(value, converted) else value


def _differ(value, converted):
    if isinstance(value, dict):
        value, converted = [*value, *value.values()], [*converted, *converted.values()]
    return any(before is not after for before, after in zip(value, converted, strict=True))


def python_parameters(estimator):
    """Return the parameters of a net as torch takes them.

    Parameters
    ----------
    estimator : NetClassifier
        Its parameters stay as they were given, which is scikit-learn's rule.

    Returns
    -------
    dict
        Parameters by name. Arrays of layer sizes are tuples.
    """
    parameters = {name: as_python(value) for name, value in estimator.get_params(deep=False).items()}
    arrays = {name: tuple(parameters[name].tolist()) for name in SIZES if isinstance(parameters.get(name), np.ndarray)}
    return parameters | arrays


def with_python_parameters(estimator):
    """Return the estimator, or where a parameter holds a scalar or sizes of numpy, a stand-in with Python's.

    What is set on the stand-in is not set on the estimator.
    """
    given, parameters = estimator.get_params(deep=False), python_parameters(estimator)
    if all(parameters[name] is value for name, value in given.items()):
        return estimator
    return stand_in_for(estimator, **parameters)


def stand_in_for(estimator, **parameters):
    """Return an estimator that shares all with another, but for some parameters."""
    stand_in = object.__new__(type(estimator))
    vars(stand_in).update(vars(estimator) | parameters)
    return stand_in
