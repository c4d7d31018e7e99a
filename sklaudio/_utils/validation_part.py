"""A fixed part to validate on: what `X_val` and `y_val` may be."""

from contextlib import contextmanager

from sklearn.utils.validation import _num_samples

NO_FRAMES = "X_val holds no frames: none of its clips could be read. Leave it out, or pass others."


def check_pair(X_val, y_val):
    """Raise an error unless there are clips to validate on and as many labels."""
    if X_val is None or y_val is None:
        raise ValueError("X_val and y_val belong together. Pass both or neither.")
    n_clips, n_labels = _num_samples(X_val), _num_samples(y_val)
    if n_clips != n_labels:
        raise ValueError(f"X_val holds {n_clips} clips and y_val {n_labels} labels. Give each clip one.")


@contextmanager
def errors_name_part():
    """Let errors about `X` say that it is `X_val`; those of other classes name a file."""
    try:
        yield
    except ValueError as error:
        if type(error) is not ValueError:
            raise
        raise ValueError(f"X_val: {error}") from error
