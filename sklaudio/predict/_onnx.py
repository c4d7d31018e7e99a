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
SAVED = "sklaudio.load reads saved models."
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
        What :func:`predict_files`, :func:`evaluate_files` and :func:`report` take, and the commands of these names.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is no ONNX graph, or none of :func:`export_onnx`, or one of labels of frames, of which files have no
        single prediction; or a file of :func:`save`.
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
    classes_, label_names_, thresholds_, target_names_ : ndarray
        As the model has them: classes, or labels of events; labels of clips, and from which probability on a clip has
        each; targets with names. Others of these are not there.
    hop : float
        Seconds from one frame to the next, of "events" and "curves".
    """

    def __init__(self, path):
        self.path = os.fspath(path)
        self._session = _open(self.path)
        self._said = self._session.get_modelmeta().custom_metadata_map
        (output,) = self._session.get_outputs()[:1]
        try:
            self.sr, task = int(self._said["sr"]), self._said["task"]
            self._settings = {name: json.loads(self._said[name]) for name in AS_JSON if name in self._said}
            self.hop = float(self._said.get("hop", 0))
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
        self._name_columns()

    def _name_columns(self):
        """Set what estimators call the columns, where there are such."""
        if self.kind in ("classes", "events"):
            self.classes_ = np.array(self.columns)
        elif self.kind == "labels":
            self.label_names_, self.thresholds_ = np.array(self.columns), np.array(self._settings["thresholds"])
        elif "targets" in self._settings:
            self.target_names_ = np.array(self.columns, dtype=object)

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

    def predict_proba(self, clips):
        """Return the probabilities of clips, as the model does: clip by clip, an error at one that cannot be read.

        Parameters
        ----------
        clips : sequence of clips
            As in :meth:`outputs`.

        Returns
        -------
        ndarray of shape (n_clips, n_columns), or list of ndarray of shape (n_frames_i, n_columns) of events

        Raises
        ------
        TypeError
            If the graph has none, or `clips` is one file.
        UnreadableClipError
            If a clip cannot be read.
        """
        if not self.has_probabilities:
            raise TypeError(f"{self.path} has no probabilities: the model that it was exported from has none.")
        outputs = self._outputs_of(clips)
        return outputs if self.kind == "events" else np.reshape(outputs, (-1, len(self.columns)))

    def predict(self, clips):
        """Predict clips, as the model does: clip by clip, an error at one that cannot be read.

        Parameters
        ----------
        clips : sequence of clips
            As in :meth:`outputs`.

        Returns
        -------
        ndarray of shape (n_clips,) or (n_clips, n_columns), or list
            Classes; or 0 and 1 for each label; or numbers; or a list of the table of events, or of the numbers of the
            frames, (n_frames_i, n_columns), of each clip.

        Raises
        ------
        TypeError
            If `clips` is one file.
        UnreadableClipError
            If a clip cannot be read.
        """
        outputs = self._outputs_of(clips)
        if self.kind == "classes":
            return self.classes_[np.array([self._winner(of_clip) for of_clip in outputs], dtype=int)]
        if self.kind == "labels":
            return (np.reshape(outputs, (-1, len(self.columns))) >= self.thresholds_).astype(int)
        if self.kind == "events":
            return list(map(self.events_of, outputs))
        if self.kind == "curves":
            return outputs
        return np.array([of_clip[0] for of_clip in outputs]) if len(self.columns) == 1 else np.array(outputs)

    def _outputs_of(self, clips):
        """Return the outputs of each clip of several."""
        if isinstance(clips, (str, bytes, os.PathLike)):
            raise TypeError(
                f"clips={shortened(clips)} is one clip. Pass a list of clips, such as [{shortened(clips)}]."
            )
        return list(map(self.outputs, clips))

    def events_of(self, probabilities):
        """Find the events in probabilities of frames, as :class:`~sklaudio.EventDetector` does.

        Parameters
        ----------
        probabilities : ndarray of shape (n_frames, n_labels)
            What :meth:`outputs` gives of a graph of events.

        Returns
        -------
        DataFrame
            `start`, `end`, `label` and `probability` of each.
        """
        from ..events._decisions import find_events

        decisions = (np.array(self._settings[each]) for each in ("thresholds", "median_lengths", "min_durations"))
        return find_events(probabilities, self.hop, self.classes_, *decisions)

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

    def _winner(self, outputs):
        """Return the place of the class of a clip: by a threshold where the model has one, else the largest output."""
        if "threshold" not in self._settings:
            return int(outputs.argmax()) if len(outputs) > 1 else int(outputs[0] > 0)
        positive = self.columns.index(self._settings["threshold_of"])
        return positive if outputs[positive] >= self._settings["threshold"] else 1 - positive

    def _classes(self, name, outputs):
        return class_prediction(name, self.columns, self._winner(outputs), outputs if self.has_probabilities else None)

    def _labels(self, name, outputs):
        return label_prediction(name, self.columns, outputs >= self.thresholds_, outputs)

    def _numbers(self, name, outputs):
        return number_prediction(name, self.columns, outputs)

    def _curves(self, name, outputs):
        return FileTimeline(name, frame_table(outputs.astype(np.float64), self.hop, self.columns), None)

    def _events(self, name, outputs):
        return FileTimeline(name, self.events_of(outputs), None)


AS_JSON = (
    "classes",
    "targets",
    "offset",
    "duration",
    "thresholds",
    "median_lengths",
    "min_durations",
    "threshold",
    "threshold_of",
)


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
        counsel = SAVED if path.lower().endswith(".skops") else EXPORT
        raise ValueError(f"{path} is no ONNX graph that onnxruntime can run ({reason}). {counsel}") from error
