"""What a pickle of a net holds: parameters and arrays. What is torch's or skorch's is rebuilt from them."""

import warnings

import pandas as pd

from .._device import resolve_device
from ._training import copy_weights, make_net


class ArraysStateMixin:
    """State without torch or skorch in it, for a fitted NetClassifier: it loads on any device."""

    def __getstate__(self):
        """Replace the net by its weights, the history by its columns."""
        state = dict(super().__getstate__())
        if "net_" in state:
            state["weights"] = copy_weights(state.pop("net_").module_)
            state["history_"] = {name: column.to_numpy() for name, column in state["history_"].items()}
        return state

    def __setstate__(self, state):
        weights = state.pop("weights", None)
        super().__setstate__(state)
        if weights is not None:
            self.history_ = pd.DataFrame(self.history_)
            built = self._as_built()
            with built._seeded():
                self.net_ = make_net(built, weights=weights)

    def _as_built(self):
        """An estimator with the parameters that the weights belong to, whatever `set_params` changed since."""
        built = type(self)(**self._built_with)
        try:
            built.device = resolve_device(self.device)
        except ValueError as error:
            warnings.warn(f"{error} The net is on the CPU.", stacklevel=2)
            built.device = "cpu"
        for name in ("classes_", "n_features_in_", "n_frames_", "history_", "_seed"):
            setattr(built, name, getattr(self, name))
        return built
