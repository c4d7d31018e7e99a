"""More clips than memory: training from a file and from chunks, limited to 1 GB, beside training in memory.

    python benchmarks/out_of_core.py                       # 50,000 clips, 1.1 GB of frames
    python benchmarks/out_of_core.py --clips 5000 --limit 0.5

Clips are synthetic: noise whose level swings at one of five rates. Each way runs in a separate process. The limit is
on private memory (RLIMIT_DATA): it counts no pages of files that are mapped, which the system takes back as it likes,
and an allocation beyond it fails. What the peak of a process is of, private memory and pages of files, is counted
by the kernel (RssAnon, RssFile), sampled every 20 ms.
"""

import argparse
import os
import resource
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
from lib.evaluation import versions
from lib.presentation import Printer, table
from lib.results_page import write_section
from lib.timing import outcome_of, status

SR = 22050
RATES = (3.0, 4.0, 5.0, 6.0, 7.0)  # hertz
AT_A_TIME = 250  # clips
EPOCHS = 3
GB = 2**30
BYTES_OF_A_CLIP = 44 * 128 * 4  # one second as 128 mel bands


class ClipSource:
    """Clips that are made when they are asked for: a sequence of waveforms that takes no memory."""

    def __init__(self, n_clips, seed):
        self.n_clips = n_clips
        self.seed = seed
        self.labels = np.random.default_rng(seed).integers(0, len(RATES), n_clips)

    def chunks(self):
        """Iterate over waveforms (n, SR) and labels (n,)."""
        time_ = np.arange(SR, dtype=np.float32) / SR
        for start in range(0, self.n_clips, AT_A_TIME):
            rng = np.random.default_rng([self.seed, start])
            labels = self.labels[start : start + AT_A_TIME]
            phase = rng.uniform(0, 2 * np.pi, (len(labels), 1)).astype(np.float32)
            rate = np.take(RATES, labels)[:, None].astype(np.float32)
            swing = 1 + 0.35 * np.sin(2 * np.pi * rate * time_ + phase)
            yield 0.1 * swing * rng.standard_normal((len(labels), SR), dtype=np.float32), labels


def features():
    """Return what makes frames of clips."""
    from sklaudio import MelSpectrogramTransformer

    return MelSpectrogramTransformer(128)


def net():
    """Return what is trained, in the same way in each case."""
    from sklaudio import GRUClassifier

    return GRUClassifier(24, 1, lr=0.005, max_epochs=EPOCHS, pooling="mean", random_state=0, device="cpu")


def chunks_of_frames(source):
    """Iterate over frames and labels of a source."""
    transformer = features()
    for clips, labels in source.chunks():
        yield from zip(transformer.iter_transform(clips, batch_size=AT_A_TIME), [labels], strict=True)


def extract(path, n_clips):
    """Write the frames of all clips into one file, chunk by chunk; nothing is trained."""
    frames, place = None, 0
    for chunk, _ in chunks_of_frames(ClipSource(n_clips, 0)):
        if frames is None:
            frames = np.lib.format.open_memmap(path, "w+", np.float32, (n_clips, *chunk.shape[1:]))
        frames[place : place + len(chunk)] = chunk
        place += len(chunk)
    frames.flush()


def in_memory(path, n_clips):
    """Train on an array."""
    return None, net().fit(np.load(path), ClipSource(n_clips, 0).labels)


def from_file(path, n_clips):
    """Train on a file that is mapped into memory."""
    return None, net().fit(np.load(path, mmap_mode="r"), ClipSource(n_clips, 0).labels)


def from_chunks(path, n_clips):
    """Train on chunks as they are extracted: scaler first, then the net, epoch by epoch; frames are kept nowhere."""
    from sklaudio import FrameScaler

    scaler, model, source = FrameScaler(), net().set_params(standardize=False), ClipSource(n_clips, 0)
    for frames, _ in chunks_of_frames(source):
        scaler.partial_fit(frames)
    for _ in range(EPOCHS):
        for frames, labels in chunks_of_frames(source):
            model.partial_fit(scaler.transform(frames), labels, classes=range(len(RATES)))
    return scaler, model


