"""Models of ours as encoders: what a trained net makes of a window before its output layer."""

import copy
import os
from functools import lru_cache

import numpy as np

from .._introspect import stages_of
from .._utils.file_hash import sha256_of
from ..features import FrameTransformer
from ..pretrained import load_pretrained, pretrained_card, pretrained_names
from ._encoder import Encoder, hash_of
from ._trained_cards import card_of_trained, window_seconds


def open_trained(encoder):
    """Open the encoder of the name of a pretrained model, or of the file of a saved one."""
    if encoder in pretrained_names():
        return _open_pretrained(encoder)
    return _open_file(os.path.abspath(encoder), os.stat(encoder).st_mtime_ns)


@lru_cache(maxsize=4)
def _open_pretrained(name):
    card = pretrained_card(name)
    return TrainedEncoder(load_pretrained(name), name, card["sha256"], card_of_trained(card)["licence"])


@lru_cache(maxsize=4)
def _open_file(path, mtime_ns):
    from ..persistence import load

    return TrainedEncoder(load(path), path, sha256_of(path))


class TrainedEncoder(Encoder):
    """A fitted Pipeline that begins with features and ends with a net, or with a vote of one over segments.

    Windows are as long as the clips, or the segments, that the net was trained on, and each becomes one vector.

    Parameters
    ----------
    model : Pipeline
        The fitted model.
    name : str
        Its name or file, for errors.
    sha256 : str
        Hash of its file.
    licence : str or None, default=None
        Licence of the data that it learned from.
    """

    hop_length = None
    frame_length = 1

    def __init__(self, model, name, sha256, licence=None):
        from ..nets import NetClassifier
        from ..segments import SegmentVotingClassifier
        from ..segments._cut import segment_sizes

        steps = [step for _, step in stages_of(model)] or [model]
        segment_length = None
        if isinstance(steps[-1], SegmentVotingClassifier) and hasattr(steps[-1], "estimator_"):
            vote = steps.pop()
            steps += [step for _, step in stages_of(vote.estimator_)]
            segment_length = segment_sizes(vote)[0]
        net = steps[-1]
        if not (isinstance(steps[0], FrameTransformer) and isinstance(net, NetClassifier) and hasattr(net, "net_")):
            raise ValueError(
                f"encoder={name!r} is no fitted Pipeline of features and a net, which alone has an embedding."
            )
        self._features, *self._between = copy.deepcopy(steps[:-1])
        self._net = net
        features = self._features
        self.sr, self.licence = features.sr, licence
        hop_length = getattr(features, "hop_length", None)
        sizes = {"hop_length": hop_length, "sr": self.sr}
        self.window = round(window_seconds(features.duration, segment_length, sizes) * self.sr)
        if hasattr(features, "duration") and not hasattr(features, "transformers"):
            features.set_params(duration=None, offset=0.0, memory=None, on_error="raise")
        self.content_hash = hash_of("trained", sha256)
        self.dim_names = [
            f"embedding{k}" for k in range(self.run(np.zeros((1, self.window), np.float32), "cpu").shape[2])
        ]

    def run(self, batch, device):
        """Compute one vector of each window; the net runs where it was trained."""
        frames = self._features.transform(list(batch))
        for step in self._between:
            frames = step.transform(frames)
        return self._net.transform(frames)[:, np.newaxis]
