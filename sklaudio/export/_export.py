"""Models for other languages and devices: a whole Pipeline as one ONNX graph."""

import contextlib
import logging
import warnings

import numpy as np

from .._utils.atomic_write import atomic_write, writable_path
from .._utils.version import __version__
from ._task import task_of

__all__ = ["export_onnx"]

OPSET = 20  # the first one whose DFT takes its axis as an input, which all since 2024 read
MAX_DIFFERENCE = 1e-4  # of probabilities, from the Pipeline's; of numbers, as a fraction of the largest
N_CLIPS, N_FRAMES = 3, 1000  # of what is traced: no size in it may be 1, or it would be 1 for ever


def export_onnx(model, path):
    """Write a classifier, regressor or event detector as one ONNX graph: waveforms in, probabilities or numbers out.

    Features, scaler, segments, vote or mean, and net are all in the graph: what runs it needs neither Python nor
    sklaudio.

    Parameters
    ----------
    model : Pipeline
        A fitted classifier of clips, of one class or several labels each, or a fitted regressor; behind features also a
        net that was fitted with labels or numbers of every frame, and a fitted :class:`~sklaudio.EventDetector`.
    path : str or path-like
        The file to write, such as "model.onnx". A file of that name is replaced, by a whole one or not at all.

    Raises
    ------
    ValueError
        If the model has a step that cannot be exported, which the message names with those that can.
    TypeError
        If it is no classifier, regressor or detector of clips.
    ImportError
        If onnx and onnxscript are not installed.
    FileNotFoundError, IsADirectoryError
        If there is no such folder, or `path` is one.
    RuntimeError
        If the graph predicts otherwise than the Pipeline, which is asked before anything is written.

    See Also
    --------
    sklaudio.save : A file that Python reads again.

    Notes
    -----
    The input "waveform" is float32 of shape (batch, n_samples), at the sampling rate of the features, both of any size;
    clips of one batch are equally long. The output of a classifier is "probabilities", float32 of shape
    (batch, n_classes) or (batch, n_labels), that of a regressor "numbers", (batch, n_targets). Those of frames have an
    axis more, (batch, n_frames, n_labels) or (batch, n_frames, n_targets): that of a detector is what `predict_proba`
    gives. `duration` and `offset` of the features are in the graph: it cuts and pads. Decoding and resampling of files
    are not.

    The graph's metadata has "sr" (hertz), "classes" (a JSON list in the order of the columns: classes or names of
    labels; none of a regressor), "task" ("classes", of which each clip has one, "labels", of which it has any,
    "numbers", "events", "frame_labels" or "frame_numbers"), with labels "thresholds" (a JSON list: from which
    probability on a clip has each), with frames "hop" (seconds from one to the next), "input", "output" and the
    versions of sklaudio and torch that wrote it. Events are not in the graph, but what decides about them is in the
    metadata: "thresholds", "median_lengths" (frames) and "min_durations" (seconds), a JSON list of each.

    Probabilities differ from the Pipeline's by less than 1e-4, numbers by less than 1e-4 of the largest: at each export
    two clips of noise are put to both, to the graph itself where onnxruntime is installed, else to what it was traced
    from. A detector predicts clips of more than 1280 frames in blocks, which the graph takes whole: nets that look
    further than 256 frames predict a little otherwise there.

    Examples
    --------
    >>> import sklaudio
    >>> words = sklaudio.datasets.make_words(20, random_state=0)
    >>> model = sklaudio.make_classifier("gru", sr=16000, max_epochs=1, random_state=0)
    >>> sklaudio.export_onnx(model.fit(words.data, words.target), "words.onnx")
    """
    require_onnx("export_onnx")
    task = task_of(model)
    path = writable_path(path, "model.onnx")
    from ._model import as_module

    module = as_module(model)
    graph = _with_metadata(_trace(module, task.output), module, task)
    import onnx

    onnx.checker.check_model(graph, full_check=True)
    content = graph.SerializeToString()
    _check_predictions(content, module, task)
    with atomic_write(path, "model.onnx") as file:
        file.write(content)


