"""Which files a saved model was trained on, so that it is said where they are what it is scored on.

Only the commands that train keep it, in the file that they write: a model that is loaded in Python may be trained anew,
and :func:`sklaudio.save` leaves it out.
"""

import copy

import numpy as np

from .._utils.file_hash import sha256_of
from ..audio._sources import path_of

ATTRIBUTE = "_training_clips"
N_BYTES = 8  # of a hash


def with_training_clips(model, clips):
    """Return a copy of a model that has the hashes of the files that it was trained on.

    Parameters
    ----------
    model : estimator
        The model, which is not changed.
    clips : sequence of str or Clip
        Its training clips: files that can be read, or parts of such.

    Returns
    -------
    estimator
        A shallow copy, with 8 bytes for each file, from which its content cannot be reconstructed.
    """
    model = copy.copy(model)
    setattr(model, ATTRIBUTE, np.unique(np.array(list(_hashes(clips).values()), dtype=np.uint64)))
    return model


def without_training_clips(model):
    """Return a copy of a model without them, or the model itself where it has none."""
    if ATTRIBUTE not in getattr(model, "__dict__", ()):
        return model
    model = copy.copy(model)
    delattr(model, ATTRIBUTE)
    return model


def count_trained_on(model, clips):
    """Count the clips that are of files that a model was trained on.

    Parameters
    ----------
    model : estimator or OnnxModel
        One that was loaded.
    clips : sequence of str or Clip
        Clips to score it on. Those that cannot be read are none.

    Returns
    -------
    int or None
        None where the model does not say what it was trained on.
    """
    known = getattr(model, ATTRIBUTE, None)
    if known is None:
        return None
    hashes, known = _hashes(clips), set(known.tolist())
    return sum(hashes.get(path_of(clip)) in known for clip in clips)


def _hashes(clips):
    """Return the hash of the content of each file that can be read, by its path."""
    hashes = {}
    for path in dict.fromkeys(map(path_of, clips)):
        try:
            content = bytes.fromhex(sha256_of(path))
        except (OSError, TypeError):
            continue
        hashes[path] = int.from_bytes(content[:N_BYTES], "little")
    return hashes
