"""Graphs of ONNX against their models: the same class in float32 and in int8, size, and time of one clip on one core.

    python benchmarks/export.py --data-home ../shared/data
    python benchmarks/export.py --data-home ../shared/data --tasks words --max-clips 200 --models encoder

For each task: the trained model that comes with the package, on recordings that it was trained on; and what
`make_classifier` makes of a pretrained encoder, trained without the first fold of the task and compared on it. Graphs
are compared with each other; the accuracies of encoders are of clips that they were not trained on.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
from lib.evaluation import data_hash, versions
from lib.presentation import Printer, save_json, table
from lib.results_page import write_section
from lib.tasks import FOLDERS, TASKS, make_folds
from lib.timing import one_core, side_by_side

import sklaudio
from sklaudio import encoders, export_onnx, load_audio, make_classifier
from sklaudio._inference import check_clip_classifier

ENCODERS = {"words": "google-speech", "digits": "google-speech", "genres": "musicnn-msd", "instruments": "musicnn-msd"}
NET = "blstm"  # on the frames of google-speech
REPEATS = 15
SPLIT = "models on encoders are compared on the first test set and trained on the other clips; "
WAYS = ("Pipeline", "float32", "int8")


def parse(argv):
    """Parse the arguments of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data-home", type=Path, required=True, help="folder of the recordings, a folder for each set")
    parser.add_argument("--tasks", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--max-clips", type=int, default=800, help="every n-th clip, so that no more are compared")
    parser.add_argument("--folds", type=int, default=5, help="of which the first is compared on (%(default)s)")
    parser.add_argument("--memory", default=None, help="folder to keep frames of encoders in")
    parser.add_argument("--results", type=Path, default=None, help="a page in Markdown to put the figures into")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "results" / "export")
    return parser.parse_args(argv)


def trained(name, data, fold, memory):
    """Load the model that comes with the package, and clips that it was trained on."""
    return name, sklaudio.load_pretrained(name), np.arange(len(data.clips))


def on_encoder(name, data, fold, memory):
    """Train a logistic regression on an encoder; return it, and clips that it was not trained on."""
    model = make_classifier("encoder", encoder=ENCODERS[name], random_state=0, features={"memory": memory})
    train, test = fold
    clips, target, groups = (np.asarray(values)[train] for values in (data.clips, data.target, data.groups))
    model.fit(clips, target, head__groups=groups).set_params(features__memory=None)  # what is timed is not cached
    return f"{name}, {ENCODERS[name]}", model, test


def net_on_encoder(name, data, fold, memory):
    """Train a net on the frames of an encoder; return it, and clips held out; None if frames are too few for it."""
    if ENCODERS[name] != "google-speech":
        return None
    model = make_classifier(NET, encoder=ENCODERS[name], random_state=0, features={"memory": memory})
    train, test = fold
    model.fit(np.asarray(data.clips)[train], np.asarray(data.target)[train])
    model.set_params(features__memory=None)
    return f"{name}, {NET} on {ENCODERS[name]}", model, test


MODELS = {"trained": trained, "encoder": on_encoder, "net": net_on_encoder}


