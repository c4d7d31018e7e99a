"""Where live sound comes from: an input device, a file in its place, or raw samples from standard input."""

import os
import queue
import sys
import warnings

import numpy as np

from ._command import WrongUseError

STDIN = "-"
BLOCK = 0.1  # seconds of sound that are taken at a time
MAX_WAITING = 600  # blocks that wait for the model, a minute
LIST = "sklaudio listen --list-devices shows which there are"


def blocks_of(device, sr):
    """Iterate over the sound of a device as it comes.

    Parameters
    ----------
    device : str or None
        Number, or part of the name, of an input device; None is the default one. The path of a file of sound is read
        in place of one, as fast as its blocks are taken. "-" are samples of 16 bits, of one channel and without a
        header, from standard input.
    sr : int or None
        Rate in hertz to ask the device for, or of the samples from standard input; None is that of the device or file.

    Yields
    ------
    block : ndarray of shape (n_samples,)
        The next samples.
    sr : float
        Their rate.
    """
    if device == STDIN:
        if sr is None:
            raise WrongUseError("--device - takes samples without a header: give their rate as --sr")
        return _from_stdin(sr)
    if device is not None and os.path.isfile(device):
        if sr is not None:
            raise WrongUseError(f"--sr is for devices, and {device} is a file, which has a rate")
        return _from_file(device)
    return _from_microphone(device, sr)


def _from_stdin(sr):
    n_bytes = 2 * max(1, round(BLOCK * sr))
    while data := sys.stdin.buffer.read(n_bytes):
        yield np.frombuffer(data[: len(data) // 2 * 2], dtype="<i2"), sr


def _from_file(path):
    from ..audio._sources import read_blocks

    for decoded in read_blocks(path):
        n_samples = max(1, round(BLOCK * decoded.sr))
        for start in range(0, len(decoded.y), n_samples):
            yield decoded.y[start : start + n_samples], decoded.sr


def _from_microphone(device, sr):
    """Yield blocks of an input device; silence takes the place of those that are lost, so that times stay right."""
    sounddevice = load_sounddevice()
    device = int(device) if device is not None and device.isdigit() else device
    waiting, n_lost = queue.Queue(MAX_WAITING), 0

    def take(samples, n_samples, time, status):
        nonlocal n_lost
        try:
            waiting.put_nowait((n_lost, samples[:, 0].copy()))
            n_lost = 0
        except queue.Full:
            n_lost += n_samples

    try:
        sr = sr or sounddevice.query_devices(device, "input")["default_samplerate"]
        stream = sounddevice.InputStream(
            samplerate=sr, blocksize=round(BLOCK * sr), device=device, channels=1, dtype="float32", callback=take
        )
    except (ValueError, sounddevice.PortAudioError) as error:
        name = "the default device" if device is None else f"device {device!r}"
        raise OSError(f"{name} cannot be listened to: {error}. {LIST}") from error
    with stream:
        while True:
            try:
                n_before, block = waiting.get(timeout=0.2)
            except queue.Empty:
                if not stream.active:
                    raise OSError("the device has stopped, as one that was unplugged does. Plug it in again") from None
                continue
            if n_before:
                seconds = MAX_WAITING * BLOCK
                warnings.warn(f"the model is {seconds:g} s behind, and sound is lost. Raise --hop", stacklevel=2)
                yield np.zeros(n_before, dtype=np.float32), sr
            yield block, sr


def load_sounddevice():
    """Import sounddevice; raise an error that says what to install where it, or PortAudio, is missing."""
    try:
        import sounddevice
    except ImportError as error:
        raise ImportError(
            "a microphone takes sounddevice, which is not installed: pip install 'sklaudio[live]'. Or give a file as "
            "--device"
        ) from error
    except OSError as error:  # it is there, and has not found what it calls
        raise OSError(
            f"a microphone takes PortAudio, which is not there ({error}). Install it, such as by apt install "
            "libportaudio2, or give a file as --device"
        ) from error
    return sounddevice


def device_lines():
    """List the input devices, a line for each: number, name, channels, rate; the default one has a star."""
    sounddevice = load_sounddevice()
    try:
        default = sounddevice.query_devices(kind="input")["index"]
    except (ValueError, sounddevice.PortAudioError):
        default = None
    devices = [device for device in sounddevice.query_devices() if device["max_input_channels"]]
    width = max((len(device["name"]) for device in devices), default=0)
    for device in devices:
        star = "*" if device["index"] == default else " "
        channels = f"{device['max_input_channels']:3d} channels"
        rate = f"{device['default_samplerate']:.0f} Hz"
        yield f"{star} {device['index']:3d}  {device['name']:{width}}  {channels}  {rate}\n"
