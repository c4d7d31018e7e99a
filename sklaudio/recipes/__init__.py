"""Whole models of recordings, in one line: make_classifier, make_regressor and make_detector."""

from ._classifier import NETS, make_classifier
from ._detector import make_detector
from ._regressor import make_regressor
from ._sizes import frame_sizes

__all__ = ["frame_sizes", "make_classifier", "make_detector", "make_regressor"]

ON_MELS = {kind: net for kind, net in NETS.items() if net._frames == "mel"}
ON_MFCCS = set(NETS) - set(ON_MELS)
