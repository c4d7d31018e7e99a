"""Peak memory of extraction, training and prediction, for few clips and for many, each in a separate process.

    python benchmarks/memory.py                            # 1,000 and 100,000 clips of 0.1 s
    python benchmarks/memory.py --clips 1000 10000 --duration 1

Clips are files of noise, twenty of them over and over; features and net are those of `make_classifier()`, trained for
an epoch. The peak is the kernel's (VmHWM), so that this runs on Linux alone.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from lib.evaluation import versions
from lib.presentation import Printer, save_json, table
from lib.results_page import write_section
from lib.timing import outcome_of, status

SR = 16000
N_FILES, N_CLASSES = 20, 4
N_WARM = 40  # clips that a process takes first: imports, filter banks, the net's kernels
MB = 2**20


def write_files(folder, duration):
    """Write noise as 16-bit wav files: list of paths."""
    import soundfile

    rng = np.random.default_rng(0)
    paths = [str(folder / f"{index}.wav") for index in range(N_FILES)]
    for path in paths:
        soundfile.write(path, 0.1 * rng.normal(size=round(duration * SR)), SR)
    return paths


def model_of(duration):
    """Return the Pipeline that is measured."""
    from sklaudio import make_classifier

    return make_classifier(sr=SR, duration=duration, max_epochs=1, random_state=0, device="cpu")


def extraction(duration, warm, many):
    """Make the frames of all clips; return how many clips have some."""
    features = model_of(duration)[:-1]
    features.fit_transform(warm)
    return lambda: len(features.transform(many))


def training(duration, warm, many):
    """Train on all clips; return how many were trained on."""
    model_of(duration).fit(warm, labels(warm))
    return lambda: len(many) if hasattr(model_of(duration).fit(many, labels(many))[-1], "net_") else 0


def prediction(duration, warm, many):
    """Predict all clips with a trained model; return how many predictions there are."""
    model = model_of(duration).fit(warm, labels(warm))
    return lambda: len(model.predict(many))


TASKS = {"extraction": extraction, "training, one epoch": training, "prediction": prediction}


def labels(clips):
    """Draw a class for each clip."""
    return np.arange(len(clips)) % N_CLASSES


def peak():
    """Return the most memory that this process has had, in bytes."""
    return status("VmHWM")


def child(pipe, task, paths, n_clips, duration):
    """Run a task in this process, and send its peaks and seconds."""
    import torch

    torch.set_num_threads(1)
    clips = [paths[index % len(paths)] for index in range(n_clips)]
    run_task = TASKS[task](duration, clips[:N_WARM], clips)
    before, start = peak(), time.perf_counter()
    n_done = run_task()
    pipe.send({"n_done": n_done, "seconds": time.perf_counter() - start, "before": before, "peak": peak()})


def measure(task, paths, n_clips, duration):
    """Run a task in a fresh process: a dict of what it sends."""
    outcome = outcome_of(child, task, paths, n_clips, duration)
    if outcome is None:
        raise RuntimeError(f"{task} of {n_clips:,} clips ended without a result; its error is above.")
    if outcome["n_done"] != n_clips:
        raise RuntimeError(f"{task}: {outcome['n_done']:,} of {n_clips:,} clips have a result.")
    return outcome


def main(argv=None):
    """Print the table; the exit status is 1 where a task ends without a result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clips", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--duration", type=float, default=0.1, help="seconds of a clip")
    parser.add_argument("--results", type=Path, help="a page in Markdown to put the table into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "memory")
    arguments = parser.parse_args(argv)
    say, rows, outcomes = Printer("[synthetic] "), [], []
    about = {
        "data": f"[synthetic] {N_FILES} files of noise of {arguments.duration:g} s, over and over",
        "versions": versions(),
        "command": " ".join(["python benchmarks/memory.py", *(sys.argv[1:] if argv is None else argv)]),
    }
    say("\n".join(f"{name}: {value}" for name, value in about.items()))
    with tempfile.TemporaryDirectory() as folder:
        paths = write_files(Path(folder), arguments.duration)
        frames = model_of(arguments.duration)[:-1].fit_transform(paths)
        for task in TASKS:
            for n_clips in arguments.clips:
                try:
                    outcome = measure(task, paths, n_clips, arguments.duration)
                except RuntimeError as error:
                    print(f"memory.py: {error}", file=sys.stderr)
                    return 1
                size = n_clips * frames.nbytes / len(frames)
                beyond = outcome["peak"] - outcome["before"]
                figures = [size, outcome["before"], outcome["peak"], beyond]
                megabytes = [f"{figure / MB:.0f}" for figure in figures]
                rows.append([task, f"{n_clips:,}", *megabytes, f"{outcome['seconds']:.1f}"])
                outcomes.append({"task": task, "n_clips": n_clips, "frames": size, **outcome})
                say(" ".join(rows[-1]))
    text = table(["task", "clips", "frames, MB", "before, MB", "peak, MB", "more, MB", "seconds"], rows)
    text += f"\n\nFrames: of all clips as one array; before: after {N_WARM} clips; more: the peak less what was before."
    say(f"\n{text}")
    arguments.output.mkdir(parents=True, exist_ok=True)
    save_json(arguments.output / "memory.json", **about, rows=outcomes)
    if arguments.results is not None:
        write_section(arguments.results, "size", "Memory of few clips and of many", about, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
