"""Recurrent layers as one operation of ONNX each; traced as torch has them, they would be one for each frame."""

import torch
from torch import nn

KINDS = {  # operation of ONNX, its order of the gates, what it needs besides
    nn.RNN: ("RNN", (0,), {}),
    nn.GRU: ("GRU", (1, 0, 2), {"linear_before_reset": 1}),
    nn.LSTM: ("LSTM", (0, 3, 1, 2), {}),
}


class Recurrent(nn.Module):
    """A recurrent layer of torch (one layer, batch first), as ONNX has it.

    Parameters
    ----------
    layer : nn.RNN, nn.GRU or nn.LSTM
        Whose weights are taken.
    """

    bidirectional = False  # equally long clips need no packing

    def __init__(self, layer):
        super().__init__()
        self.layer = [layer]  # no submodule: the graph has the weights as ONNX orders them
        self.operation, gates, self.attributes = KINDS[type(layer)]
        self.hidden_size, self.n_directions = layer.hidden_size, 2 if layer.bidirectional else 1
        self.attributes = self.attributes | {
            "hidden_size": layer.hidden_size,
            "direction": "bidirectional" if layer.bidirectional else "forward",
        }
        suffixes = ["", "_reverse"][: self.n_directions]

        def stacked(name):
            directions = [getattr(layer, f"{name}_l0{suffix}").detach() for suffix in suffixes]
            return torch.stack([torch.cat([part.chunk(len(gates))[gate] for gate in gates]) for part in directions])

        self.register_buffer("weight", stacked("weight_ih"))  # (directions, gates * hidden, n_dims)
        self.register_buffer("recurrence", stacked("weight_hh"))
        self.register_buffer("bias", torch.cat([stacked("bias_ih"), stacked("bias_hh")], dim=1))

    def forward(self, x):
        """Map (batch, n_frames, n_dims) -> (batch, n_frames, directions * hidden), None."""
        if not torch.compiler.is_exporting():  # the operation stands for a result, and computes none
            return self.layer[0](x)
        states = torch.onnx.ops.symbolic(
            self.operation,
            (x.transpose(0, 1), self.weight, self.recurrence, self.bias),
            attrs=self.attributes,
            dtype=torch.float32,
            shape=(x.shape[1], self.n_directions, x.shape[0], self.hidden_size),
        )
        return states.permute(2, 0, 1, 3).flatten(start_dim=2), None


def exchange(module):
    """Exchange all recurrent layers in a module of ours, in place; return it."""
    for name, child in module.named_children():
        if type(child) in KINDS:
            setattr(module, name, Recurrent(child))
        else:
            exchange(child)
    return module
