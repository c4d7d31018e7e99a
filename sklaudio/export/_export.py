"""Models for other languages and devices: a whole Pipeline as one ONNX graph."""

import contextlib
import json
import logging
import warnings

import numpy as np

from .._inference import check_clip_classifier, label_names_of
from .._introspect import deciders_of
from .._utils.atomic_write import atomic_write, writable_path
from .._utils.version import __version__
from ..multilabel import LabelThresholdClassifier

__all__ = ["export_onnx"]

OPSET = 20  # the first one whose DFT takes its axis as an input, which all since 2024 read
MAX_DIFFERENCE = 1e-4  # of probabilities, from the Pipeline's
N_CLIPS, N_FRAMES = 3, 1000  # of what is traced: no size in it may be 1, or it would be 1 for ever


def export_onnx(model, path):
    """Write a classifier of clips as one ONNX graph: waveforms in, probabilities out.

    Features, scaler, segments, vote and net are all in the graph: what runs it needs neither Python nor sklaudio.

    Parameters
    ----------
    model : Pipeline
        A fitted classifier of clips, of one class or several labels each.
    path : str or path-like
        The file to write, such as "model.onnx". A file of that name is replaced, by a whole one or not at all.

    Raises
    ------
    ValueError
        If the model has a step that cannot be exported, which the message names with those that can.
    TypeError
        If it is no classifier of clips.
    ImportError
        If onnx and onnxscript are not installed.
    FileNotFoundError, IsADirectoryError
        If there is no such folder, or `path` is one.
    RuntimeError
        If the graph probabilities otherwise than the Pipeline, which is asked before anything is written.

    See Also
    --------
    sklaudio.save : A file that Python reads again.

    Notes
    -----
    The input "waveform" is float32 of shape (batch, n_samples), at the sampling rate of the features, both of any size;
    clips of one batch are equally long. The output "probabilities" is float32 of shape (batch, n_classes), or
    (batch, n_labels). Both are named so. `duration` and `offset` of the features are in the graph: it cuts and pads.
    Decoding and resampling of files are not.

    The graph's metadata has "sr" (hertz), "classes" (a JSON list in the order of the columns: classes, or names of
    labels), "task" ("classes", of which each clip has one, or "labels", of which it has any), with labels "thresholds"
    (a JSON list: from which probability on a clip has each), "input", "output" and the versions of sklaudio and torch
    that wrote it. Probabilities differ from the Pipeline's by less than 1e-4: at each export two clips of noise are put
    to both, to the graph itself where onnxruntime is installed, else to what it was traced from.

    Examples
    --------
    >>> import sklaudio
    >>> words = sklaudio.datasets.make_words(20, random_state=0)
    >>> model = sklaudio.make_classifier("gru", sr=16000, max_epochs=1, random_state=0)
    >>> sklaudio.export_onnx(model.fit(words.data, words.target), "words.onnx")
    """
    require_onnx("export_onnx")
    sr = check_clip_classifier(model, multi_label=True)
    path = writable_path(path, "model.onnx")
    from ._model import as_module

    module = as_module(model)
    graph = _with_metadata(_trace(module), model, sr)
    import onnx

    onnx.checker.check_model(graph, full_check=True)
    content = graph.SerializeToString()
    _check_predictions(content, module, model)
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


def _trace(module):
    """The graph of a torch module (batch, n_samples) -> (batch, n_classes), as an ONNX model."""
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
            output_names=["probabilities"],
            verbose=False,
        )
    return program.model_proto


def _check_predictions(content, module, model):
    """Raise an error unless graph and Pipeline predict the same of two clips of noise."""
    import torch

    length = _example_length(module)
    clips = np.random.default_rng(0).normal(scale=0.1, size=(2, length)).astype(np.float32)
    try:
        import onnxruntime
    except ImportError:
        with torch.no_grad():
            probabilities = module(torch.from_numpy(clips)).numpy()
    else:
        session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
        (probabilities,) = session.run(["probabilities"], {"waveform": clips})
    difference = np.abs(probabilities - model.predict_proba(list(clips))).max()
    if not difference < MAX_DIFFERENCE:
        raise RuntimeError(
            f"The graph's probabilities of two clips of noise differ from the Pipeline's by {difference:.2g}, and "
            f"{MAX_DIFFERENCE} is the most that may be. Nothing was written. Please report it, with the model."
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


def _with_metadata(graph, model, sr):
    """The graph with what its user has to know, and without what torch notes in it: where files lay here, for one."""
    import torch

    for node in graph.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    del graph.graph.metadata_props[:], graph.metadata_props[:], graph.graph.value_info[:]
    for value, last in ((graph.graph.input[0], "n_samples"), (graph.graph.output[0], None)):
        del value.metadata_props[:]
        axes = value.type.tensor_type.shape.dim
        axes[0].dim_param = "batch"
        if last is not None:
            axes[1].dim_param = last
    for initializer in graph.graph.initializer:
        del initializer.metadata_props[:]
    graph.producer_name, graph.producer_version = "sklaudio", __version__
    labels = label_names_of(model)
    columns = "n_classes" if labels is None else "n_labels"
    texts = {
        "sr": str(sr),
        "classes": json.dumps((model.classes_ if labels is None else labels).tolist(), default=str),
        "task": "classes" if labels is None else "labels",
        "input": f"waveform: float32, (batch, n_samples), one channel, full scale is 1, {sr} Hz",
        "output": f"probabilities: float32, (batch, {columns}), columns in the order of classes",
        "sklaudio": __version__,
        "torch": torch.__version__,
    }
    if labels is not None:
        found = [part.thresholds_ for part in deciders_of(model) if isinstance(part, LabelThresholdClassifier)]
        texts["thresholds"] = json.dumps((found[0] if found else np.full(len(labels), 0.5)).tolist())
    for key, value in texts.items():
        graph.metadata_props.add(key=key, value=value)
    return graph
