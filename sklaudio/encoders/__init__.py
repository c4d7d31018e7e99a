"""Pretrained networks as features: clips in, frames of what a network has learned from other sound out."""

from .._utils import lazy as _lazy

# Names are loaded on first use: cards and the list of names do without numpy and scikit-learn.
__getattr__, __dir__, __all__ = _lazy.attach(__name__, __file__)
