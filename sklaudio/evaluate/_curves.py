"""How well predicted numbers of frames agree with those of clips."""

import numpy as np
from sklearn.utils import check_array, check_consistent_length

from .._inference import raising_errors, targets_of
from .._utils.predicted_names import names_of_targets
from .._utils.progress import progress
from .._utils.target_names import check_same_names, names_of_columns
from ..predict._files import predictions
from ._regression import RegressionEvaluation


def evaluate_curves(model, clips, names, target, *, n_jobs=None, groups=None, target_names=None):
    """Compare the numbers that a regressor predicts of every frame with those of clips; see :func:`evaluate_files`.

    Scores are over the frames of all clips, and their intervals draw whole clips, or groups. `predictions` has a row
    for each frame, with its start and end in seconds.
    """
    known = targets_of(model)
    check_same_names(names_of_columns(list(target), "target"), np.array(known, dtype=object), "target")
    columns = names_of_targets(len(known), known if target_names is None else target_names)
    predicted = predictions(raising_errors(model, n_jobs), clips, names, n_jobs)
    found = list(progress(predicted, total=len(clips), unit="file", desc="evaluating"))
    pairs = enumerate(zip(target, found, strict=True))
    true = [_numbers_of(numbers, file, clip, len(known)) for clip, (numbers, file) in pairs]
    lengths = list(map(len, true))
    predicted = [
        np.full(numbers.shape, np.nan) if file.error is not None else file.timeline.iloc[:, 2:].to_numpy()
        for numbers, file in zip(true, found, strict=True)
    ]
    groups = np.arange(len(clips)) if groups is None else np.asarray(groups)
    check_consistent_length(clips, groups)
    evaluation = RegressionEvaluation.from_predictions(
        np.concatenate(true),
        np.concatenate(predicted),
        target_names=columns,
        groups=np.repeat(groups, lengths),
        paths=np.repeat([file.path for file in found], lengths),
        errors=np.repeat(np.array([file.error for file in found], dtype=object), lengths),
    )
    for place, name in ((1, "start"), (2, "end")):
        times = [
            np.full(length, np.nan) if file.error is not None else file.timeline[name].to_numpy()
            for file, length in zip(found, lengths, strict=True)
        ]
        evaluation.predictions.insert(place, name, np.concatenate(times))
    return evaluation


def _numbers_of(numbers, file, clip, n_targets):
    """Return the numbers of the frames of a clip, as many as are predicted: (n_frames, n_targets), float64."""
    numbers = check_array(numbers, dtype=np.float64, input_name=f"target[{clip}]")
    n_frames = len(numbers) if file.error is not None else len(file.timeline)
    if numbers.shape != (n_frames, n_targets):
        raise ValueError(
            f"target[{clip}] is of shape {numbers.shape}, and {(n_frames, n_targets)} numbers are predicted of that "
            "clip. Give each frame a row."
        )
    return numbers
