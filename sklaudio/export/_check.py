"""Whether a graph is one, and predicts what the Pipeline predicts, of clips of noise."""

import numpy as np

MAX_DIFFERENCE = 1e-4  # of probabilities, from the Pipeline's; of numbers, as a fraction of the largest
MAX_CHANGE = 0.05  # of probabilities by 8 bits, on average; of numbers, as a fraction of the largest
N_FRAMES, N_FRAMES_OF_ENCODERS = 1000, 8  # those of encoders are long, or take long


def content_of(graph):
    """Return a graph as bytes; raise an error if it is none that ONNX allows."""
    import onnx

    onnx.checker.check_model(graph, full_check=True)
    return graph.SerializeToString()


def check_predictions(content, module, task):
    """Raise an error unless graph and Pipeline predict the same of clips of noise.

    With estimators of scikit-learn, of most clips: by rounding, a value may be on the other side of a tree's threshold.
    """
    import torch

    from ._classical import Classical
    from ._encoders import EncoderFrames

    is_classical = _has(module, Classical)
    clips = _noise(module, n_clips=(3 if _has(module, EncoderFrames) else 5) if is_classical else 2)
    try:
        found = _run(content, clips, task)
    except ImportError:
        with torch.no_grad():
            found = module(torch.from_numpy(clips)).numpy()
    expected = np.reshape(task.predict(list(clips)), found.shape)
    allowed = MAX_DIFFERENCE * (1 if task.output == "probabilities" else np.abs(expected).max())
    differences = np.abs(found - expected).reshape(len(clips), -1).max(axis=1)
    difference = np.median(differences) if is_classical else differences.max()
    if not difference <= allowed:
        raise RuntimeError(
            f"The graph's {task.output} of clips of noise differ from the Pipeline's by {difference:.2g}, and "
            f"{allowed:.2g} is the most that may be. Nothing was written. Please report it, with the model."
        )


def _has(module, kind):
    return any(isinstance(part, kind) for part in module.modules())


def check_quantized(content, exact, module, task, clips=None):
    """Raise an error if a graph with weights in 8 bits predicts otherwise than `exact`, the one in float32.

    `clips`, which ranges were chosen for, is a list of (n_samples,); None is two clips of noise.
    """
    batches = [_noise(module)] if clips is None else [clip[None] for clip in clips]
    expected, found = (np.concatenate(_run_all(graph, batches, task), axis=None) for graph in (exact, content))
    difference = np.abs(found - expected).mean()
    if not difference <= MAX_CHANGE * _unit(expected, module, task):
        of_what = "two clips of noise" if clips is None else "the clips of calibrate"
        raise RuntimeError(
            f'quantize="int8" changes the {task.output} of {of_what} by {difference:.2g} on average, which is '
            "too much. Nothing was written. Leave quantize=None for this model."
        )


def _unit(expected, module, task):
    """Return how large outputs are: 1 for probabilities, else the largest number or standard deviation of targets."""
    if task.output != "numbers":
        return 1
    scales = [part.target_scale.max().item() for part in module.modules() if hasattr(part, "target_scale")]
    return max([np.abs(expected).max(), *scales])


def _noise(module, n_clips=2):
    """Draw clips of noise: (n_clips, n_samples), float32."""
    return np.random.default_rng(0).normal(scale=0.1, size=(n_clips, example_length(module))).astype(np.float32)


def _run(content, clips, task):
    """Predict clips by a graph."""
    return _run_all(content, [clips], task)[0]


def _run_all(content, batches, task):
    """Predict batches of clips by a graph: a list."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return [session.run([task.output], {"waveform": clips})[0] for clips in batches]


def example_length(module):
    """Return the samples of a clip of many frames, several segments, and several windows of encoders."""
    from ._encoders import EncoderFrames
    from ._model import Vote

    votes = [part for part in module.modules() if isinstance(part, Vote) and part.segment_length is not None]
    longest = max([vote.segment_length + vote.hop_length for vote in votes], default=0)
    encoders = [part for part in module.modules() if isinstance(part, EncoderFrames)]
    first, frame_length, hop_length = features_in(module).extent()
    n_samples = frame_length + hop_length * ((N_FRAMES_OF_ENCODERS if encoders else N_FRAMES) + 3 * longest)
    return first + max([n_samples, *(each.window + each.hop * 3 // 4 for each in encoders)])


def features_in(module):
    """Return the part of a module that takes waveforms, or the first of several."""
    from ._features import Features

    return next(part for part in module.modules() if isinstance(part, Features))
