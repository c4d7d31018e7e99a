"""Names that help and completion list, written down: to ask for them would import torch. A test compares them."""

KINDS = ("crnn", "cnn", "dense", "parallel", "rnn", "lstm", "blstm", "gru")
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