def require_onnx(caller):
    """Raise an error that names the extra unless what writes ONNX can be imported."""
    try:
        import onnx
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"{caller} needs onnx and onnxscript, which are not installed. Run: pip install 'sklaudio[onnx]'"
        ) from error
    return onnx


def _trace(module, output):
    """The graph of a torch module (batch, n_samples) -> (batch, …, n_outputs), as an ONNX model."""
    import torch

    from .._frames.masks import all_whole

    example = torch.zeros(N_CLIPS, _example_length(module))
    shapes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    with _silence(), all_whole(), torch.no_grad():
        traced = torch.export.export(module, (example,), dynamic_shapes=(shapes,), strict=False)
        program = torch.onnx.export(
            traced,
            dynamo=True,
            opset_version=OPSET,
            input_names=["waveform"],
            output_names=[output],
            verbose=False,
        )
    return program.model_proto


def _check_predictions(content, module, task):
    """Raise an error unless graph and Pipeline predict the same of two clips of noise."""
    import torch

    length = _example_length(module)
    clips = np.random.default_rng(0).normal(scale=0.1, size=(2, length)).astype(np.float32)
    try:
        import onnxruntime
    except ImportError:
        with torch.no_grad():
            found = module(torch.from_numpy(clips)).numpy()
    else:
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        (found,) = session.run([task.output], {"waveform": clips})
    expected = np.reshape(task.predict(list(clips)), found.shape)
    allowed = MAX_DIFFERENCE * (np.abs(expected).max() if task.output == "numbers" else 1)
    difference = np.abs(found - expected).max()
    if not difference <= allowed:
        raise RuntimeError(
            f"The graph's {task.output} of two clips of noise differ from the Pipeline's by {difference:.2g}, and "
            f"{allowed:.2g} is the most that may be. Nothing was written. Please report it, with the model."
        )


def _example_length(module):
    """Samples of a clip of many frames and several segments."""
    from ._model import Vote

    votes = [part for part in module.modules() if isinstance(part, Vote) and part.segment_length is not None]
    longest = max([vote.segment_length + vote.hop_length for vote in votes], default=0)
    first, frame_length, hop_length = module[0].extent()
    return first + frame_length + hop_length * (N_FRAMES + 3 * longest)


@contextlib.contextmanager
def _silence():
    """Keep what torch notes about its own parts away from who exports."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _with_metadata(graph, module, task):
    """The graph with what its user has to know, and without what torch notes in it: where files lay here, for one."""
    import torch

    for node in graph.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del graph.graph.metadata_props[:], graph.metadata_props[:], graph.graph.value_info[:]
    for value, names in ((graph.graph.input[0], ("batch", "n_samples")), (graph.graph.output[0], task.axes[:-1])):
        del value.metadata_props[:]
        for axis, name in zip(value.type.tensor_type.shape.dim, names, strict=False):
            axis.dim_param = name
    for initializer in graph.graph.initializer:
        del initializer.metadata_props[:]
    graph.producer_name, graph.producer_version = "sklaudio", __version__
    order = "in the unit of y" if task.output == "numbers" else "columns in the order of classes"
    texts = {
        "sr": str(task.sr),
        "task": task.name,
        "input": f"waveform: float32, (batch, n_samples), one channel, full scale is 1, {task.sr} Hz",
        "output": f"{task.output}: float32, ({', '.join(task.axes)}), {order}",
        "sklaudio": __version__,
        "torch": torch.__version__,
    }
    if task.is_of_frames:
        _, _, hop_length = module[0].extent()
        texts["hop"] = str(hop_length / task.sr)
    for key, value in (texts | task.texts).items():
        graph.metadata_props.add(key=key, value=value)
    return graph
