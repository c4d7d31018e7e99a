"""Which clips hold the same recording: compact fingerprints propose pairs, the waveforms of a pair decide.

A fingerprint is a number of 24 bits for each 12 ms: whether the difference in level of two neighbouring bands grew or
shrank within 47 ms [1]_. Gain drops out, and coding changes few bits. Files that share one such number at all are
compared at that shift, bit by bit; where most bits agree, the two waveforms are correlated, with their spectrum made
flat in part [2]_, so that hum and steady tones, which any two clips may share, count for little.

References
----------
.. [1] J. Haitsma and T. Kalker, "A highly robust audio fingerprinting system", ISMIR 2002.
.. [2] C. H. Knapp and G. C. Carter, "The generalized correlation method for estimation of time delay", IEEE Trans.
   Acoustics, Speech, and Signal Processing 24(4), 1976.
"""

import numpy as np
from scipy import fft

SR = 5500  # hertz; everything below happens at this rate
FRAME, HOP, GAP = 1024, 64, 4  # samples, samples, frames: 186 ms, 12 ms, 47 ms
N_BANDS, FMIN, FMAX = 25, 300.0, 2000.0  # one bit for each pair of neighbours; telephones and codecs keep this range
FLOOR = 0.01  # of the loudest frame's mean band: what lies below has no level, or rounding would decide its bits
QUIET = 1e-4  # of the loudest frame: frames below it are silence
MIN_STEP = 0.02  # of the logarithm of a level: less is no growth
MIN_BITS = 2  # set, and as many unset: numbers such as 0 are in every clip
NEIGHBOURS = 8  # with an equal number that each frame is paired with; bounds the pairs in sets of much alike clips
MAX_PAIRS = 20  # a file, of which the bits are compared
MAX_WRONG = 0.25  # fraction of bits; half of them differ by chance
MAX_COMPARED = 30 * SR  # samples of a pair that are correlated
SEARCH = 2 * HOP  # samples that the shift may be off by


def low_rate(y, sr):
    """Resample to `SR`."""
    import soxr

    return soxr.resample(y, sr, SR, quality="MQ")


def fingerprint(z):
    """Compute the fingerprint of a waveform at `SR`.

    Parameters
    ----------
    z : ndarray of shape (n_samples,), float32
        The waveform.

    Returns
    -------
    ndarray of shape (n_frames,), uint32
        A number for each frame, 0 where it says nothing; 344 bytes for a second of sound. Empty below 0.24 s.
    """
    if len(z) < FRAME + GAP * HOP:
        return np.zeros(0, np.uint32)
    frames = np.lib.stride_tricks.sliding_window_view(z, FRAME)[::HOP]
    window, bands = np.hanning(FRAME).astype(np.float32), _bands()
    levels = np.concatenate(
        [np.abs(fft.rfft(frames[k : k + 256] * window, axis=1)) ** 2 @ bands for k in range(0, len(frames), 256)]
    )
    totals = levels.sum(axis=1)
    loudest = totals.max()
    if loudest == 0:
        return np.zeros(0, np.uint32)
    logs = np.log(levels + FLOOR * loudest / N_BANDS)
    steps = np.diff(logs, axis=1)
    bits = steps[GAP:] - steps[:-GAP] > MIN_STEP
    n_set = bits.sum(axis=1)
    is_distinctive = (n_set >= MIN_BITS) & (n_set <= N_BANDS - 1 - MIN_BITS)
    is_audible = np.maximum(totals[GAP:], totals[:-GAP]) > QUIET * loudest
    numbers = bits @ (1 << np.arange(N_BANDS - 1, dtype=np.uint32))
    return np.where(is_distinctive & is_audible, numbers, 0).astype(np.uint32)


