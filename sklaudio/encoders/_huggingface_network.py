"""A model of transformers as a torch module of samples, which can be trained."""

import copy

from torch import nn


class HuggingFaceNetwork(nn.Module):
    """Samples to layers of a model.

    Parameters
    ----------
    encoder : HuggingFaceEncoder
        What it makes of samples before the model, and which layers it takes.
    model : transformers.PreTrainedModel
        The model, which is copied.
    """

    def __init__(self, encoder, model):
        super().__init__()
        self._encoder = encoder
        self.model = copy.deepcopy(model)
        if hasattr(self.model.config, "apply_spec_augment"):
            self.model.config.apply_spec_augment = False  # what is changed in training is for `augment` to say

    def forward(self, samples):
        """Map (n_windows, n_samples) -> (n_windows, n_frames, n_dims)."""
        return self._encoder.chosen_of(self.model, samples.detach().cpu().numpy(), samples.device)

    def blocks(self):
        """Return what comes before the longest stack of layers, and then each of these."""
        stacks = [part for part in self.model.modules() if isinstance(part, nn.ModuleList)]
        if not stacks:
            return list(self.model.children())
        layers = list(max(stacks, key=lambda stack: sum(weights.numel() for weights in stack.parameters())))
        inside = {id(part) for layer in layers for part in layer.modules()}
        holding = {id(part) for part in self.model.modules() if inside & {id(below) for below in part.modules()}}
        before = [part for part in self.model.modules() if id(part) not in inside | holding]
        return [nn.ModuleList(before), *layers]
