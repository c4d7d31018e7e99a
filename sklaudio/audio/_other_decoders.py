"""Files that libsndfile does not decode, such as m4a and wma: PyAV where it is installed, or else the program ffmpeg.

Both are given the kind of file, which its first bytes say: names do not matter, and nothing is taken for a list
of other files to open.
"""

import subprocess
import tempfile
import threading
from collections import deque

import numpy as np

from ._kinds import has_av, has_ffmpeg, kind_of

UNKNOWN = 2**62  # samples: of a file whose length is not known
MIN_SEEK = 5.0  # seconds that are worth to be passed over
PREROLL = 1.0  # seconds before a sample from which on it is decoded: frames lean on those before them
MAX_PADDING = 4  # frames that encoders put before and behind the sound
MAX_SECONDS = 60  # that ffmpeg may take for the next samples
PROMISED_TOO_MUCH = (
    0.25  # seconds: what encoders put before and behind the sound counts in the length of an MPEG-4 file
)


class OtherDecoderError(Exception):
    """What another decoder says of a file, or that there is none for it."""


def open_other(path):
    """Open a file by PyAV or ffmpeg.

    Parameters
    ----------
    path : str
        The file.

    Returns
    -------
    OtherStream or None
        None if it is of no kind that these are asked for.

    Raises
    ------
    OtherDecoderError
        If there is no decoder, or if it finds no sound.
    """
    kind = kind_of(path)
    if kind is None:
        return None
    if has_av():
        return OtherStream(_AvBlocks(path, kind[1]))
    if has_ffmpeg():
        return OtherStream(_FfmpegBlocks(path, kind[1]))
    raise OtherDecoderError(
        f"it is {kind[0]}, for which there is no decoder here; pip install 'sklaudio[formats]', or install ffmpeg"
    )


class OtherStream:
    """Sound from another decoder, read onwards only.

    Parameters
    ----------
    source : iterable of ndarray of shape (n_samples_i, n_channels)
        The samples, with `samplerate`, `channels`, `promised`, `rest` and `close`.
    """

    format = subtype = "OTHER"
    frames = UNKNOWN

    def __init__(self, source):
        self.source, self.iterator, self.kept = source, iter(source), deque()
        self.samplerate, self.channels, self.promised = source.samplerate, source.channels, source.promised

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    @property
    def rest(self):
        """Why what follows is not read, or None."""
        return self.source.rest

    def close(self):
        """Close the file."""
        self.source.close()

    def skip(self, n_samples):
        """Go to a sample, by decoding all before it where the source knows no other way that is exact."""
        n_samples -= self.source.pass_over(n_samples)
        while n_samples > 0:
            n_read = len(self.read(min(n_samples, 2**20)))
            if not n_read:
                break
            n_samples -= n_read

    def read(self, n_samples, dtype="float32", always_2d=True):
        """Read samples, fewer at the end: (n_samples, n_channels)."""
        blocks, n_left = [np.zeros((0, self.channels), np.float32)], n_samples
        while n_left > 0:
            block = self.kept.popleft() if self.kept else next(self.iterator, None)
            if block is None:
                break
            if len(block) > n_left:
                self.kept.appendleft(block[n_left:])
                block = block[:n_left]
            blocks.append(block)
            n_left -= len(block)
        return np.concatenate(blocks).astype(dtype, copy=False)


