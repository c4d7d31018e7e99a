"""Names that help and completion list, without loading torch: those written down here are compared by a test."""

from ..nets._kinds import kinds

ENCODERS = ("google-speech", "musicnn-msd", "musicnn-mtt")
KINDS = tuple(kinds())
PUBLISHED = (
    "genre-lstm",
    "genre-lstm-deep",
    "genre-lstm-mfcc",
    "genre-lstm-piecewise",
    "genre-lstm-plateau",
    "notes-dense",
    "notes-cnn",
    "notes-lstm",
    "notes-blstm",
    "words-cnn",
    "words-crnn",
    "words-parallel",
    "genre-dense",
    "genre-cnn",
    "genre-lstm-3s",
)
