"""Where users wait: the first prediction of a process, many files, clips of unequal length, a second thread."""

import os
import resource
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager

import joblib
import numpy as np
import torch

import sklaudio
from sklaudio import CRNNClassifier, MFCCTransformer, make_classifier

from .speed_features import write_files
from .timing import ONE_THREAD, Row, n_cores, one_core, side_by_side

FLOOR = "import torch, sklearn.base"
MODEL = "words"
BATCH = 32


def child_seconds(command):
    """Measure CPU seconds, user and system, of a command in a separate process, with all libraries on one thread."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def first_prediction(clips, arguments, folder):
    """Measure CPU seconds of `sklaudio predict MODEL FILE`: a trained model by name, as a graph, with an encoder."""
    (path,) = write_files(folder, clips, 1)
    model, graph = sklaudio.load_pretrained(MODEL), folder / f"{MODEL}.onnx"
    sklaudio.export_onnx(model, graph)
    predict = [sys.executable, "-m", "sklaudio", "predict"]
    commands = {
        "ours": [*predict, str(graph), path],
        f"{MODEL} by name": [*predict, MODEL, path],
        FLOOR: [sys.executable, "-c", FLOOR],
    }
    if (encoder := encoder_model(folder)) is not None:
        commands["google-speech and its head"] = [*predict, encoder, path]
    seconds = {name: [] for name in commands}
    for _ in range(1 + min(arguments.repeats, 5)):
        for name, command in commands.items():
            seconds[name].append(child_seconds(command))
    seconds = {name: statistics.median(values[1:]) for name, values in seconds.items()}
    found, expected = (
        next(sklaudio.predict_files(one, path)).probabilities for one in (sklaudio.load_onnx(graph), model)
    )
    difference = max(abs(found[label] - expected[label]) for label in expected)
    agrees = {"probabilities of the graph differ by less than 1e-5": difference < 1e-5}
    what = f"first prediction of a process, {MODEL} as a graph"
    return Row(what, "process", "CPU", "1.5 s", seconds.pop("ours"), seconds, agrees)


def encoder_model(folder):
    """Return the file of a model with the encoder of speech; None where that is not installed."""
    words = sklaudio.datasets.make_words(20, random_state=0)
    try:
        model = make_classifier("encoder", encoder="google-speech", sr=16000).fit(words.data, words.target)
    except (ImportError, OSError, ValueError):
        return None
    sklaudio.save(model, folder / "encoder.skops")
    return str(folder / "encoder.skops")


def jobs(clips, arguments, folder):
    """Time files to MFCC with n_jobs of all cores, against one and threads; the first call starts the processes."""
    paths = write_files(folder, clips, min(1000, arguments.job_files))
    paths = [paths[index % len(paths)] for index in range(arguments.job_files)]
    n_jobs, frames, first = n_cores(), {}, {}

    def extract(name, n_jobs, backend=None):
        start = time.perf_counter()
        with joblib.parallel_config(backend=backend) if backend else one_core():
            frames[name] = MFCCTransformer(n_jobs=n_jobs).transform(paths)
        first.setdefault(name, time.perf_counter() - start)

    functions = {
        "ours": lambda: extract("ours", n_jobs),
        "n_jobs=None": lambda: extract("n_jobs=None", None),
        "threads": lambda: extract("threads", n_jobs, "threading"),
    }
    repeats = min(3, arguments.repeats)
    seconds = side_by_side(functions, repeats=repeats, n_units=len(paths), clock=time.perf_counter)
    agrees = {"the same bits": all(np.array_equal(each, frames["ours"]) for each in frames.values())}
    notes = {f"first call, {name}": f"{one:.2f} s" for name, one in first.items()} | loads()
    what = f"{len(paths):,} files of 3 s to MFCC, n_jobs={n_jobs}"
    return Row(what, "file", "wall", "1.8x n_jobs=None", seconds.pop("ours"), seconds, agrees, notes=notes)


def unequal(arguments):
    """Time clips of 1 to 60 s predicted together, against each by itself, once: padding may cost a fifth."""
    rng = np.random.default_rng(0)
    words = sklaudio.datasets.make_words(20, random_state=0)
    model = make_classifier("crnn", sr=16000, max_epochs=1, random_state=0, device="cpu").fit(words.data, words.target)
    sound = (0.1 * rng.normal(size=60 * 16000)).astype(np.float32)
    lengths = (16000 * rng.uniform(1, 60, arguments.unequal_clips)).astype(int)
    clips = [sound[-length:] for length in lengths]  # views, which take no memory
    found = {}
    functions = {
        "ours": lambda: found.update(together=model.predict_proba(clips)),
        "each by itself": lambda: found.update(alone=np.vstack([model.predict_proba([clip]) for clip in clips])),
    }
    with one_core():
        model.predict_proba(clips[:20])
        seconds = side_by_side(functions, repeats=1, n_units=len(clips), first_call=False)
    difference = np.abs(found["together"] - found["alone"]).max()
    agrees = {"probabilities differ by less than 1e-5": bool(difference < 1e-5)}
    what = f"{len(clips):,} clips of 1 to 60 s, the recipe's CRNN"
    return Row(what, "clip", "CPU", "at most 1.2 times the sum", seconds.pop("ours"), seconds, agrees)


def two_threads(arguments):
    """Time an epoch of the recipe's CRNN on two threads of torch, against one; core-seconds are in the notes.

    Two processes with half of each batch could be no faster than a half is, which is in the notes too.
    """
    rng = np.random.default_rng(0)
    y = np.arange(arguments.training_clips) % 10
    X = rng.normal(size=(len(y), 51, 64)).astype(np.float32) + 0.1 * y[:, None, None].astype(np.float32)
    cpu = {}

    def epoch(n_threads, batch_size=BATCH):
        net = CRNNClassifier(max_epochs=1, batch_size=batch_size, precision="auto", random_state=0, device="cpu")
        with threads(n_threads):
            start = time.process_time()
            net.fit(X, y)
            cpu.setdefault((n_threads, batch_size), []).append(time.process_time() - start)

    functions = {"ours": lambda: epoch(2), "one thread": lambda: epoch(1), "halves": lambda: epoch(1, BATCH // 2)}
    seconds = side_by_side(functions, repeats=min(5, arguments.repeats), n_units=1, clock=time.perf_counter)
    of = {key: statistics.median(seconds[1:]) for key, seconds in cpu.items()}
    seconds.pop("halves")
    notes = {f"core-seconds, {n} threads": round(of[n, BATCH], 2) for n in (1, 2)}
    bound = 2 * of[1, BATCH] / of[1, BATCH // 2]
    notes["halves of batches side by side, at most"] = f"{bound:.2f}x"
    what = f"one epoch, {len(X)} x 51 x 64, the recipe's CRNN, two threads"
    row = Row(what, "epoch", "wall", "1.7x one thread", seconds.pop("ours"), seconds, {}, notes=notes | loads())
    row.agrees["the net of each is trained"] = all(len(each) > 1 for each in cpu.values())
    return row


@contextmanager
def threads(n_threads):
    """Run with so many threads of torch."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def loads():
    """Return how many processes of the machine wanted a core in the last minute: many spoil wall times."""
    return (
        {"load of the machine": f"{os.getloadavg()[0]:.1f} on {n_cores()} cores"} if hasattr(os, "getloadavg") else {}
    )
