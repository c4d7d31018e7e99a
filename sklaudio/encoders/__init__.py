"""Pretrained networks as features: clips in, frames of what a network has learned from other sound out."""

import lazy_loader as _lazy

# Names are loaded on first use: cards and the list of names do without numpy and scikit-learn.
__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_check": ["check_encoder"],
        "_encoder": ["Encoder"],
        "_head": ["GroupedLogisticRegression"],
        "_ridge": ["GroupedRidge"],
        "_registry": ["card", "fetch", "names"],
        "_transformer": ["EncoderTransformer"],
    },
)
