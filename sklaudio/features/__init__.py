"""Feature extractors: clips in, frames out; and what brings frames into shape for classifiers."""

from .._utils import lazy as _lazy

# Each public name is one line of __init__.pyi, and is loaded on first use.
__getattr__, __dir__, __all__ = _lazy.attach(__name__, __file__)