class _AvBlocks:
    """Decode by PyAV."""

    def __init__(self, path, kind):
        import av

        self.path, self.kind = path, kind
        self.rest, self.errors = None, (av.FFmpegError, ValueError)
        self._open()
        self.promised = self._promised(kind)

    def _open(self):
        import av

        self.file = open(self.path, "rb")  # noqa: SIM115 - closed with this one
        try:
            self.container = av.open(self.file, format=self.kind, metadata_errors="ignore")
            if not self.container.streams.audio:
                raise OtherDecoderError("there is no sound in it")
            self.stream = self.container.streams.audio[0]
            if self.stream.codec_context is None:  # PyAV before 18 crashes on it
                raise OtherDecoderError("there is no decoder for it")
            self.frames = self.container.decode(self.stream)
            self.first = next(self.frames, None)
        except (OtherDecoderError, *self.errors) as error:
            self.file.close()
            raise OtherDecoderError(getattr(error, "strerror", None) or str(error)) from error
        if self.first is None:
            self.file.close()
            raise OtherDecoderError("no sound can be decoded from it")
        self.samplerate, self.channels = self.first.sample_rate, self.first.layout.nb_channels

    def pass_over(self, n_samples):
        """Go towards a sample without decoding what is before it; return how many were passed over, maybe none.

        What follows is what is there to the sample, but for noise: AAC has the decoder make up some by itself.
        """
        if n_samples < MIN_SEEK * self.samplerate or not self._has_even_times():
            return 0
        begin, tick = self.first.pts, self.stream.time_base
        try:
            self.container.seek(begin + int((n_samples / self.samplerate - PREROLL) / tick), stream=self.stream)
            self.frames = self.container.decode(self.stream)
            frame = next(self.frames, None)
        except self.errors:
            frame = None
        if frame is not None and frame.pts is not None:
            n_passed = (frame.pts - begin) * tick * self.samplerate
            if n_passed.denominator == 1 and 0 <= n_passed <= n_samples:
                self.first = frame
                return int(n_passed)
        self.close()
        self._open()
        return 0

    def _has_even_times(self):
        """Return whether frames follow each other without gaps, so that their times count samples: as MPEG-4 tells."""
        if self.kind != "mov" or self.first.pts is None or not self.stream.duration:
            return False
        n_promised = self.stream.duration * self.stream.time_base * self.samplerate
        n_in_frame = self.stream.codec_context.frame_size or self.first.samples
        return abs(self.stream.frames * n_in_frame - n_promised) <= MAX_PADDING * n_in_frame

    def __iter__(self):
        yield self._samples(self.first)
        while True:
            try:
                frame = next(self.frames, None)
            except self.errors as error:
                self.rest = f"its decoder stops with: {getattr(error, 'strerror', None) or error}"
                return
            if frame is None:
                return
            if frame.sample_rate != self.samplerate:
                self.rest = f"its rate changes from {self.samplerate} to {frame.sample_rate} Hz"
                return
            yield self._samples(frame)

    def close(self):
        self.container.close()
        self.file.close()

    def _promised(self, kind):
        """Return the samples that the header promises at least; only MPEG-4 says it well."""
        duration = self.stream.duration
        if kind != "mov" or not duration:
            return UNKNOWN
        return int(max(0, duration * self.stream.time_base - PROMISED_TOO_MUCH) * self.samplerate)

    def _samples(self, frame):
        """Return a frame as (n_samples, n_channels), integers scaled to [-1, 1)."""
        y = frame.to_ndarray()
        n_channels = frame.layout.nb_channels
        y = y.T if frame.format.is_planar else y.reshape(-1, n_channels)
        if y.dtype.kind in "iu":
            half = 2.0 ** (8 * y.dtype.itemsize - 1)
            y = (y - half * (y.dtype.kind == "u")) / half
        y = y.astype(np.float32)
        return y if n_channels == self.channels else np.repeat(y.mean(axis=1, keepdims=True), self.channels, axis=1)


class _FfmpegBlocks:
    """Decode by the program ffmpeg, which writes AU: its header says rate and channels, and samples follow."""

    rest, promised = None, UNKNOWN

    def pass_over(self, n_samples):
        """Pass over nothing: its seeking is not known to be exact."""
        return 0

    def __init__(self, path, kind):
        command = ["ffmpeg", "-v", "error", "-xerror", "-nostdin", "-protocol_whitelist", "file,pipe", "-f", kind]
        command += ["-i", f"file:{path}", "-map", "0:a:0", "-c:a", "pcm_f32be", "-f", "au", "pipe:1"]
        self.messages = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this one
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.messages)
        try:
            head = self._read(24)
            self._read(int.from_bytes(head[4:8], "big") - 24)
            self.samplerate, self.channels = (int.from_bytes(head[k : k + 4], "big") for k in (16, 20))
            self.first = self._samples() if len(head) == 24 else np.zeros((0, 1), np.float32)
            if not len(self.first):
                raise OtherDecoderError(self._message() or "there is no sound in it")
        except BaseException:
            self.close()
            raise

    def __iter__(self):
        block = self.first
        while len(block):
            yield block
            block = self._samples()
        if self.process.wait() != 0:
            self.rest = f"ffmpeg stops with: {self._message()}"

    def close(self):
        self.process.kill()
        self.process.stdout.close()
        self.process.wait()
        self.messages.close()

    def _samples(self):
        width = 4 * self.channels
        data = self._read(2**18 // width * width)
        return np.frombuffer(data[: len(data) // width * width], ">f4").reshape(-1, self.channels).astype(np.float32)

    def _read(self, size):
        watch = threading.Timer(MAX_SECONDS, self.process.kill)
        watch.start()
        try:
            return self.process.stdout.read(max(0, size))
        finally:
            watch.cancel()

    def _message(self):
        """Return the last line of what it says."""
        self.messages.seek(0)
        lines = self.messages.read().decode("utf-8", "replace").strip().splitlines()
        if any("matches no streams" in line for line in lines):
            return "there is no sound in it"
        return lines[-1] if lines else ""
