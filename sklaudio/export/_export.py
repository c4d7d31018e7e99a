"""Models for other languages and devices: a whole Pipeline as one ONNX graph."""

import numpy as np

from .._utils.atomic_write import atomic_write, writable_path
from .._utils.terminal import shortened
from .._utils.version import __version__
from ..audio import load_audio
from ._check import check_predictions, content_of, features_in
from ._compact import compute_indices, leave_out_zeros, merge_equal
from ._quantize import layers_of, quantized
from ._task import task_of

__all__ = ["export_onnx"]

ORDERS = {
    "probabilities": "columns in the order of classes",
    "scores": "columns in the order of classes, the largest decides; of two classes one, above 0 for the second",
    "numbers": "in the unit of y",
}


def export_onnx(model, path, quantize=None, calibrate=None) -> None:
    """Write a classifier, regressor or event detector as one ONNX graph: waveforms in, probabilities or numbers out.

    Features or encoder, scaler, segments, vote or mean, and net are all in the graph: what runs it needs neither Python
    nor sklaudio.

    Parameters
    ----------
    model : Pipeline
        A fitted classifier of clips, of one class or several labels each, or a fitted regressor; behind features also a
        net that was fitted with labels or numbers of every frame, and a fitted :class:`~sklaudio.EventDetector`. Behind
        a :class:`~sklaudio.FrameSummary` it may have estimators of scikit-learn that skl2onnx converts. Around any of
        these, a :class:`~sklearn.calibration.CalibratedClassifierCV` with ``method="sigmoid"`` or "temperature". In
        place of features it may have an :class:`~sklaudio.EncoderTransformer`, or be a whole
        :class:`~sklaudio.EncoderClassifier`.
    path : str or path-like
        The file to write, such as "model.onnx". A file of that name is replaced, by a whole one or not at all.
    quantize : None or "int8", default=None
        "int8" stores the weights of nets and of the layers of encoders as int8, with a scale for each channel: about a
        quarter of their size. What is computed stays in float32, so the file is smaller, and not faster. Of
        encoders, the smallest weights, 2% of the numbers, stay in float32, and all where predictions would change too
        much.
    calibrate : sequence of clips or None, default=None
        With ``quantize="int8"``, some hundred clips such as the model will predict, of any kind that it takes: what
        comes to each convolution and linear layer of the nets is rounded to int8 as well, in the range that it has in
        them, as microcontrollers and accelerators compute it. Recurrent layers and encoders compute in float32.

    Raises
    ------
    ValueError
        If the model has a step that cannot be exported, which the message names with those that can, or an encoder of
        torch that cannot be traced, or if `quantize` is neither, or there are no weights of 512 numbers or more to
        quantize, or `calibrate` is empty or comes without `quantize`.
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
    load_onnx : Predict files by the graph, without scikit-learn and torch.

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
    probability on a clip has each), behind a threshold of scikit-learn "threshold" and the class "threshold_of", with
    frames "hop" (seconds from one to the next), with encoders "encoders" (a JSON list of "name", "licence" and "hash"),
    "weights" ("float32" or "int8"), with `calibrate` "activations" ("int8"), "targets" (a JSON list of the names of
    numbers, of a regressor that has some), "offset" and "duration" (seconds of a clip that the graph leaves out, and
    that it uses after these; where the features have one of them), "input", "output" and the versions of sklaudio and
    torch that wrote it. Events are not in the graph, but what decides about them is in the metadata: "thresholds",
    "median_lengths" (frames) and "min_durations" (seconds), a JSON list of each.

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
    path = writable_path(path, "model.onnx")
    content, _ = graph_of(model, quantize, calibrate)
    with atomic_write(path, "model.onnx") as file:
        file.write(content)


def graph_of(model, quantize=None, calibrate=None):
    """Make the graph of a model, and compare its predictions with those of the model.

    Parameters
    ----------
    model, quantize, calibrate
        As of :func:`export_onnx`.

    Returns
    -------
    content : bytes
        The graph.
    task : Task
        What it predicts.

    Raises
    ------
    ValueError, TypeError, ImportError, RuntimeError
        As :func:`export_onnx`.
    """
    _check_quantize(quantize, calibrate)
    task = task_of(model)
    clips = None if calibrate is None else [_waveform(clip, task.sr) for clip in calibrate]
    from ._inserted import put_in
    from ._model import as_module
    from ._trace import trace

    module = as_module(model, scores=task.is_scores)
    graph = trace(module, task.output)
    put_in(graph, module)
    merge_equal(graph)
    layers = layers_of(graph, module)  # before the notes of torch, of which module each node is, are removed
    compute_indices(graph)
    leave_out_zeros(graph, layers.weights)
    content = content_of(_with_metadata(graph, module, task))
    check_predictions(content, module, task)
    if quantize is not None:
        content = quantized(graph, layers, content, module, task, clips)
    return content, task


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
    """Return the samples of a clip, float32."""
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


def _with_metadata(graph, module, task):
    """Add what its user has to know to a graph, without what torch notes in it: where files lay here, for one."""
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
