"""Models for other languages and devices: a whole Pipeline as one ONNX graph."""

import contextlib
import logging
import warnings

import numpy as np

from .._utils.atomic_write import atomic_write, writable_path
from .._utils.terminal import shortened
from .._utils.version import __version__
from ..audio import load_audio
from ._check import check_predictions, check_quantized, example_length, features_in
from ._compact import MIN_SIZE, compute_indices, leave_out_zeros, quantize_weights, weights_of_nets
from ._static import layers_of_nets, quantize_layers
from ._task import task_of

__all__ = ["export_onnx"]

OPSET = 20  # the first one whose DFT takes its axis as an input, which all since 2024 read
ORDERS = {
    "probabilities": "columns in the order of classes",
    "scores": "columns in the order of classes, the largest decides; of two classes one, above 0 for the second",
    "numbers": "in the unit of y",
}
N_CLIPS = 3  # of what is traced: no size in it may be 1, or it would be 1 for ever


def export_onnx(model, path, quantize=None, calibrate=None) -> None:
    """Write a classifier, regressor or event detector as one ONNX graph: waveforms in, probabilities or numbers out.

    Features, scaler, segments, vote or mean, and net are all in the graph: what runs it needs neither Python nor
    sklaudio.

    Parameters
    ----------
    model : Pipeline
        A fitted classifier of clips, of one class or several labels each, or a fitted regressor; behind features also a
        net that was fitted with labels or numbers of every frame, and a fitted :class:`~sklaudio.EventDetector`. Behind
        a :class:`~sklaudio.FrameSummary` it may have estimators of scikit-learn that skl2onnx converts. Around any of
        these, a :class:`~sklearn.calibration.CalibratedClassifierCV` with ``method="sigmoid"`` or "temperature".
    path : str or path-like
        The file to write, such as "model.onnx". A file of that name is replaced, by a whole one or not at all.
    quantize : None or "int8", default=None
        "int8" stores the weights of nets as int8, with a scale for each channel: about a quarter of their size. What is
        computed stays in float32, so the file is smaller, and not faster.
    calibrate : sequence of clips or None, default=None
        With ``quantize="int8"``, some hundred clips such as the model will predict, of any kind that it takes: what
        comes to each convolution and linear layer of the nets is rounded to int8 as well, in the range that it has in
        them, as microcontrollers and accelerators compute it. Recurrent layers compute in float32.

    Raises
    ------
    ValueError
        If the model has a step that cannot be exported, which the message names with those that can, or if `quantize`
        is neither, or there are no weights of 512 numbers or more to quantize, or `calibrate` is empty or comes without
        `quantize`.
    TypeError
        If it is no classifier, regressor or detector of clips.
    ImportError
        If onnx and onnxscript are not installed, or for `quantize` onnxruntime, or for estimators of scikit-learn
        skl2onnx.
    FileNotFoundError, IsADirectoryError
        If there is no such folder, or `path` is one.
    RuntimeError
        If the graph predicts otherwise than the Pipeline, which is asked before anything is written, or if int8 changes
        predictions of noise, or of the clips of `calibrate`, by more than 0.05 on average.

    See Also
    --------
    sklaudio.save : A file that Python reads again.

    Notes
    -----
    The input "waveform" is float32 of shape (batch, n_samples), at the sampling rate of the features, both of any size;
    clips of one batch are equally long. The output of a classifier is "probabilities", float32 of shape
    (batch, n_classes) or (batch, n_labels), that of a regressor "numbers", (batch, n_targets). A classifier that has a
    `decision_function` alone has "scores", with one column where there are two classes. Those of frames have an
    axis more, (batch, n_frames, n_labels) or (batch, n_frames, n_targets): that of a detector is what `predict_proba`
    gives. `duration` and `offset` of the features are in the graph: it cuts and pads. Decoding and resampling of files
    are not.

    The graph's metadata has "sr" (hertz), "classes" (a JSON list in the order of the columns: classes or names of
    labels; none of a regressor), "task" ("classes", of which each clip has one, "labels", of which it has any,
    "numbers", "events", "frame_labels" or "frame_numbers"), with labels "thresholds" (a JSON list: from which
    probability on a clip has each), with frames "hop" (seconds from one to the next), "weights" ("float32" or "int8"),
    with `calibrate` "activations" ("int8"), "input", "output" and the versions of sklaudio and torch that wrote it.
    Events are not in the graph, but what decides about them is in the metadata: "thresholds", "median_lengths" (frames)
    and "min_durations" (seconds), a JSON list of each.

    Probabilities differ from the Pipeline's by less than 1e-4, numbers by less than 1e-4 of the largest: at each export
    clips of noise are put to both, to the graph itself where onnxruntime is installed, else to what it was traced from.
    By rounding, a tree or a neighbour may decide otherwise of a few clips. A detector predicts clips of more than 1280
    frames in blocks, which the graph takes whole: nets that look further than 256 frames predict a little otherwise
    there. With `quantize` this holds before weights are rounded. Afterwards the predictions of noise may differ by 0.05
    on average; those of the trained models here do by far less.

    Examples
    --------
    >>> import sklaudio
    >>> words = sklaudio.datasets.make_words(20, random_state=0)
    >>> model = sklaudio.make_classifier("gru", sr=16000, max_epochs=1, random_state=0)
    >>> sklaudio.export_onnx(model.fit(words.data, words.target), "words.onnx")
    """
    require_onnx("export_onnx")
    _check_quantize(quantize, calibrate)
    task = task_of(model)
    path = writable_path(path, "model.onnx")
    clips = None if calibrate is None else [_waveform(clip, task.sr) for clip in calibrate]
    from ._classical import put_in
    from ._model import as_module

    module = as_module(model, scores=task.is_scores)
    graph = _trace(module, task.output)
    weights = weights_of_nets(graph, _nets(module))
    layers = layers_of_nets(graph, _nets(module))
    compute_indices(graph)
    leave_out_zeros(graph, weights)
    put_in(graph, module)
    content = _checked(_with_metadata(graph, module, task))
    check_predictions(content, module, task)
    if quantize is not None:
        content = _quantized(graph, weights, layers, clips, content, module, task)
    with atomic_write(path, "model.onnx") as file:
        file.write(content)


