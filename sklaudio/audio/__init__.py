"""Audio in: one file to one waveform, and the forms that ``X`` may have.

Names are loaded on first use: the command line asks for the extensions of files without waiting for NumPy.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "_clip": ["Clip"],
        "_clips": ["as_clips", "holds_clips"],
        "_errors": ["UnreadableClipError"],
        "_load": ["iter_audio", "load_audio"],
    },
)
