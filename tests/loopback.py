"""A loopback in place of a microphone, for machines that have neither one nor PortAudio."""

import numpy as np


class Loopback:
    """What sounddevice has, with an input device that gives these samples, and is unplugged then."""

    class PortAudioError(Exception):
        pass

    def __init__(self, y, sr):
        self.y, self.sr = y, sr
        self.stream_class = LoopbackStream
        self.devices = [
            {"index": 0, "name": "Speaker", "max_input_channels": 0, "default_samplerate": 48000.0},
            {"index": 1, "name": "Loopback: PCM", "max_input_channels": 2, "default_samplerate": float(sr)},
        ]

    def query_devices(self, device=None, kind=None):
        if device is None and kind is None:
            return self.devices
        if device not in (None, 1, "Loop") or len(self.devices) < 2:
            raise ValueError(f"No input device matching {device!r}")
        return self.devices[1]

    def InputStream(self, samplerate, blocksize, device, channels, dtype, callback):  # noqa: N802 - as it is called there
        assert (samplerate, channels, dtype) == (self.sr, 1, "float32")
        return self.stream_class(self.y, blocksize, callback)


class LoopbackStream:
    def __init__(self, y, blocksize, callback):
        self.y, self.blocksize, self.callback = y, blocksize, callback
        self.active = True

    def __enter__(self):
        self.give(self.y)
        self.active = False

    def give(self, y):
        buffer = np.zeros((self.blocksize, 1), dtype=np.float32)  # which is used again, as PortAudio does
        for start in range(0, len(y) - self.blocksize + 1, self.blocksize):
            buffer[:, 0] = y[start : start + self.blocksize]
            self.callback(buffer, self.blocksize, None, None)

    def __exit__(self, *_):
        pass