def accuracy(scaler, model, n_clips):
    """Return the fraction of clips, none of them trained on, that are predicted correctly."""
    right = []
    for frames, labels in chunks_of_frames(ClipSource(n_clips, 1)):
        right += (model.predict(frames if scaler is None else scaler.transform(frames)) == labels).tolist()
    return float(np.mean(right))


WAYS = {"in memory": in_memory, "memory-mapped file": from_file, "chunks, partial_fit": from_chunks}


def measured(function, arguments, limit):
    """Run a function in this process, limited: what it returns, seconds, peaks of private memory and of file pages."""
    import torch

    torch.set_num_threads(1)
    if limit is not None:
        resource.setrlimit(resource.RLIMIT_DATA, (int(limit * GB),) * 2)
    peaks, done = {"RssAnon": 0, "RssFile": 0}, threading.Event()

    def watch():
        while not done.wait(0.02):
            peaks.update({name: max(peak, status(name)) for name, peak in peaks.items()})

    watching = threading.Thread(target=watch)
    watching.start()
    start = time.perf_counter()
    try:
        result = function(*arguments)
    finally:
        done.set()
        watching.join()
    return result, time.perf_counter() - start, peaks


def child(pipe, way, path, n_clips, limit):
    """Train and test in this process, and send the outcome."""
    try:
        if way == "extract":
            _, seconds, peaks = measured(extract, (path, n_clips), limit)
            pipe.send({"seconds": seconds, **peaks})
            return
        models, seconds, peaks = measured(WAYS[way], (path, n_clips), limit)
        pipe.send({"accuracy": accuracy(*models, min(n_clips, 5000)), "seconds": seconds, **peaks})
    except (MemoryError, RuntimeError) as error:
        pipe.send({"error": f"{type(error).__name__}: {str(error)[:60]}"})


def row(way, limit, outcome):
    """Format one line of the table."""
    limited = "none" if limit is None else f"{limit:g} GB"
    if "error" in outcome:
        return [way, limited, outcome["error"].split(":")[0], "", "", ""]
    peaks = [f"{outcome[name] / GB:.2f}" for name in ("RssAnon", "RssFile")]
    score = f"{outcome['accuracy']:.4f}" if "accuracy" in outcome else ""
    return [way, limited, score, f"{outcome['seconds']:.0f}", *peaks]


def main(argv=None):
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, default=50_000)
    parser.add_argument("--limit", type=float, default=1.0, help="private memory of a limited process, in GB")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    arguments = parser.parse_args(argv)
    size = arguments.clips * BYTES_OF_A_CLIP / GB
    about = {
        "data": f"[synthetic] {arguments.clips} clips of 1 s, {size:.2f} GB of frames",
        "epochs": EPOCHS,
        "versions": versions(),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "command": " ".join(["python benchmarks/out_of_core.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    say = Printer("[synthetic] ")
    say("\n".join(f"{name}: {value}" for name, value in about.items()))
    cases = [("extract", arguments.limit), ("in memory", None), ("in memory", arguments.limit)]
    cases += [(way, arguments.limit) for way in list(WAYS)[1:]]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for way, limit in cases:
            outcome = outcome_of(child, way, Path(folder) / "frames.npy", arguments.clips, limit) or {"error": "killed"}
            rows.append(row(way, limit, outcome))
            say(" ".join(rows[-1]))
    text = table(["training", "limit", "accuracy", "seconds", "own memory, GB", "pages of files, GB"], rows)
    say(f"\n{text}")
    if arguments.results is not None:
        write_section(arguments.results, "size", "More clips than memory", about, text)


if __name__ == "__main__":
    main()
