"""Spoil thousands of audio files and load each in a child process that may neither crash, hang nor eat memory.

    make fuzz ARGS="--files 10000 --seed 1"

Each file must give finite samples or an error that names it. Files that do otherwise are kept in ``--keep``; file N of
seed S is the same on every run with the same corpus. Needs Linux (/proc).
"""

import argparse
import multiprocessing
import os
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import soundfile  # noqa: F401  (loaded before the fork, or each child loads it anew)
import soxr  # noqa: F401

from sklaudio import load_audio

from .conftest import REAL
from .mutations import ENCODINGS, draw, good_files, spoil

NAMES = [
    "clip{}",
    "clip",
    "clip.wav",
    "clip.mp3",
    "clip.au",
    "clip.flac",
    "clip.ogg",
    "clip.raw",
    "Ünï cödé – ♪ {}",
    "\udcff{}",
]
BAD = ("crash", "hang", "memory", "wrong")


def make_file(corpus, seed, index):
    """Name, bytes and arguments of load_audio for file number `index`."""
    rng = np.random.default_rng([seed, index])
    extension = list(ENCODINGS)[rng.integers(len(ENCODINGS))]
    of_its_kind = [data for kind, data in corpus if kind == extension]
    data = of_its_kind[rng.integers(len(of_its_kind))]
    _, other = corpus[rng.integers(len(corpus))]
    name = NAMES[rng.integers(len(NAMES)) if rng.random() < 0.3 else 0].format(f".{extension}")
    arguments = {"sr": [22050, None, 8000, 48000][rng.integers(4)]}
    if rng.random() < 0.3:
        arguments |= {"offset": float(rng.choice([0, 0.01, 0.1])), "duration": [None, 0.05, 1e6][rng.integers(3)]}
    return extension, name, spoil(data, draw(rng), other), arguments


def judge(path, arguments):
    """What load_audio makes of one file, and in what words."""
    try:
        y, sr = load_audio(path, **arguments)
    except (ValueError, OSError) as error:
        words = str(error)
        if "malloc" in words or "memory" in words:
            return "memory", words
        return ("refused" if os.path.basename(path) in words else "wrong"), words
    except MemoryError as error:
        return "memory", repr(error)
    except Exception as error:
        return "wrong", repr(error)
    is_valid = y.dtype == np.float32 and y.ndim == 1 and y.size > 0 and np.isfinite(y).all() and sr > 0
    return ("decoded" if is_valid else "wrong"), f"{y.dtype} {y.shape} {sr}"


def load_many(pipe, corpus, options, start):
    """In the child: load file after file, and tell the parent before and after each."""
    sink = os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)  # mpg123 writes what it thinks of a file to stderr
    limit = _memory("VmSize") + options.memory * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    with tempfile.TemporaryDirectory() as folder:
        for index in range(start, options.files):
            _, name, data, arguments = make_file(corpus, options.seed, index)
            path = os.path.join(folder, name)
            with open(path, "wb") as file:
                file.write(data)
            Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
            before = _memory("VmRSS")
            pipe.send(index)
            began = time.perf_counter()
            outcome, words = judge(path, arguments)
            seconds = time.perf_counter() - began
            pipe.send((outcome, words, seconds, _memory("VmHWM") - before))
            os.remove(path)
    pipe.send(None)


def _memory(name):
    """Bytes that this process has, as /proc says."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return 1024 * int(line.split()[1])


def run(corpus, options, report):
    """Go through all files, with a new child after each that did not survive."""
    fork = multiprocessing.get_context("fork")
    start = 0
    while start < options.files:
        ours, theirs = fork.Pipe(duplex=False)
        child = fork.Process(target=load_many, args=(theirs, corpus, options, start))
        child.start()
        theirs.close()
        start = _listen(ours, child, options, report)
        child.join()


def _listen(pipe, child, options, report):
    """Pass on what the child says; the number of the file to go on with."""
    index = None
    try:
        while True:
            if not pipe.poll(options.seconds):
                os.kill(child.pid, signal.SIGKILL)
                report(index, "hang", f"after {options.seconds} s", options.seconds, 0)
                return index + 1
            message = pipe.recv()
            if message is None:
                return options.files
            if isinstance(message, int):
                index = message
            else:
                report(index, *message)
    except EOFError:
        child.join()
        report(index, "crash", f"exit code {child.exitcode}", 0, 0)
        return index + 1


class Report:
    """Counts, extremes, and the files that are to be looked at."""

    def __init__(self, corpus, options):
        self.corpus, self.options = corpus, options
        self.outcomes, self.slowest, self.highest = Counter(), (0, -1), (0, -1)

    def __call__(self, index, outcome, words, seconds, peak):
        extension, name, data, arguments = make_file(self.corpus, self.options.seed, index)
        self.outcomes[extension, outcome] += 1
        self.slowest = max(self.slowest, (seconds, index))
        self.highest = max(self.highest, (peak, index))
        if outcome in BAD:
            self.options.keep.mkdir(parents=True, exist_ok=True)
            kept = self.options.keep / f"{self.options.seed}-{index}-{outcome}.{extension}"
            kept.write_bytes(data)
            print(f"{outcome}: {kept} named {name!r} with {arguments}: {words}", flush=True)

    def print(self, seconds):
        """The table, and the two extremes."""
        columns = ["decoded", "refused", *BAD]
        print(f"{'':6}" + "".join(f"{column:>9}" for column in columns))
        for extension in [*dict.fromkeys(extension for extension, _ in self.corpus), None]:
            counts = [
                sum(n for (of, what), n in self.outcomes.items() if what == column and extension in (None, of))
                for column in columns
            ]
            print(f"{extension or 'all':6}" + "".join(f"{count:9,}" for count in counts))
        print(f"slowest file: {self.slowest[0]:.3f} s (number {self.slowest[1]})")
        print(f"highest memory: {self.highest[0] / 2**20:.1f} MiB (number {self.highest[1]})")
        print(f"{sum(self.outcomes.values()):,} files, seed {self.options.seed}, {seconds:.0f} s")


def main(arguments=None):
    """Run it; the exit code is 1 if any file did what none may."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--files", type=int, default=10_000, help="how many (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="which (%(default)s)")
    parser.add_argument("--seconds", type=float, default=5, help="longer is a hang (%(default)s)")
    parser.add_argument("--memory", type=int, default=256, help="MiB that one file may take (%(default)s)")
    parser.add_argument("--keep", type=Path, default=Path("fuzz"), help="folder for files that fail (%(default)s)")
    options = parser.parse_args(arguments)
    recordings = sorted([*REAL.glob("*/genres/*/*.flac"), *REAL.glob("speech_commands/*/*.flac")])
    corpus = good_files(np.random.default_rng(options.seed), recordings)
    report, began = Report(corpus, options), time.perf_counter()
    run(corpus, options, report)
    report.print(time.perf_counter() - began)
    return int(any(outcome in BAD for _, outcome in report.outcomes))


if __name__ == "__main__":
    sys.exit(main())
