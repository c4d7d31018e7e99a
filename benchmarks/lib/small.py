"""What `small.py` measures: a net for microcontrollers, as Pipeline and as graphs."""

import json
import time

import numpy as np
import onnxruntime

from sklaudio import export_onnx, load, load_audio, save

from .tasks import TASKS

N_CALIBRATION = 200  # clips of training that ranges of activations are taken from
N_CALLS = 15
PIPELINE = "Pipeline"
EXPORTS = {
    "ONNX, float32": {},
    "ONNX, weights int8": {"quantize": "int8"},
    "ONNX, int8 throughout": {"quantize": "int8", "calibrate": True},
}
KINDS = (PIPELINE, *EXPORTS)


def fit_fold(data, fold, settings, path):
    """Train on a fold, or load what was trained before; returns the model and the core-seconds of its training."""
    model_path, times_path = path.with_suffix(".skops"), path.with_suffix(".json")
    if model_path.exists():
        return load(model_path), json.loads(times_path.read_text())["core_seconds"]
    train, _ = fold
    model = TASKS["words"].make("tiny", device="cpu", **settings)
    frames = model[:-1].fit_transform(data.clips[train])
    start = time.process_time()
    model[-1].fit(frames, data.target[train])
    core_seconds = time.process_time() - start
    times_path.write_text(json.dumps({"core_seconds": core_seconds}))
    save(model, model_path)
    return model, core_seconds


def measure(model, data, fold, scratch):
    """Return what is measured of a trained model and its graphs: dict of dicts by kind, and the number of parameters.

    Ranges of activations are of clips of training.
    """
    train, test = fold
    clips = [_second(clip, model[0].sr) for clip in data.clips[test]]
    y_pred = model.predict(clips)
    found = {
        "accuracy": {PIPELINE: float(np.mean(y_pred == data.target[test]))},
        "milliseconds": {PIPELINE: _best_milliseconds(lambda: model.predict_proba(clips[:1]))},
        "agreement": {},
        "n_bytes": {},
        "n_parameters": model[-1].n_parameters_,
    }
    shown = np.random.default_rng(0).permutation(train)[:N_CALIBRATION]
    for kind, settings in EXPORTS.items():
        settings = settings | ({"calibrate": data.clips[shown]} if "calibrate" in settings else {})
        export_onnx(model, scratch / "model.onnx", **settings)
        run = _runner(scratch / "model.onnx")
        of_graph = np.array([model.classes_[run(clip).argmax()] for clip in clips])
        found["accuracy"][kind] = float(np.mean(of_graph == data.target[test]))
        found["agreement"][kind] = float(np.mean(of_graph == y_pred))
        found["n_bytes"][kind] = (scratch / "model.onnx").stat().st_size
        found["milliseconds"][kind] = _best_milliseconds(lambda run=run: run(clips[0]))
    return found


def products_per_second(model):
    """Count the multiplications of the net for one second of sound."""
    n_frames = model[0].sr // model[0].hop_length + 1
    return model[-1].summary(n_frames).total_mult_adds


def _second(clip, sr):
    """Read one second of a clip, padded with zeros: (sr,), float32."""
    y = clip if isinstance(clip, np.ndarray) else load_audio(clip, sr)[0]
    return np.pad(y, (0, sr))[:sr].astype(np.float32)


def _runner(path):
    """Make the function from a clip to its probabilities, on one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return lambda clip: session.run(["probabilities"], {"waveform": clip[None]})[0]


def _best_milliseconds(function):
    """Time a function: the best of some calls."""
    seconds = []
    for _ in range(N_CALLS):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return 1000 * min(seconds)