def _bands():
    """Return bands of equal width in log frequency, as (n_bins, n_bands): the fraction of each bin in each band."""
    width = SR / FRAME
    centers = np.arange(FRAME // 2 + 1)[:, None] * width
    edges = np.geomspace(FMIN, FMAX, N_BANDS + 1)
    shared = np.minimum(edges[1:], centers + width / 2) - np.maximum(edges[:-1], centers - width / 2)
    return (shared / width).clip(0, 1).astype(np.float32)


def alike(prints):
    """Return the pairs of fingerprints that agree at some shift.

    Parameters
    ----------
    prints : list of ndarray of uint32
        The fingerprints.

    Returns
    -------
    list of (int, int, int)
        First and second of the pair (first < second), and the frames by which the second is late. Ordered.
    """
    first, second, shift, n_equal = _sharing(prints)
    best = np.argsort(-n_equal, kind="stable")[: MAX_PAIRS * len(prints)]
    pairs = zip(first[best].tolist(), second[best].tolist(), shift[best].tolist(), strict=True)
    return sorted(pair for pair in pairs if _agree(prints[pair[0]], prints[pair[1]], pair[2]))


def _sharing(prints):
    """Return the pairs that have a number in common, each at the shift where most are."""
    numbers = np.concatenate([np.zeros(0, np.uint32), *prints])
    file = np.repeat(np.arange(len(prints)), [len(clip_prints) for clip_prints in prints])
    time = np.concatenate([np.zeros(0, np.int64), *(np.arange(len(clip_prints)) for clip_prints in prints)])
    order = np.argsort(numbers, kind="stable")
    order = order[numbers[order] > 0]
    numbers, file, time = numbers[order], file[order], time[order]
    found = []
    for step in range(1, NEIGHBOURS + 1):
        at = np.flatnonzero((numbers[step:] == numbers[:-step]) & (file[step:] != file[:-step]))
        # stable sorting keeps the order of the files within equal numbers
        found.append(np.stack([file[at], file[at + step], time[at + step] - time[at]]))
    first, second, shift = np.concatenate(found, axis=1)
    pair = first * len(prints) + second
    order = np.lexsort((shift, pair))
    pair, shift = pair[order], shift[order]
    starts = np.flatnonzero(np.diff(pair, prepend=-1).astype(bool) | np.diff(shift, prepend=0).astype(bool))
    n_equal = np.diff(np.append(starts, len(pair)))
    pair, shift = pair[starts], shift[starts]
    order = np.lexsort((-n_equal, pair))
    order = order[np.diff(pair[order], prepend=-1) > 0]
    return pair[order] // len(prints), pair[order] % len(prints), shift[order], n_equal[order]


def _agree(one, other, shift):
    """Return whether most bits are equal where both say something, over at least half of the shorter."""
    shortest = min(len(one), len(other))
    one, other = one[max(0, -shift) :], other[max(0, shift) :]
    n_common = min(len(one), len(other))
    one, other = one[:n_common], other[:n_common]
    both = (one > 0) & (other > 0)
    if 2 * n_common < shortest or both.sum() < 4:
        return False
    return np.bitwise_count(one[both] ^ other[both]).mean() < MAX_WRONG * (N_BANDS - 1)


def similarity(one, other, shift):
    """Correlate two waveforms, in magnitude, where they overlap.

    Parameters
    ----------
    one, other : ndarray of shape (n_samples_i,)
        Waveforms at `SR`.
    shift : int
        Samples by which `other` is late; up to `SEARCH` more or less are tried, in quarters of a sample.

    Returns
    -------
    float
        0 to 1, and 1 for copies at any gain.
    """
    one, other = one[max(0, -shift) :], other[max(0, shift) :]
    n_common = min(len(one), len(other))
    skip = max(0, n_common - MAX_COMPARED) // 2
    n_common -= 2 * skip
    n_fft = fft.next_fast_len(n_common + SEARCH, real=True)
    one, other = (fft.rfft(y[skip : skip + n_common], n_fft) for y in (one, other))
    band = slice(200 * n_fft // SR, 2200 * n_fft // SR)
    bins, one, other = np.arange(len(one))[band], one[band], other[band]
    magnitude = np.sqrt(np.abs(one) * np.abs(other))
    weight = 1 / (_smooth(magnitude, max(3, 40 * n_fft // SR)) + 1e-3 * magnitude.max() + 1e-12)
    norm = np.sqrt((np.abs(one) ** 2 * weight).sum() * (np.abs(other) ** 2 * weight).sum())
    if norm == 0:
        return 0.0
    cross = np.conj(one) * other * weight
    full = np.zeros(n_fft // 2 + 1, dtype=cross.dtype)
    full[band] = cross
    lags = fft.irfft(full, n_fft)
    lag = np.abs(np.concatenate([lags[-SEARCH:], lags[:SEARCH]])).argmax() - SEARCH
    # between the samples, where the peak of the correlation really is
    cross = cross * np.exp(2j * np.pi * (lag - 1) / n_fft * bins)
    quarter = np.exp(2j * np.pi / (4 * n_fft) * bins)
    best = 0.0
    for _ in range(9):
        best = max(best, abs(cross.sum().real))
        cross = cross * quarter
    return float(best / norm)


def _smooth(values, width):
    """Average `width` values around each, with the outermost repeated."""
    padded = np.pad(values.astype(float), (width // 2, width - 1 - width // 2), mode="edge")
    sums = np.cumsum(np.append(0, padded))
    return (sums[width:] - sums[:-width]) / width
