"""Live sound: what a block costs on one core, and whether two hours leave memory as it was and equal the file.

    python benchmarks/streaming.py                         # two hours, and a minute of each model for its latency
    python benchmarks/streaming.py --hours 0.1 --seconds 20

Sound is synthetic: words of make_words in noise, at 48000 Hz, in blocks of 10 ms (of 100 ms in the long stream). The
times of a block are those of one call of StreamPredictor.push, by the clock on the wall and by the processor's; on a
machine that others use, the second is what the work takes. What sharing frames saves is measured window by window, in
turn: features that take from the window before what both have, and the same features of each window by itself.
"""

import argparse
import gc
import os
import sys
import tempfile
import time
from array import array
from pathlib import Path

import numpy as np
import pandas as pd
import soundfile
from lib.evaluation import versions
from lib.presentation import Printer, save_json, table
from lib.results_page import write_section
from lib.timing import one_core
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import sklaudio
from sklaudio import (
    EncoderTransformer,
    FrameSummary,
    MelSpectrogramTransformer,
    SpectralContrastTransformer,
    StreamPredictor,
    genre_features,
    predict_timeline,
)
from sklaudio.datasets import make_words
from sklaudio.encoders._registry import installed_names
from sklaudio.streaming._shared_frames import SharedFrames

SR = 48000
BLOCK, LONG_BLOCK = 480, 4800  # samples
LONG_HOP = 0.5  # seconds
MINUTE = 60 * SR
SAMPLED_EVERY = 10  # minutes


def words_model():
    """Load the pretrained CRNN for words: window and hop in seconds, the hop a whole number of frames."""
    return sklaudio.load_pretrained("words"), 1.0, 0.25


def genre_model():
    """Return the 33 features of the genre literature, on windows of 3 s."""
    rng = np.random.default_rng(0)
    clips = rng.normal(scale=np.repeat([0.05, 0.3], 4)[:, np.newaxis], size=(8, 22050))
    model = make_pipeline(genre_features(), FrameSummary(), LogisticRegression())
    return model.fit(clips, np.repeat(["soft", "loud"], 4)), 3.0, 43 * 512 / 22050


def speech_encoder():
    """Train a logistic regression on Google's speech embedding, whose windows have no frames in common."""
    words = make_words(100, random_state=0)
    model = make_pipeline(EncoderTransformer("google-speech"), FrameSummary(), LogisticRegression(max_iter=1000))
    return model.fit(words.data, words.target), 1.0, 0.25


MODELS = {"words, CRNN": words_model, "33 features": genre_model, "google-speech": speech_encoder}


def minute_of_sound(number):
    """Make the samples of a minute, (MINUTE,), int16: words at random times and levels, in noise."""
    import soxr

    rng = np.random.default_rng([7, number])
    words = make_words(30, random_state=number)
    y = rng.normal(scale=0.003, size=MINUTE).astype(np.float32)
    for word in words.data:
        word = soxr.resample(np.asarray(word, dtype=np.float32), 16000, SR)
        start = rng.integers(0, MINUTE - len(word))
        y[start : start + len(word)] += rng.uniform(0.05, 0.8) * word
    return np.round(np.clip(y, -1, 1) * (2**15 - 1)).astype(np.int16)


