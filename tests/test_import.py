"""What importing costs, and that names are where they are promised to be."""

import subprocess
import sys

import sklaudio

PUBLIC = set(
    """
    BLSTMClassifier ChromaTransformer FeatureDisplay FrameScaler FrameSummary FrameUnion GRUClassifier LSTMClassifier
    MFCCTransformer MelSpectrogramTransformer NetClassifier RNNClassifier SegmentVotingClassifier
    SpectralCentroidTransformer SpectralContrastTransformer StudyDisplay TimelineDisplay TrainingDisplay
    WaveformTransformer datasets export_onnx genre_features load load_audio load_pretrained make_classifier metrics
    plots
    evaluate_files predict_files predict_timeline pretrained_card pretrained_names report save
    """.split()
)


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout


def test_importing_loads_neither_torch_nor_scikit_learn():
    heavy = "{'torch', 'sklearn', 'librosa', 'pandas', 'skops', 'matplotlib'}"
    assert run(f"import sys, sklaudio; print(sorted({heavy} & set(sys.modules)))").strip() == "[]"


def test_features_do_without_torch():
    assert run("import sys; from sklaudio import MFCCTransformer; print('torch' in sys.modules)").strip() == "False"


def test_public_names_are_listed_and_load():
    assert not PUBLIC - set(sklaudio.__all__)
    assert not PUBLIC - set(dir(sklaudio))
    for name in sklaudio.__all__:
        assert getattr(sklaudio, name) is not None


def test_unknown_names_are_attribute_errors():
    assert not hasattr(sklaudio, "MP3Transformer")
