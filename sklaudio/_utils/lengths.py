"""One of everything for each clip."""

from sklearn.utils.validation import _num_samples


def check_equal_lengths(X, **others):
    """Raise an error that names the first parameter that has not as many rows as there are clips; None has any.

    Parameters
    ----------
    X : sequence or array
        The clips.
    **others : sequence, array or None
        What each clip has one of, by the name of the parameter.
    """
    n_clips = _num_samples(X)
    for name, values in others.items():
        if values is not None and (found := _num_samples(values)) != n_clips:
            raise ValueError(
                f"Found input variables with inconsistent numbers of samples: [{n_clips}, {found}]: "
                f"{name} has {found}, and X {n_clips}. Give each clip one."
            )
