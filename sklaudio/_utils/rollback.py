"""A training that fails leaves an estimator as it was."""


class RollbackOnError:
    """Give an estimator its former attributes back where a block ends with an error.

    Attributes are put back, objects in them are not: what the block changes in place stays changed.

    Parameters
    ----------
    estimator : object
        Whose attributes they are.

    Attributes
    ----------
    errors : type or tuple of types
        The errors that count; the block may set it.

    Examples
    --------
    >>> from sklearn.svm import SVC
    >>> svm = SVC()
    >>> with RollbackOnError(svm):
    ...     svm.classes_ = ["a", "b"]
    ...     raise ValueError("not these")
    Traceback (most recent call last):
        ...
    ValueError: not these
    >>> hasattr(svm, "classes_")
    False
    """

    def __init__(self, estimator):
        self.estimator = estimator
        self.errors = BaseException

    def __enter__(self):
        self._before = dict(vars(self.estimator))
        return self

    def __exit__(self, kind, error, traceback):
        if kind is not None and issubclass(kind, self.errors):
            vars(self.estimator).clear()
            vars(self.estimator).update(self._before)
