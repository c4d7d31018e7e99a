"""A stack of recurrent layers, pooled over time, with a dense head."""

import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from ._pooling import make_pooling

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}


class RecurrentNet(nn.Module):
    """Recurrent layers, pooling, dense layers, logits.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
        Kind of recurrent layer; "rnn" is Elman's with tanh.
    n_dims, n_outputs : int
        Dims of a frame, number of logits.
    hidden_sizes : sequence of int
        Units of each recurrent layer, per direction.
    bidirectional : bool
        Whether layers run both ways.
    dropout : float
        Fraction of activations dropped between recurrent layers and before each dense layer, in training.
    pooling : {"last", "mean", "last+mean", "max", "attention"}
        How the frames of a clip become one vector.
    head : sequence of int
        Units of each dense layer (ReLU) before the logits.
    """

    stride = 1  # frames of a step

    def __init__(self, cell, n_dims, n_outputs, *, hidden_sizes, bidirectional, dropout, pooling, head):
        super().__init__()
        self.layers = nn.ModuleList()
        for size in hidden_sizes:
            self.layers.append(CELLS[cell](n_dims, size, batch_first=True, bidirectional=bidirectional))
            n_dims = size * (2 if bidirectional else 1)
        self.dropout = nn.Dropout(dropout)
        self.pooling = make_pooling(pooling, n_dims, bidirectional=bidirectional)
        n_dims *= getattr(self.pooling, "n_parts", 1)
        dense = []
        for size in head:
            dense += [nn.Dropout(dropout), nn.Linear(n_dims, size), nn.ReLU()]
            n_dims = size
        self.head = nn.Sequential(*dense)
        self.n_embedding = n_dims
        self.output = nn.Linear(n_dims, n_outputs)

    def forward(self, frames, lengths):
        """Map (batch, n_frames, n_dims), (batch,) -> (batch, n_outputs)."""
        return self.output(self.dropout(self.embed(frames, lengths)))

    def embed(self, frames, lengths):
        """Return what the logits are made of: (batch, n_embedding)."""
        return self.head(self.pooling(self._run(frames, lengths), lengths))

    def steps(self, frames, lengths):
        """Return what the logits of every frame are made of, without pooling: (batch, n_frames, n_embedding)."""
        return self.head(self._run(frames, lengths))

    def _run(self, frames, lengths):
        for index, layer in enumerate(self.layers):
            frames = run_recurrent(layer, frames if index == 0 else self.dropout(frames), lengths)
        return frames


def run_recurrent(layer, frames, lengths):
    """Compute outputs of a recurrent layer at every frame: (batch, n_frames, n_dims) -> (batch, n_frames, n_out)."""
    # Padding at the end is harmless to a layer that runs forward: what follows a frame cannot reach it.
    n_frames = frames.shape[1]
    if not layer.bidirectional or bool(torch.all(lengths == n_frames)):
        return layer(frames)[0]
    packed = pack_padded_sequence(frames, lengths.cpu(), batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(layer(packed)[0], batch_first=True, total_length=n_frames)[0]