def _check_quantize(quantize, calibrate):
    """Raise an error unless it is one that there is, and what checks its predictions can be imported."""
    if quantize not in (None, "int8"):
        raise ValueError(f'quantize={shortened(quantize)}: take None or "int8".')
    if calibrate is not None and (quantize is None or len(calibrate) == 0):
        what = "is empty: give some hundred clips" if quantize else 'has no part without quantize="int8": give it'
        raise ValueError(f"calibrate {what}, or leave calibrate out.")
    if quantize is not None:
        try:
            import onnxruntime  # noqa: F401
        except ImportError as error:
            raise ImportError(
                f"quantize={quantize!r} needs onnxruntime, which is not installed. Run: pip install 'sklaudio[onnx]'"
            ) from error


def _waveform(clip, sr):
    """Samples of a clip, float32."""
    return np.asarray(clip, dtype=np.float32) if isinstance(clip, np.ndarray) else load_audio(clip, sr)[0]


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

    example = torch.zeros(N_CLIPS, example_length(module))
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


def _nets(module):
    """Names of the parts of a module that are nets."""
    from ._model import Net

    return [name for name, part in module.named_modules() if isinstance(part, Net)]


def _checked(graph):
    """A graph as bytes, or an error if it is none that ONNX allows."""
    import onnx

    onnx.checker.check_model(graph, full_check=True)
    return graph.SerializeToString()


def _quantized(graph, weights, layers, clips, exact, module, task):
    """The graph with weights as int8, as bytes, or an error if it predicts otherwise than that of float32, `exact`.

    With clips, what comes to the layers is in 8 bits as well.
    """
    if clips is not None and not layers:
        raise ValueError("calibrate: no net has a convolution or a linear layer to compute in int8. Leave it out.")
    if clips is None and not weights:
        raise ValueError(
            f'quantize="int8": no weight of a net has {MIN_SIZE} numbers or more, so there is nothing to make smaller. '
            "Leave quantize=None."
        )
    next(each for each in graph.metadata_props if each.key == "weights").value = "int8"
    if clips is None:
        quantize_weights(graph, weights)
    else:
        graph.metadata_props.add(key="activations", value="int8")
        graph = quantize_layers(graph, layers, weights, clips)
    content = _checked(graph)
    check_quantized(content, exact, module, task, clips)
    return content


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
    order = ORDERS[task.output]
    texts = {
        "sr": str(task.sr),
        "task": task.name,
        "input": f"waveform: float32, (batch, n_samples), one channel, full scale is 1, {task.sr} Hz",
        "output": f"{task.output}: float32, ({', '.join(task.axes)}), {order}",
        "weights": "float32",
        "sklaudio": __version__,
        "torch": torch.__version__,
    }
    if task.is_of_frames:
        _, _, hop_length = features_in(module).extent()
        texts["hop"] = str(hop_length / task.sr)
    for key, value in (texts | task.texts).items():
        graph.metadata_props.add(key=key, value=value)
    return graph
