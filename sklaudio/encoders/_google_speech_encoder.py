"""Google's speech embedding as an encoder: two ONNX networks in a chain."""

from functools import lru_cache

import numpy as np

from ._encoder import Encoder, hash_of
from ._files import check_hashes
from ._google_speech import CARD, FILES, NAME
from ._onnx import open_session, run_session

FULL_SCALE = 32767.0  # the network takes samples as they are in files of 16 bits
PEAK = 0.1  # of full scale, to which clips are brought; 0.5 and 1 serve less well on digits and on words
MEL_HOP, MEL_LENGTH = 160, 512  # samples
N_MELS, EMBEDDING_LENGTH, EMBEDDING_HOP = 32, 76, 8  # mel bands; spectra that an embedding is of, and apart
MIN_SECONDS = 1.6  # seconds, to which shorter clips are padded on both sides
SECONDS = 10  # in a window


class GoogleSpeech(Encoder):
    """The two networks in a chain: samples to mel spectra, 76 of which become an embedding, every eight.

    Each clip is brought to a peak of a tenth of full scale, and padded: frame ``t`` is centred on ``0.08 * t`` s.
    Clips under 0.8 s have more silence on both sides, up to 1.6 s in all: frames begin before the clip, and end after.
    """

    sr = 16000
    licence = CARD["licence"]
    takes_device = False
    hop_length = EMBEDDING_HOP * MEL_HOP
    frame_length = MEL_LENGTH + (EMBEDDING_LENGTH - 1) * MEL_HOP
    padding = frame_length // 2
    min_samples = round(MIN_SECONDS * sr)
    window = SECONDS * sr
    content_hash = hash_of(NAME, FILES[0].sha256, FILES[1].sha256, PEAK, padding, MIN_SECONDS)

    def __init__(self, folder):
        self.files = check_hashes(folder, FILES)
        self._mel, self._embedding = map(open_session, self.files)
        self.dim_names = [f"speech{k}" for k in range(CARD["dims"])]

    def prepare(self, y):
        """Scale to a peak of a tenth of full scale; silence stays silence."""
        peak = np.abs(y).max(initial=0)
        return y * np.float32(PEAK * FULL_SCALE / peak) if peak > 0 else y

    def run(self, batch, device):
        """Return the frames of windows; on the CPU, whatever the device."""
        # One window at a time: the network cuts levels 80 dB below the loudest of all that it is given.
        mel = [run_session(self._mel, samples[np.newaxis]).reshape(-1, N_MELS) for samples in batch]
        mel = np.stack(mel) / 10 + 2  # (n_windows, n_spectra, n_mels)
        spectra = np.lib.stride_tricks.sliding_window_view(mel, EMBEDDING_LENGTH, axis=1)[:, ::EMBEDDING_HOP]
        spectra = spectra.transpose(0, 1, 3, 2)  # (n_windows, n_frames, n_mels, 76) -> (…, 76, n_mels)
        flat = np.ascontiguousarray(spectra.reshape(-1, EMBEDDING_LENGTH, N_MELS, 1))
        return run_session(self._embedding, flat).reshape(len(batch), -1, CARD["dims"])


def open_files(name, folder, layer):
    """Open the encoder whose files are in a folder."""
    if layer is not None:
        raise ValueError(f"layer={layer!r}: {NAME} has one layer. Use None.")
    return open_google_speech(folder)


@lru_cache(maxsize=2)
def open_google_speech(folder):
    """Open the encoder whose files are in a folder."""
    return GoogleSpeech(folder)
