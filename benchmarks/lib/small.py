"""What `small.py` measures: a net for microcontrollers, as Pipeline and as graphs."""

import json
import time

from sklaudio import load, save

from .tasks import TASKS

N_CALIBRATION = 200  # clips of training that ranges of activations are taken from


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