def latencies(model, window, hop, seconds):
    """Measure seconds of each push on the wall and of the processor, (n_blocks, 2), and whether it had a row."""
    y = np.concatenate([minute_of_sound(number) for number in range(-(-seconds // 60))])[: seconds * SR]
    stream = StreamPredictor(model, window=window, hop=hop)
    times, has_row = [], []
    for start in range(0, len(y), BLOCK):
        before = time.perf_counter(), time.process_time()
        rows = stream.push(y[start : start + BLOCK], SR)
        times.append((time.perf_counter() - before[0], time.process_time() - before[1]))
        has_row.append(len(rows) > 0)
    return np.array(times), np.array(has_row), stream.shares_frames


FEATURES = {  # features, seconds of a window
    "64 mel bands": (MelSpectrogramTransformer(64, sr=16000, n_fft=1024, hop_length=160), 1.0),
    "128 mel bands": (MelSpectrogramTransformer(128), 3.0),
    "128 mel bands, long": (MelSpectrogramTransformer(128), 10.0),
    "spectral contrast": (SpectralContrastTransformer(), 3.0),
    "33 features": (genre_features(), 3.0),
}
FRAMES_OF_HOP = 10
N_WINDOWS = 60


def sharing_row(name):
    """Measure what the features of a window cost, shared and anew, in turn: a dict of figures, in milliseconds."""
    features, seconds = FEATURES[name]
    n_samples, hop = round(seconds * features.sr), FRAMES_OF_HOP * (160 if features.sr == 16000 else 512)
    y = np.random.default_rng(0).normal(scale=0.1, size=n_samples + N_WINDOWS * hop).astype(np.float32)
    shared = SharedFrames(features.fit([y]))
    ways, times, difference = {"shared": shared.in_features(), "anew": features}, {"shared": [], "anew": []}, 0.0
    for index in range(N_WINDOWS):
        shared.start = index * hop
        window, frames = y[shared.start :][:n_samples], {}
        for way in sorted(ways, reverse=index % 2 == 0):  # the second of them finds the window in the cache
            before = time.process_time()
            frames[way] = ways[way].transform([window])
            times[way].append(time.process_time() - before)
        scale = np.abs(frames["anew"]).max()
        difference = max(difference, float(np.abs(frames["shared"] - frames["anew"]).max() / scale))
    median = {way: 1000 * float(np.median(values)) for way, values in times.items()}
    return {"features": name, "window": seconds, "hop": hop / features.sr, **median, "difference": difference}


def sharing_table(rows):
    """Format a line for each feature."""
    header = ["features", "window s", "hop s", "shared ms", "anew ms", "ratio", "largest difference"]
    cells = [
        [
            row["features"],
            f"{row['window']:g}",
            f"{row['hop']:.3g}",
            f"{row['shared']:.2f}",
            f"{row['anew']:.2f}",
            f"{row['anew'] / row['shared']:.2f}",
            f"{row['difference']:.0e}",
        ]
        for row in rows
    ]
    return f"{table(header, cells)}\n\nLargest difference: of a frame, as a fraction of the largest value."


def latency_row(name, seconds):
    """Measure what the blocks of a model cost: a dict of figures, times in milliseconds."""
    model, window, hop = MODELS[name]()
    times, has_row, shares = latencies(model, window, hop, seconds)
    with_row = 1000 * times[has_row]
    return {
        "model": name,
        "window": window,
        "hop": hop,
        "shares frames": shares,
        "wall p50": float(np.median(with_row[:, 0])),
        "wall p99": float(np.quantile(with_row[:, 0], 0.99)),
        "CPU p50": float(np.median(with_row[:, 1])),
        "CPU p99": float(np.quantile(with_row[:, 1], 0.99)),
        "CPU p50, no window": float(np.median(1000 * times[~has_row, 1])),
        "CPU seconds per second": float(times[:, 1].sum() / seconds),
        "windows": int(has_row.sum()),
    }


def resident():
    """Return the memory of this process that is in RAM, in MB."""
    lines = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024


def long_stream(hours, folder, say):
    """Stream hours of sound, and compare the rows with the timeline of its file."""
    model, window, _ = words_model()
    hop = LONG_HOP
    stream = StreamPredictor(model, window=window, hop=hop)
    n_minutes, memory, labels = round(60 * hours), [], model.classes_.tolist()
    found = array("d")  # start, end, index of the label and probability of each row: what is kept should not count
    path = folder / "hours.wav"
    start = time.process_time()
    with soundfile.SoundFile(path, "w", SR, 1, "PCM_16") as file:
        for minute in range(n_minutes):
            y = minute_of_sound(minute)
            file.write(y)
            for first in range(0, len(y), LONG_BLOCK):
                rows = stream.push(y[first : first + LONG_BLOCK], SR)
                for row in rows.itertuples():
                    found.extend((row.start, row.end, labels.index(row.label), row.probability))
            if (minute + 1) % SAMPLED_EVERY == 0 or minute + 1 == n_minutes:
                gc.collect()
                memory.append((minute + 1, resident()))
                say(f"minute {minute + 1}: {memory[-1][1]:.1f} MB resident, {len(found) // 4} rows")
    seconds = time.process_time() - start
    for row in stream.flush().itertuples():
        found.extend((row.start, row.end, labels.index(row.label), row.probability))
    rows = pd.DataFrame(np.reshape(found, (-1, 4)), columns=["start", "end", "label", "probability"])
    rows["label"] = model.classes_[rows["label"].astype(int)]
    timeline = predict_timeline(model, path, window=window, hop=hop)
    is_time = (rows[["start", "end"]].to_numpy() == timeline[["start", "end"]].to_numpy()).all()
    return {
        "hours": hours,
        "rows": len(rows),
        "memory, MB": memory,
        "CPU seconds": seconds,
        "times equal": bool(is_time and len(rows) == len(timeline)),
        "labels equal": float((rows["label"].to_numpy() == timeline["label"].to_numpy()).mean()),
        "largest difference": float(np.abs(rows["probability"] - timeline["probability"]).max()),
    }


def processor():
    """Return the name of the processor."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def latency_table(rows):
    """Format a line for each model."""
    header = [
        "model",
        "window s",
        "hop s",
        "p50 ms",
        "p99 ms",
        "p50 wall",
        "p99 wall",
        "other blocks",
        "load",
    ]
    cells = [
        [
            row["model"] + ("" if row["shares frames"] else " (shares none)"),
            f"{row['window']:g}",
            f"{row['hop']:.4g}",
            *(f"{row[name]:.2f}" for name in ("CPU p50", "CPU p99", "wall p50", "wall p99")),
            f"{row['CPU p50, no window']:.3f}",
            f"{row['CPU seconds per second']:.3f}",
        ]
        for row in rows
    ]
    explained = (
        "Blocks in which a window ends, in ms of the processor, then on the wall; other blocks: p50 of those in which\n"
        "none ends; load: seconds of the processor for a second of sound."
    )
    return f"{table(header, cells)}\n\n{explained}"


def long_text(outcome):
    """Describe what came of the long stream."""
    memory = ", ".join(f"{minute} min {megabytes:.1f}" for minute, megabytes in outcome["memory, MB"])
    return (
        f"{outcome['hours']:g} h in blocks of 100 ms, {outcome['rows']} rows, {outcome['CPU seconds']:.0f} s of the "
        f"processor (the sound is made in them, too)\nresident memory, MB: {memory}\n"
        f"the file's timeline: times equal {outcome['times equal']}, labels equal {outcome['labels equal']:.6f}, "
        f"largest difference of a probability {outcome['largest difference']:.1e}"
    )


def main(argv=None):
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hours", type=float, default=2.0, help="of the long stream; 0 leaves it out (%(default)s)")
    parser.add_argument("--seconds", type=int, default=60, help="of each model's blocks that are timed (%(default)s)")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the figures into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "streaming")
    arguments = parser.parse_args(argv)
    about = {
        "data": "[synthetic] words of make_words in noise, 48000 Hz, blocks of 10 ms",
        "processor": f"{processor()}, one thread",
        "versions": versions(),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "command": " ".join(["python benchmarks/streaming.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    say = Printer("[synthetic] ")
    say("\n".join(f"{name}: {value}" for name, value in about.items()))
    with one_core(), tempfile.TemporaryDirectory() as folder:
        names = [name for name in MODELS if name != "google-speech" or name in installed_names()]
        rows = [latency_row(name, arguments.seconds) for name in names]
        shared = [sharing_row(name) for name in FEATURES]
        texts = [latency_table(rows), sharing_table(shared)]
        say("\n" + "\n\n".join(texts) + "\n")
        outcome = long_stream(arguments.hours, Path(folder), say) if arguments.hours else None
    if outcome is not None:
        texts.append(long_text(outcome))
        say(f"\n{texts[-1]}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    save_json(arguments.output / "results.json", about=about, latency=rows, sharing=shared, long=outcome)
    if arguments.results is not None:
        write_section(arguments.results, "speed", "Live sound", about, "\n\n".join(texts))


if __name__ == "__main__":
    main()
