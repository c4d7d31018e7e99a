"""Clips that are there twice: equal samples first, then equal recordings."""

import threading

import joblib

from .._utils.progress import progress
from ._fingerprint import HOP, alike, low_rate, similarity
from ._one_clip import read

SIMILAR = 0.9  # of `similarity`; measured in the notes of check_clips
KEPT = 2**26  # bytes of waveforms at 5500 Hz that wait for a second comparison


def repeats(clips, names, inspected, sr, parallel):
    """Yield (clip, an earlier one, fault, words before its name) for each clip that is there already.

    Parameters
    ----------
    clips : list
        Paths and waveforms; `names` are theirs in errors, `sr` is the rate of waveforms.
    inspected : list of Inspected
        What is known of each.
    parallel : joblib.Parallel
        Where pairs are compared; results come one by one.
    """
    first = {}
    for k, one in enumerate(inspected):
        if one.digest is not None and first.setdefault(one.digest, k) != k:
            yield k, first[one.digest], "duplicate", "the samples equal those of"
    alone = sorted(first.values())
    pairs = alike([inspected[k].fingerprint for k in alone])
    low_rates = _LowRates(clips, names, sr)
    compare = joblib.delayed(low_rates.similarity)
    values = parallel(compare(alone[one], alone[other], shift * HOP) for one, other, shift in pairs)
    nearest = {}
    values = progress(values, total=len(pairs), unit="pair", desc="comparing")
    for (one, other, _), value in zip(pairs, values, strict=True):
        if value >= SIMILAR:
            nearest[other] = max(nearest.get(other, (0, 0)), (value, one))
    for other, (value, one) in nearest.items():
        yield alone[other], alone[one], "near duplicate", f"correlates to {value:.3f} with"


class _LowRates:
    """Waveforms at 5500 Hz, read again when they are compared; the last ones stay."""

    def __init__(self, clips, names, sr):
        self.clips, self.names, self.sr = clips, names, sr
        self.kept, self.lock = {}, threading.Lock()

    def similarity(self, one, other, shift):
        """Return the similarity of two clips; 0 where a file has gone or changed since it was inspected."""
        try:
            return similarity(self._get(one), self._get(other), shift)
        except (OSError, ValueError):
            return 0.0

    def _get(self, k):
        with self.lock:
            if k in self.kept:
                return self.kept[k]
        z = low_rate(*read(self.clips[k], self.names[k], self.sr)[:2])
        with self.lock:
            self.kept[k] = z
            while sum(z.nbytes for z in self.kept.values()) > KEPT:
                self.kept.pop(next(iter(self.kept)))
        return z