def rows_of(name, arguments, folder):
    """Compute the figures of all models of a task: list of dict, what its recordings are, and their split."""
    task = TASKS[name]
    bunch = task.load(arguments.data_home / FOLDERS[name])
    data, rows = task.data(bunch, f"{len(bunch.data)} clips"), []
    (fold, *_), split = make_folds(data, arguments.folds, task.split)
    for kind in arguments.models:
        if kind != "trained" and not encoders.card(ENCODERS[name])["installed"]:
            continue
        if (made := MODELS[kind](name, data, fold, arguments.memory)) is not None:
            title, model, clips = made
            kept = clips[:: -(-len(clips) // arguments.max_clips)]
            row = compare(model, np.asarray(data.clips)[kept].tolist(), np.asarray(data.target)[kept], folder)
            rows.append({"model": title, "was trained on them": kind == "trained", **row})
    return rows, f"{task.title}, {len(bunch.data)} clips, hash {data_hash(bunch.data)}", f"{name}: {split}"


def compare(model, paths, target, folder):
    """Compare graphs of a model, in bytes and in seconds for the first of them: a dict of figures."""
    sr, sessions, sizes = check_clip_classifier(model), {}, {}
    for quantize in (None, "int8"):
        way = quantize or "float32"
        export_onnx(model, folder / "model.onnx", quantize=quantize)
        sizes[way] = os.path.getsize(folder / "model.onnx")
        sessions[way] = session_of(folder / "model.onnx")
    found = {way: [] for way in WAYS}
    for path in paths:
        waveform = load_audio(path, sr=sr)[0].astype(np.float32)[np.newaxis]
        found["Pipeline"].append(model.predict_proba(list(waveform))[0])
        for way, session in sessions.items():
            found[way].append(session.run(None, {"waveform": waveform})[0][0])
    proba = {way: np.stack(rows) for way, rows in found.items()}
    chosen = {way: rows.argmax(axis=1) for way, rows in proba.items()}
    first = load_audio(paths[0], sr=sr)[0].astype(np.float32)[np.newaxis]
    calls = {"Pipeline": lambda: model.predict_proba(list(first))}
    calls |= {way: lambda each=each: each.run(None, {"waveform": first}) for way, each in sessions.items()}
    return {
        "clips": len(paths),
        "largest difference, float32": float(np.abs(proba["float32"] - proba["Pipeline"]).max()),
        "largest difference, int8": float(np.abs(proba["int8"] - proba["float32"]).max()),
        "same class, float32": float(np.mean(chosen["float32"] == chosen["Pipeline"])),
        "same class, int8": float(np.mean(chosen["int8"] == chosen["float32"])),
        "accuracy": {way: float(np.mean(model.classes_[rows] == target)) for way, rows in chosen.items()},
        "bytes": sizes,
        "seconds of a clip": first.shape[1] / sr,
        "milliseconds": {way: 1000 * s for way, s in side_by_side(calls, repeats=REPEATS, n_units=1).items()},
    }


def session_of(path):
    """Open a graph in ONNX Runtime, on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(path.read_bytes(), options, providers=["CPUExecutionProvider"])


def table_of(rows):
    """Format a line for each model."""
    header = ["model", "clips", "same class", "int8", "difference", "int8", "accuracy", "int8", "MB", "int8"]
    header += ["clip s", *(f"{way} ms" for way in WAYS)]
    return table(header, [_cells(row) for row in rows])


def _cells(row):
    accuracy = row["accuracy"]
    return [
        row["model"],
        row["clips"],
        *(f"{row[f'same class, {way}']:.1%}" for way in WAYS[1:]),
        *(f"{row[f'largest difference, {way}']:.1g}" for way in WAYS[1:]),
        *(["–", "–"] if row["was trained on them"] else [f"{accuracy[way]:.3f}" for way in WAYS[1:]]),
        *(f"{row['bytes'][way] / 1e6:.2f}" for way in WAYS[1:]),
        f"{row['seconds of a clip']:.1f}",
        *(f"{row['milliseconds'][way]:.1f}" for way in WAYS),
    ]


EXPLAINED = (
    "Same class and difference: of the graph in float32 from the Pipeline, then of int8 from float32; the largest\n"
    "difference of a probability. Accuracy: where the model was not trained on the clips. ms: of the first clip, time\n"
    f"of one core, median of {REPEATS} calls in turn."
)


def main(argv=None):
    """Print the table; returns the exit status."""
    arguments, say = parse(argv), Printer()
    rows, data, splits = [], [], []
    with one_core(), tempfile.TemporaryDirectory() as folder:
        for name in arguments.tasks:
            try:
                found, *texts = rows_of(name, arguments, Path(folder))
            except FileNotFoundError as error:
                print(f"export.py: {error}", file=sys.stderr)
                return 1
            rows += found
            data, splits = [*data, texts[0]], [*splits, texts[1]]
            say(table_of(found) + "\n")
    about = {"data": "; ".join(data), "split": SPLIT + "; ".join(splits), "seeds": [0]}
    about["versions"] = versions() | {"onnxruntime": onnxruntime.__version__}
    about["command"] = " ".join(["python benchmarks/export.py", *(sys.argv[1:] if argv is None else argv)])
    text = f"{table_of(rows)}\n\n{EXPLAINED}"
    say(text)
    arguments.output.mkdir(parents=True, exist_ok=True)
    save_json(arguments.output / "results.json", about=about, rows=rows)
    if arguments.results is not None:
        write_section(arguments.results, "size", "Graphs of ONNX", about, text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
