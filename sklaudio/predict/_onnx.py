"""Models as ONNX graphs, run by ONNX Runtime: without scikit-learn and torch, which take seconds to import."""

import json
import os

import numpy as np

from .._utils.predicted_names import names_of_targets
from .._utils.terminal import abbreviated, shortened
from ..audio._load import load_audio
from ..audio._patterns import audio_files
from ..audio._sources import check_is_there, name_of
from ._predicted import (
    FileTimeline,
    class_prediction,
    frame_table,
    label_prediction,
    no_prediction,
    number_prediction,
    reason_of,
)

KINDS = {  # by the task of the metadata
    "classes": "classes",
    "labels": "labels",
    "numbers": "numbers",
    "events": "events",
    "frame_numbers": "curves",
}
HOW_TO_GET = "ONNX files are run by onnxruntime, which is not installed: pip install 'sklaudio[onnx]'."
EXPORT = "Write one with sklaudio.export_onnx or sklaudio export."


def load_onnx(path) -> "OnnxModel":
    """Load a graph that :func:`export_onnx` wrote, to predict files without scikit-learn and torch.

    Parameters
    ----------
    path : str or path-like
        The file, such as "model.onnx".

    Returns
    -------
    OnnxModel
        What :func:`predict_files` and ``sklaudio predict`` take.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no ONNX graph, or none of :func:`export_onnx`, or one of labels of frames, of which files have no
        single prediction.
    ImportError
        If onnxruntime is not installed.

    Examples
    --------
    >>> import sklaudio
    >>> words = sklaudio.datasets.make_words(20, random_state=0)
    >>> model = sklaudio.make_classifier("gru", sr=16000, max_epochs=1, random_state=0).fit(words.data, words.target)
    >>> sklaudio.export_onnx(model, "words.onnx")
    >>> graph = sklaudio.load_onnx("words.onnx")
    >>> graph.kind, graph.sr, len(graph.columns) == len(words.target_names)
    ('classes', 16000, True)
    >>> (found,) = sklaudio.predict_files(graph, [words.data[0]])
    >>> found.label == model.predict(words.data[:1])[0]
    True
    """
    return OnnxModel(path)


class OnnxModel:
    """Hold a graph of :func:`export_onnx`, with what its metadata say.

    Parameters
    ----------
    path : str or path-like
        The file.

    Attributes
    ----------
    sr : int
        Sampling rate in hertz, to which files are resampled.
    kind : {"classes", "labels", "numbers", "events", "curves"}
        What it predicts of a clip: a class, any of several labels, numbers, events in time, or numbers of each frame.
    columns : list
        The classes, labels or names of the targets.
    has_probabilities : bool
        Whether a classifier has probabilities; else it has scores.
    """

    def __init__(self, path):
        self.path = os.fspath(path)
        self._session = _open(self.path)
        self._said = self._session.get_modelmeta().custom_metadata_map
        (output,) = self._session.get_outputs()[:1]
        try:
            self.sr, task = int(self._said["sr"]), self._said["task"]
            self._settings = {name: json.loads(self._said[name]) for name in AS_JSON if name in self._said}
            self._hop = float(self._said.get("hop", 0))
            self.columns = (
                self._settings.get("classes") or self._settings.get("targets") or names_of_targets(output.shape[-1])
            )
        except (KeyError, ValueError, TypeError) as error:
            raise ValueError(f"{self.path} does not say what it predicts of which sound. {EXPORT}") from error
        if task not in KINDS:
            raise ValueError(
                f"{self.path} predicts {task} of a recording, which are arrays. Run it by onnxruntime itself, or "
                "export an EventDetector around the model, which finds events in them."
            )
        self.kind, self.has_probabilities = KINDS[task], output.name == "probabilities"

    def __repr__(self):
        """Return name and file."""
        return f"OnnxModel({self.path!r})"

    def outputs(self, clip):
        """Return the output of the graph for one clip.

        Parameters
        ----------
        clip : str, path-like, Clip, ndarray or another clip
            The clip. A waveform has the rate `sr`.

        Returns
        -------
        ndarray of shape (n_columns,) or (n_frames, n_columns), float32
            Probabilities, scores or numbers, of the clip or of each of its frames.

        Raises
        ------
        UnreadableClipError
            If it cannot be read.
        """
        if not isinstance(clip, np.ndarray):
            clip = self._read(clip)
        waveform = np.ascontiguousarray(clip, dtype=np.float32)[np.newaxis]
        return self._session.run(None, {self._session.get_inputs()[0].name: waveform})[0][0]

    def _read(self, clip):
        """Read the part of a clip that the graph uses, as features read it, behind the zeros that the graph skips."""
        check_is_there(clip)
        offset, duration = (self._settings.get(name) for name in ("offset", "duration"))
        y, _ = load_audio(clip, self.sr, offset=offset or 0.0, duration=duration)
        return np.pad(y, (int((offset or 0.0) * self.sr), 0))

    def predictions(self, clips, names):
        """Yield what :func:`predict_files` yields, of clips that have names."""
        make = getattr(self, f"_{self.kind}")
        for clip, name in zip(clips, names, strict=True):
            try:
                prediction = make(name, self.outputs(clip))
            except Exception as error:  # whatever becomes of one file, the others are not to suffer
                prediction = no_prediction(self.kind, name, reason_of(error, name))
            yield prediction

    def _classes(self, name, outputs):
        if self.has_probabilities:
            return class_prediction(name, self.columns, int(outputs.argmax()), outputs)
        winner = int(outputs.argmax()) if len(outputs) > 1 else int(outputs[0] > 0)  # of two classes, one score
        return class_prediction(name, self.columns, winner)

    def _labels(self, name, outputs):
        return label_prediction(name, self.columns, outputs >= np.array(self._settings["thresholds"]), outputs)

    def _numbers(self, name, outputs):
        return number_prediction(name, self.columns, outputs)

    def _curves(self, name, outputs):
        return FileTimeline(name, frame_table(outputs.astype(np.float64), self._hop, self.columns), None)

    def _events(self, name, outputs):
        from ..events._decisions import find_events

        decisions = (np.array(self._settings[each]) for each in ("thresholds", "median_lengths", "min_durations"))
        return FileTimeline(name, find_events(outputs, self._hop, np.array(self.columns), *decisions), None)


AS_JSON = ("classes", "targets", "offset", "duration", "thresholds", "median_lengths", "min_durations")


def predict_by_graph(model, files):
    """Predict files by an :class:`OnnxModel`, as :func:`predict_files` does by any model."""
    clips = audio_files(files)
    return model.predictions(clips, [name_of(clip, f"files[{index}]") for index, clip in enumerate(clips)])


def _open(path):
    """Open the network of a file, on the CPU."""
    if not os.path.isfile(path):
        raise FileNotFoundError(f"{abbreviated(path)}: there is no such file.")
    try:
        import onnxruntime
    except ImportError as error:
        raise ImportError(HOW_TO_GET) from error
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # which takes a core while nothing is done
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime has another kind for each reason
        reason = shortened(next(iter(str(error).splitlines()), ""))
        raise ValueError(f"{path} is no ONNX graph that onnxruntime can run ({reason}). {EXPORT}") from error
