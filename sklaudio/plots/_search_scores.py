"""Scores of a search as a grid: what was varied, and the score of each fold for each combination."""

import numpy as np

from .._utils.terminal import shortened

MAX_PAIRWISE = 6  # parameters, of which each pair is laid out


def chosen_parameters(results, parameters):
    """List the parameters to lay out, by their whole names; see :func:`grid_of` for what is passed."""
    columns = {key.removeprefix("param_"): _unmasked(results[key]) for key in results if key.startswith("param_")}
    return _choose(parameters, columns, _varied(columns))


def grid_of(results, parameters, score):
    """Return the values of each parameter, and scores by them.

    Parameters
    ----------
    results : dict
        ``cv_results_``.
    parameters : str, list of str or None
        Which to lay out, by their whole names or the part after the last ``__``; None takes all that vary.
    score : str
        Such as "score", or the name of one of several scorers.

    Returns
    -------
    axes : dict of str to list
        Values of each parameter, in order.
    scores : ndarray of shape (n_values, ..., n_folds)
        Mean over all other parameters; NaN for what was not tried.
    averaged : list of str
        Those others.
    """
    folds = _scores_by_fold(results, score)
    columns = {key.removeprefix("param_"): _unmasked(results[key]) for key in results if key.startswith("param_")}
    texts = {name: [_key(value) for value in values] for name, values in columns.items()}
    varied = _varied(columns)
    chosen = _choose(parameters, columns, varied)
    axes, positions = {}, []
    for name in chosen:
        values = _in_order(dict(zip(texts[name], columns[name], strict=True)))
        axes[name] = list(values.values())
        place = {key: position for position, key in enumerate(values)}
        positions.append([place[key] for key in texts[name]])
    shape = [len(values) for values in axes.values()]
    sums, counts = np.zeros((*shape, folds.shape[1])), np.zeros((*shape, 1))
    at = tuple(np.array(position) for position in positions)
    np.add.at(sums, at, folds)
    np.add.at(counts, at, 1)
    scores = np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
    return axes, scores, [name for name in varied if name not in chosen]


def _scores_by_fold(results, score):
    """Return scores as (n_candidates, n_folds)."""
    n_folds = sum(key.startswith("split") and key.endswith(f"_test_{score}") for key in results)
    if not n_folds:
        known = sorted(key.removeprefix("mean_test_") for key in results if key.startswith("mean_test_"))
        raise ValueError(
            f"score={shortened(score)} is not in cv_results_, which has {', '.join(known) or 'none'}. Pass one of them."
        )
    return np.stack([np.asarray(results[f"split{k}_test_{score}"], dtype=float) for k in range(n_folds)], axis=1)


def _unmasked(column):
    """Return the values of a masked array; what a grid leaves out is None."""
    values = np.ma.asarray(column)
    mask = np.ma.getmaskarray(values)
    return [None if is_masked else _item(value) for value, is_masked in zip(values.data, mask, strict=True)]


def _item(value):
    return value.item() if isinstance(value, np.generic) else value


def _key(value):
    return value if is_number(value) else f"{type(value).__name__} {shortened(value)}"


def is_number(value):
    """Return whether a value has a place on an axis of numbers; True and False have not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and np.isfinite(value)


def _in_order(values):
    """Sort numbers by size; leave anything else as it came."""
    return dict(sorted(values.items())) if all(map(is_number, values)) else values


def _varied(columns):
    return [name for name in columns if len({_key(value) for value in columns[name]}) > 1]


def _choose(parameters, columns, varied):
    if parameters is None:
        if not 1 <= len(varied) <= MAX_PAIRWISE:
            found = "none" if not varied else f"{len(varied)} ({', '.join(varied)})"
            raise ValueError(
                f"The search varies {found}, and one to {MAX_PAIRWISE} parameters can be drawn. Name them: "
                f"parameters={(varied or list(columns))[:2]}; the mean over the others is drawn."
            )
        return varied
    given = [parameters] if isinstance(parameters, str) else list(parameters)
    chosen = [_find(name, columns) for name in given]
    if not 1 <= len(set(chosen)) == len(chosen) <= MAX_PAIRWISE:
        raise ValueError(
            f"parameters={shortened(parameters)} must be one to {MAX_PAIRWISE} different ones of {', '.join(columns)}."
        )
    return chosen


def _find(name, columns):
    found = [column for column in columns if column == name] or [
        column for column in columns if column.split("__")[-1] == name
    ]
    if len(found) != 1:
        problem = "is not in the search" if not found else f"may be {' or '.join(found)}"
        raise ValueError(f"parameters: {shortened(name)} {problem}. Use names of {', '.join(columns)}.")
    return found[0]
