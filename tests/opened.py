"""Which files soundfile opens."""

import os

import soundfile


def list_opened(monkeypatch):
    """A list of the paths that soundfile opens from now on; a wav file is opened once for each decoding."""
    opened, original = [], soundfile.SoundFile.__init__

    def counting(self, file, *args, **kwargs):
        opened.append(os.fsdecode(file))
        original(self, file, *args, **kwargs)

    monkeypatch.setattr(soundfile.SoundFile, "__init__", counting)
    return opened
